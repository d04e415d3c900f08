public import FileIO

/// What a file of word vectors holds that is none, or not what it says of itself: counted by kind, the first of each
/// named.
public struct VectorProblems: Sendable {
  public enum Kind: String, Sendable, CaseIterable {
    case blank = "blank lines"
    /// Too few or too many numbers, or what is no number; also words with white space in them.
    case malformed = "malformed lines"
    case duplicate = "words for the second time"
    /// Infinities and what is not a number.
    case notFinite = "vectors that are not finite"
    /// More or fewer words than the first line says.
    case count = "wrong counts"
  }

  /// Of each kind this many are named.
  public static let named = 5

  private var counts: [Kind: Int] = [:]
  /// The first of each kind, in the order of the file.
  public private(set) var examples: [Failure] = []

  public subscript(kind: Kind) -> Int { counts[kind, default: 0] }

  public var isEmpty: Bool { counts.isEmpty }

  /// `2 blank lines, 1 malformed lines`; empty where there are none.
  public var summary: String {
    Kind.allCases.filter { self[$0] > 0 }.map { "\(self[$0]) \($0.rawValue)" }.joined(separator: ", ")
  }

  mutating func add(_ kind: Kind, _ path: String, at position: String?, _ reason: @autoclosure () -> String) {
    counts[kind, default: 0] += 1
    if self[kind] <= Self.named { examples.append(Failure(.badInput, path: path, at: position, reason())) }
  }
}
