/// A sentence and its class.
public struct LabelledSentence: Sendable, Equatable {
  /// As in the file, without white space at its ends; empty where there was nothing.
  public var text: String
  /// By place in ``TransferSet/classes``.
  public var label: Int32

  public init(_ text: String, label: Int32) {
    self.text = text
    self.label = label
  }
}

/// A task by which sentence vectors are judged: sentences to be told apart.
public struct TransferSet: Sendable, Equatable {
  /// As published, such as `MR`, or after its file.
  public var name: String
  /// Numbers ascending, other labels by their bytes.
  public var classes: [String]
  /// To be divided into folds, or, with a ``test`` part, to be trained on.
  public var sentences: [LabelledSentence]
  /// Sentences that the set itself puts aside.
  public var test: [LabelledSentence]?

  public init(name: String, classes: [String], sentences: [LabelledSentence], test: [LabelledSentence]? = nil) {
    self.name = name
    self.classes = classes
    self.sentences = sentences
    self.test = test
  }

  /// All sentences, those of the test part last.
  public var all: [LabelledSentence] { sentences + (test ?? []) }
}
