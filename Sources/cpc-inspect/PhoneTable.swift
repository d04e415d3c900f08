import CommandSupport
import FileIO
import OrderedJSON

/// The histogram that a card has of a plane of labels, as a table: the most frequent classes first.
struct PhoneTable {
  private struct Row {
    var name: String
    var cells: Double
    var segments: Double
    var transcripts: Double
  }

  private let plane: String
  private let rows: [Row]
  private let hasTranscripts: Bool
  private let words: (all: Int, unknown: Int)

  /// Longer tables are for programs: `--json` has all of it.
  private static let maximumRows = 64
  /// No transcript has it, so that shares which are to be compared leave it out.
  private static let silence = "SIL"

  /// Nil where the card has no histogram.
  init?(plane: String, _ facts: JSON) {
    guard let histogram = facts["histogram"], let cells = histogram["cells"]?.arrayValue,
      let segments = histogram["segments"]?.arrayValue
    else { return nil }
    let transcripts = histogram["transcripts"]?.arrayValue
    func number(_ values: [JSON]?, _ i: Int) -> Double {
      guard let values, values.indices.contains(i) else { return 0 }
      return values[i].doubleValue ?? 0
    }
    self.plane = plane
    hasTranscripts = transcripts != nil
    words = (histogram["words"]?.intValue ?? 0, histogram["unknown_words"]?.intValue ?? 0)
    rows = (facts["classes"]?.arrayValue ?? []).enumerated().map { i, name in
      Row(
        name: name.stringValue ?? "", cells: number(cells, i), segments: number(segments, i),
        transcripts: number(transcripts, i))
    }
    .filter { $0.cells > 0 || $0.transcripts > 0 }
    // Sorting keeps the order of equals.
    .sorted { $0.cells > $1.cells }
  }

  var text: String {
    func sum(_ value: KeyPath<Row, Double>, _ rows: [Row]) -> Double { rows.reduce(0) { $0 + $1[keyPath: value] } }
    func percent(_ part: Double, of all: Double) -> String {
      let hundredths = all > 0 ? (10_000 * part / all).rounded() : 0
      return hundredths.isFinite ? fixed(hundredths) + " %" : "?"
    }
    let spoken = rows.filter { !isSame($0.name, Self.silence) }
    let (cells, segments) = (sum(\.cells, rows), sum(\.segments, spoken))
    let transcripts = sum(\.transcripts, spoken)
    var lines = [[plane, "cells", "segments"] + (hasTranscripts ? ["transcripts", "ratio"] : [])]
    for row in rows.prefix(Self.maximumRows) {
      var line = [row.name, percent(row.cells, of: cells)]
      if isSame(row.name, Self.silence) {
        line += hasTranscripts ? ["", "", ""] : [""]
      } else {
        line.append(percent(row.segments, of: segments))
        if hasTranscripts {
          let ratio = (100 * row.segments / segments * (transcripts / row.transcripts)).rounded()
          line += [percent(row.transcripts, of: transcripts), ratio.isFinite ? fixed(ratio) : ""]
        }
      }
      lines.append(line)
    }
    var text = table(lines)
    if rows.count > Self.maximumRows {
      text += "and \(counted(rows.count - Self.maximumRows, "class", "classes")) more\n"
    }
    if words.unknown > 0 {
      text += "without \(grouped(words.unknown)) of \(counted(words.all, "word")) whose phones cannot be told\n"
    }
    return text
  }

  /// Two decimals.
  private func fixed(_ hundredths: Double) -> String {
    guard abs(hundredths) < 1e15 else { return "\(hundredths / 100)" }
    let value = Int(hundredths)
    let decimals = value % 100
    return "\(value / 100).\(decimals < 10 ? "0" : "")\(decimals)"
  }
}
