package import FileIO

/// The rows of a table by the bytes of their paths.
package struct ListedImages {
  package enum Answer {
    case row(ImageRow)
    /// What is wrong with its row has been said.
    case refused
  }

  private var rows: [ImageRow] = []
  private var isTaken: [Bool] = []
  /// Indices into `rows`; -1 is refused.
  private var indices: [SIMD2<UInt64>: Int] = [:]
  /// As Swift compares them: what looks the same is equal.
  private lazy var twins = Set(rows.lazy.map(\.path))

  package init() {}

  /// Why a row cannot be; nil if it can.
  package mutating func add(_ row: ImageRow, name: String) -> Failure? {
    let key = XXH3.key128(row.path)
    guard indices[key] == nil else {
      let earlier = indices[key].flatMap { $0 < 0 ? nil : "; the first is in line \(rows[$0].line)" } ?? ""
      return Failure(.badInput, path: name, at: "line \(row.line)", "a second row of '\(row.path)'\(earlier)")
    }
    indices[key] = rows.count
    rows.append(row)
    isTaken.append(false)
    return nil
  }

  package mutating func refuse(_ path: String) {
    let key = XXH3.key128(path)
    if indices[key] == nil { indices[key] = -1 }
  }

  package mutating func take(_ path: String) -> Answer? {
    guard let index = indices[XXH3.key128(path)] else { return nil }
    guard index >= 0 else { return .refused }
    isTaken[index] = true
    return .row(rows[index])
  }

  package mutating func hasTwin(_ path: String) -> Bool { twins.contains(path) }

  package var left: [ImageRow] { rows.indices.lazy.filter { !isTaken[$0] }.map { rows[$0] } }
}
