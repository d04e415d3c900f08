import FileIO
import OrderedJSON
import Probes

/// Results of several vectors on several sets, one table: sets in columns, vectors in rows, the paper's rows below.
public struct TransferTable: Sendable {
  private let results: [TransferResult]
  /// In the order in which they first come.
  private let sets: [Name]
  private let titles: [Name]

  public init(_ results: [TransferResult]) {
    self.results = results
    func different(_ names: [String]) -> [Name] {
      var seen: Set<Name> = []
      return names.map { Name($0) }.filter { seen.insert($0).inserted }
    }
    sets = different(results.map(\.set))
    titles = different(results.map(\.title))
  }

  private func result(_ title: Name, _ set: Name) -> TransferResult? {
    results.first { isSame($0.title, title.text) && isSame($0.set, set.text) }
  }

  /// Rows of the paper that have something in one of the columns.
  private var published: [PublishedRow] {
    PublishedRow.all.filter { row in sets.contains { row.accuracy(of: $0.text) != nil } }
  }

  /// Accuracies in per cent, with the deviations over folds.
  public var text: String {
    func cell(_ result: TransferResult?) -> String {
      result.map { "\(TableText.percent($0.accuracy)) ±\(TableText.percent($0.deviation))" } ?? "–"
    }
    var lines = [[""] + sets.map(\.text)]
    lines += titles.map { title in [title.text] + sets.map { cell(result(title, $0)) } }
    lines += published.map { row in
      [row.name] + sets.map { row.accuracy(of: $0.text).map { TableText.percent($0 / 100) } ?? "–" }
    }
    let widths = lines[0].indices.map { column in lines.map { $0[column].unicodeScalars.count }.max()! }
    return lines.map { line in
      var cells = [Self.padded(line[0], widths[0])]
      for (column, cell) in line.enumerated().dropFirst() { cells.append(Self.padded(cell, widths[column])) }
      var text = cells.joined(separator: "  ")
      while text.utf8.last == 0x20 { text.removeLast() }
      return text + "\n"
    }.joined()
  }

  private static func padded(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.unicodeScalars.count))
  }

  /// Rows of a LaTeX table: title, and accuracies in per cent.
  public var latex: String {
    let own = titles.map { title in
      TableText.row([TableText.escaped(title.text)] + sets.map { TableText.percent(result(title, $0)?.accuracy) })
    }
    let others = published.map { row in
      TableText.row(
        [TableText.escaped(row.name)] + sets.map { TableText.percent(row.accuracy(of: $0.text).map { $0 / 100 }) })
    }
    return (own + others).joined()
  }

  /// A line for each vectors, set and fold: comma-separated values with a head, accuracies as shares of 1.
  public var csv: String {
    let head = ["features", "set", "protocol", "fold", "accuracy", "inverse_strength"]
    return TableText.csv(
      [head]
        + results.flatMap { result in
          result.accuracies.enumerated().map { fold, accuracy in
            [
              result.title, result.set, result.transferProtocol.rawValue, String(fold + 1), JSON.real(accuracy).compact,
              result.chosen.isEmpty ? "" : JSON.real(result.chosen[fold]).compact,
            ]
          }
        })
  }
}
