/// How a set is divided, and what the strength of the penalty is chosen from: as one of two programs do whose numbers are
/// published.
public enum TransferProtocol: String, Sendable, CaseIterable {
  /// Of SentEval (Conneau and Kiela 2018, `senteval/tools/validation.py`) with its scikit-learn back end: sentences sorted by
  /// length and label; ten stratified folds, shuffled by seed 1111, in each of which C is chosen of 2⁻² … 2³ by ten more;
  /// with a test part, C of 2⁻¹ … 2⁵ by ten folds. Mean accuracies are rounded to two decimals of a per cent before they are compared.
  case senteval
  /// Of skip-thoughts (Kiros et al. 2015, `eval_classification.py` and `eval_trec.py`): sentences shuffled by seed 1234, ten folds of
  /// neighbours, in each of which C is chosen of 2⁰ … 2⁸ by ten more. Its own seeds of folds do nothing, as they are not
  /// shuffled. Empty sentences are left out.
  case skipThoughts = "skip-thoughts"

  static let folds = 10

  /// Candidates for scikit-learn's C, the inverse of the penalty's strength, ascending.
  func strengths(hasTest: Bool) -> [Double] {
    let exponents: ClosedRange<Int> =
      switch self {
      case .senteval: hasTest ? -1...5 : -2...3
      case .skipThoughts: 0...8
      }
    return exponents.map { $0 < 0 ? 1 / Double(1 << -$0) : Double(1 << $0) }
  }

  /// Whether sentences without a word take part.
  var keepsEmpty: Bool { self == .senteval }

  /// The order in which sentences are divided, by place.
  func order(_ sentences: [LabelledSentence]) -> [Int] {
    switch self {
    case .senteval:
      let keys = sentences.map { (length: Self.length($0.text), label: $0.label) }
      return sentences.indices.sorted { (keys[$0].length, keys[$0].label, $0) < (keys[$1].length, keys[$1].label, $1) }
    case .skipThoughts:
      var order = Array(sentences.indices)
      var random = MersenneTwister(seed: 1234)
      random.shuffle(&order)
      return order
    }
  }

  /// Words between white space, as Python's `split()` counts them in ASCII.
  private static func length(_ text: String) -> Int {
    text.utf8.split { $0 == 0x20 || 0x09...0x0d ~= $0 || 0x1c...0x1f ~= $0 }.count
  }

  /// Test parts of folds, as places in `labels`, which are in this protocol's order.
  func divide(_ labels: [Int32]) throws -> [[Int]] {
    switch self {
    case .senteval: try Folds.stratified(labels, folds: Self.folds, seed: 1111)
    case .skipThoughts: try Folds.contiguous(labels.count, folds: Self.folds)
    }
  }

  /// The place of the best of some mean accuracies; of equals the first, which is the strongest penalty's.
  func best(_ accuracies: [Double]) -> Int {
    let compared = self == .senteval ? accuracies.map { ($0 * 10_000).rounded(.toNearestOrEven) } : accuracies
    return compared.indices.reduce(0) { compared[$1] > compared[$0] ? $1 : $0 }
  }

  /// In a sentence, for results.
  public func description(hasTest: Bool) -> String {
    let strengths = strengths(hasTest: hasTest).map { $0 < 1 ? "\($0)" : "\(Int($0))" }
    let chosen = "C of \(strengths[0]) to \(strengths[strengths.count - 1]), powers of 2"
    let fit = "logistic regression, multinomial, intercept not penalised, features as they come"
    return switch self {
    case .senteval:
      (hasTest
        ? "SentEval: \(chosen), chosen by 10 stratified folds of the training part (seed 1111)"
        : "SentEval: 10 stratified folds (seed 1111) of sentences sorted by length and label; \(chosen), chosen by 10 more in each")
        + "; \(fit)"
    case .skipThoughts:
      (hasTest
        ? "skip-thoughts: \(chosen), chosen by 10 folds of the training part, shuffled (seed 1234)"
        : "skip-thoughts: 10 folds of shuffled sentences (seed 1234), empty ones left out; \(chosen), chosen by 10 more in each")
        + "; \(fit)"
    }
  }
}
