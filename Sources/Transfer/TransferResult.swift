/// How well vectors of sentences tell the sentences of a set apart.
public struct TransferResult: Sendable, Equatable {
  public var set: String
  public var transferProtocol: TransferProtocol
  /// Of what makes the vectors.
  public var title: String
  /// Numbers of a vector; nil where there are none, as of the majority class.
  public var columns: Int?
  /// Share of test sentences told right in each fold; one where the set has a test part of its own.
  public var accuracies: [Double]
  public var hasTestPart: Bool
  public var classes: [String]
  /// Sentences that took part, of each class, those of the test part included.
  public var classCounts: [Int]
  public var sentences: Int
  public var testSentences: Int
  /// See `TransferPlan`.
  public var emptySentences: Int
  public var leftOut: Int
  public var repeats: Repeats
  public var coverage: WordCoverage?
  /// scikit-learn's C of each fold.
  public var chosen: [Double] = []
  /// Mean over folds of the accuracy by which C was chosen.
  public var validationAccuracy: Double?
  public var fits = 0
  /// Fits that were ended before they met their criterion.
  public var unconvergedFits = 0

  init(
    _ set: TransferSet, _ plan: TransferPlan, title: String, accuracies: [Double], by transferProtocol: TransferProtocol
  ) {
    self.set = set.name
    self.transferProtocol = transferProtocol
    self.title = title
    self.accuracies = accuracies
    hasTestPart = set.test != nil
    classes = set.classes
    var counts = [Int](repeating: 0, count: set.classes.count)
    for sentence in plan.sentences { counts[Int(sentence.label)] += 1 }
    classCounts = counts
    sentences = plan.sentences.count
    testSentences = plan.divisions.reduce(0) { $0 + $1.test.count }
    emptySentences = plan.empty
    leftOut = plan.leftOut
    repeats = plan.repeats
  }

  /// Mean over folds.
  public var accuracy: Double { accuracies.reduce(0, +) / Double(accuracies.count) }

  /// Over folds, about their mean, with one fold less to divide by; of a test part the standard error of a share of so
  /// many sentences.
  public var deviation: Double {
    let mean = accuracy
    guard !hasTestPart else { return (mean * (1 - mean) / Double(testSentences)).squareRoot() }
    let squares = accuracies.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(accuracies.count - 1)).squareRoot()
  }

  /// What it is compared with in the paper: its own accuracy, a share of 1; nil for sets that are not the paper's.
  public var published: Double? { PublishedRow.all.last?.accuracy(of: set).map { $0 / 100 } }
}
