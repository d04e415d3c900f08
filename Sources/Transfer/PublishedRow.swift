import FileIO

/// Accuracies, in per cent, that van den Oord et al. (arXiv 1807.03748, table 5) print: their own and those that they
/// compare with.
public struct PublishedRow: Sendable, Equatable {
  public var name: String
  /// Of ``sets``, in their order.
  public var accuracies: [Double?]

  public static let sets = ["MR", "CR", "Subj", "MPQA", "TREC"]

  public static let all = [
    PublishedRow(name: "Paragraph-vector", accuracies: [74.8, 78.1, 90.5, 74.2, 91.8]),
    PublishedRow(name: "Skip-thought vector", accuracies: [75.5, 79.3, 92.1, 86.9, 91.4]),
    PublishedRow(name: "Skip-thought + LN", accuracies: [79.5, 82.6, 93.4, 89.0, nil]),
    PublishedRow(name: "CPC (the paper)", accuracies: [76.9, 80.1, 91.2, 87.7, 96.8]),
  ]

  /// The column of a set by its name, in letters of any case.
  static func column(of name: String) -> Int? {
    let lower = name.asciiLowercased
    return sets.firstIndex { isSame($0.asciiLowercased, lower) }
  }

  /// A set's name as it is printed.
  static func name(of name: String) -> String? { column(of: name).map { sets[$0] } }

  /// What the row has for a set.
  public func accuracy(of set: String) -> Double? { Self.column(of: set).flatMap { accuracies[$0] } }
}
