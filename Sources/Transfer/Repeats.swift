import FileIO

/// Sentences that a set has more than once, byte for byte: what a probe may know by heart.
public struct Repeats: Sendable, Equatable {
  /// Sentences of the training part (of all, where there is no test part) that have come before.
  public var repeated = 0
  /// Different sentences that have several labels; no probe can tell all of them right.
  public var contradictory = 0
  /// Test sentences that are in the training part, too; where there is no test part, summed over folds.
  public var testInTraining = 0
  /// Those of them that never have their own label there.
  public var testContradicted = 0

  public init() {}

  /// - Parameter divisions: training and test places in `sentences` of each fold.
  init(_ sentences: [LabelledSentence], training: Range<Int>, _ divisions: [(training: [Int], test: [Int])]) {
    var labels: [Name: Set<Int32>] = [:]
    for sentence in sentences[training] {
      let name = Name(sentence.text)
      if labels[name] != nil { repeated += 1 }
      labels[name, default: []].insert(sentence.label)
    }
    contradictory = labels.values.count { $0.count > 1 }
    for (training, test) in divisions {
      var known: [Name: Set<Int32>] = [:]
      for i in training { known[Name(sentences[i].text), default: []].insert(sentences[i].label) }
      for i in test {
        guard let labels = known[Name(sentences[i].text)] else { continue }
        testInTraining += 1
        if !labels.contains(sentences[i].label) { testContradicted += 1 }
      }
    }
  }
}
