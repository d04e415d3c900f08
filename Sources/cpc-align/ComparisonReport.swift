import CommandSupport
import FileIO
import Labels
import OrderedJSON

/// What a comparison says, for people and as JSON. Times are shown in ms.
struct ComparisonReport {
  private let comparison: AlignmentComparison
  private let names: [String]
  private let worst: [AlignmentComparison.Utterance]
  private let confusions: Int
  /// Cells of each class in A and in B, and those that are the same in both.
  private let cells: [(a: Int, b: Int, same: Int)]
  private let boundaries: BoundaryStatistics
  private static let silence = "SIL"
  private static let tolerances = [10, 20, 25, 50]

  init(_ comparison: AlignmentComparison, worst: Int, confusions: Int) {
    self.comparison = comparison
    self.confusions = confusions
    names = comparison.phoneSet.names
    let classes = names.indices
    cells = classes.map { x in
      (
        classes.reduce(0) { $0 + comparison.cells(x, $1) }, classes.reduce(0) { $0 + comparison.cells($1, x) },
        comparison.cells(x, x)
      )
    }
    boundaries = BoundaryStatistics(comparison.differences)
    // Ties stay in the order of the file.
    self.worst = Array(
      comparison.utterances.enumerated().filter { $0.element.cells > 0 }
        .sorted { (Self.agreement($0.element), $0.offset) < (Self.agreement($1.element), $1.offset) }
        .prefix(worst).map(\.element))
  }

  private static func agreement(_ utterance: AlignmentComparison.Utterance) -> Double {
    Double(utterance.equal) / Double(max(1, utterance.cells))
  }

  private var all: Int { cells.reduce(0) { $0 + $1.a } }
  private var same: Int { cells.reduce(0) { $0 + $1.same } }
  private var silent: (a: Int, b: Int, same: Int) {
    names.firstIndex { isSame($0, Self.silence) }.map { cells[$0] } ?? (0, 0, 0)
  }

  /// Classes by the cells they have in A, without those that neither has.
  private var present: [Int] {
    names.indices.filter { cells[$0].a + cells[$0].b > 0 }.sorted { (cells[$1].a, $0) < (cells[$0].a, $1) }
  }

  private var topConfusions: [(a: Int, b: Int, cells: Int)] {
    names.indices.flatMap { a in names.indices.map { (a: a, b: $0, cells: comparison.cells(a, $0)) } }
      .filter { $0.a != $0.b && $0.cells > 0 }
      .sorted { ($1.cells, $0.a, $0.b) < ($0.cells, $1.a, $1.b) }
  }

  // MARK: Text

  var text: String {
    let utterances = comparison.utterances
    var lines = [
      "utterances   \(grouped(utterances.count)) compared, \(grouped(comparison.onlyA)) only in A, "
        + "\(grouped(comparison.onlyB)) only in B",
      "cells        \(grouped(all)) labelled in both, \(grouped(comparison.cellsOnlyA)) only in A, "
        + "\(grouped(comparison.cellsOnlyB)) only in B",
      "agreement    \(percent(same, all)) of the cells; without those that are SIL in A "
        + percent(same - silent.same, all - silent.a),
      "boundaries   \(grouped(boundaries.count)) matched of \(grouped(comparison.boundariesA)) in A and "
        + "\(grouped(comparison.boundariesB)) in B",
    ]
    if boundaries.count > 0 {
      lines += [
        "differences  mean \(milliseconds(boundaries.meanAbsolute)), median \(milliseconds(boundaries.medianAbsolute)), "
          + "bias (B - A) \(milliseconds(boundaries.mean))",
        "within       "
          + Self.tolerances.map { "\($0) ms \(tenths(100 * boundaries.share(within: Double($0) / 1000))) %" }
          .joined(separator: ", "),
        "             mean \(milliseconds(unsystematic)) without the mean bias of each phone (below)",
      ]
    }
    if all > same {
      let causes = comparison.disagreement
      lines += [
        "", "DISAGREEMENT  \(percent(all - same, all)) of the cells, of which",
        cause(causes.shifts, "a boundary elsewhere between the same two phones"),
        cause(causes.silenceEdges, "a silence of both that begins or ends elsewhere"),
        cause(causes.silences, "a silence that only one has"),
        cause(causes.phones, "other phones: another pronunciation"),
      ]
    }
    let most = Dictionary(topConfusions.map { ($0.a, $0) }, uniquingKeysWith: { first, _ in first })
    lines += [
      "", "PHONES       cells A   cells B   recall  precision  mean A  mean B   onset bias  |bias|  most taken for",
    ]
    for x in present {
      let phone = comparison.phones[x]
      let other = most[x].map { "\(names[$0.b]) \(percent($0.cells, cells[x].a))" } ?? ""
      lines.append(
        left(names[x], 10) + right(grouped(cells[x].a), 10) + right(grouped(cells[x].b), 10)
          + right(percent(cells[x].same, cells[x].a), 9) + right(percent(cells[x].same, cells[x].b), 11)
          + right(mean(phone.seconds.a, phone.segments.a), 8) + right(mean(phone.seconds.b, phone.segments.b), 8)
          + right(mean(phone.difference, phone.onsets), 13) + right(mean(phone.absoluteDifference, phone.onsets), 8)
          + "  " + other)
    }
    if confusions > 0, !topConfusions.isEmpty {
      lines += ["", "CONFUSIONS   in A, in B, cells"]
      for item in topConfusions.prefix(confusions) {
        lines.append(
          left("", 13) + left(names[item.a], 5) + left(names[item.b], 5) + right(grouped(item.cells), 8)
            + right(percent(item.cells, all), 8))
      }
    }
    if !worst.isEmpty {
      lines += ["", "LEAST ALIKE  agreement, cells, mean difference of boundaries"]
      for utterance in worst {
        lines.append(
          left(utterance.id, 28) + right(percent(utterance.equal, utterance.cells), 8)
            + right(grouped(utterance.cells), 8)
            + right(mean(utterance.absoluteDifference, utterance.boundaries), 10))
      }
    }
    lines += ["", "Times in ms. How boundaries are matched: cpc-align compare --help."]
    return lines.joined(separator: "\n") + "\n"
  }

  private func left(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(1, width - text.count))
  }

  private func right(_ text: String, _ width: Int) -> String {
    String(repeating: " ", count: max(1, width - text.count)) + text
  }

  private func tenths(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
  private func milliseconds(_ seconds: Double) -> String { "\(tenths(1000 * seconds)) ms" }
  private func percent(_ part: Int, _ whole: Int) -> String {
    whole == 0 ? "-" : "\(tenths(100 * Double(part) / Double(whole))) %"
  }
  private func mean(_ seconds: Double, _ count: Int) -> String {
    count == 0 ? "-" : tenths(1000 * seconds / Double(count))
  }

  private func cause(_ cells: Int, _ what: String) -> String {
    right(grouped(cells), 13) + right(percent(cells, all), 9) + "  " + what
  }

  /// Mean absolute difference of boundaries if no phone were late or early on average.
  private var unsystematic: Double { BoundaryStatistics(comparison.unsystematicDifferences).meanAbsolute }

  // MARK: JSON

  var json: JSON {
    .object([
      "utterances": .int(comparison.utterances.count), "utterances_only_a": .int(comparison.onlyA),
      "utterances_only_b": .int(comparison.onlyB),
      "cells": .object([
        "both": .int(all), "only_a": .int(comparison.cellsOnlyA), "only_b": .int(comparison.cellsOnlyB),
        "equal": .int(same), "agreement": share(same, all), "without_sil": .int(all - silent.a),
        "equal_without_sil": .int(same - silent.same),
        "agreement_without_sil": share(same - silent.same, all - silent.a),
      ]),
      "disagreement": .object([
        "shift": .int(comparison.disagreement.shifts), "silence_edge": .int(comparison.disagreement.silenceEdges),
        "silence": .int(comparison.disagreement.silences), "phones": .int(comparison.disagreement.phones),
      ]),
      "boundaries": .object([
        "matched": .int(boundaries.count), "a": .int(comparison.boundariesA), "b": .int(comparison.boundariesB),
        "mean_absolute_ms": .real(rounded(1000 * boundaries.meanAbsolute)),
        "median_absolute_ms": .real(rounded(1000 * boundaries.medianAbsolute)),
        "bias_ms": .real(rounded(1000 * boundaries.mean)),
        "mean_absolute_without_bias_ms": .real(rounded(1000 * unsystematic)),
        "within": .object(
          Self.tolerances.reduce(into: JSONObject()) { object, tolerance in
            object["\(tolerance)_ms"] = .real(rounded(boundaries.share(within: Double(tolerance) / 1000)))
          }),
      ]),
      "phones": .array(present.map(phone)),
      "confusion": .object([
        "names": .array(names.map { .string($0) }),
        "cells": .array(names.indices.map { a in .array(names.indices.map { .int(comparison.cells(a, $0)) }) }),
      ]),
      "least_alike": .array(worst.map(utterance)),
    ])
  }

  private func phone(_ x: Int) -> JSON {
    let phone = comparison.phones[x]
    return .object([
      "name": .string(names[x]), "cells_a": .int(cells[x].a), "cells_b": .int(cells[x].b),
      "equal": .int(cells[x].same), "recall": share(cells[x].same, cells[x].a),
      "precision": share(cells[x].same, cells[x].b), "segments_a": .int(phone.segments.a),
      "segments_b": .int(phone.segments.b), "mean_a_ms": milliseconds(phone.seconds.a, phone.segments.a),
      "mean_b_ms": milliseconds(phone.seconds.b, phone.segments.b), "onsets": .int(phone.onsets),
      "onset_bias_ms": milliseconds(phone.difference, phone.onsets),
      "onset_mean_absolute_ms": milliseconds(phone.absoluteDifference, phone.onsets),
    ])
  }

  private func utterance(_ utterance: AlignmentComparison.Utterance) -> JSON {
    .object([
      "id": .string(utterance.id), "cells": .int(utterance.cells), "equal": .int(utterance.equal),
      "agreement": share(utterance.equal, utterance.cells), "boundaries": .int(utterance.boundaries),
      "mean_absolute_ms": milliseconds(utterance.absoluteDifference, utterance.boundaries),
    ])
  }

  private func share(_ part: Int, _ whole: Int) -> JSON {
    whole == 0 ? .null : .real(rounded(Double(part) / Double(whole)))
  }
  private func milliseconds(_ seconds: Double, _ count: Int) -> JSON {
    count == 0 ? .null : .real(rounded(1000 * seconds / Double(count)))
  }
  private func rounded(_ value: Double) -> Double { (value * 100_000).rounded() / 100_000 }
}
