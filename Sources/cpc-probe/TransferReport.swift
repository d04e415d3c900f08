import CommandSupport
import FileIO
import Text
import Transfer

/// What there is to say of sets and results beside the table: what was left out, repeated, unknown.
struct TransferReport {
  private let console: Console
  /// Whether every line of every file made a sentence.
  let isGood: Bool

  /// Says what was found in the files.
  init(_ reader: SetReader, passed: [String], _ console: Console) {
    self.console = console
    let files = reader.sets.flatMap(\.files)
    for failure in reader.problems { console.report(InputProblem(failure)) }
    if let first = passed.first {
      console.note("\(counted(passed.count, "other file")) passed over by name: \(printable(first))")
    }
    for file in files {
      for failure in file.problems { console.report(InputProblem(failure)) }
      if let doubt = file.doubt { console.warn("\(doubt); read as windows-1252 (\(file.encoding))") }
      if !file.emptySentences.isEmpty {
        let lines = file.emptySentences.prefix(10).map { String($0) }.joined(separator: ", ")
        console.warn(
          "\(file.path): \(counted(file.emptySentences.count, "empty sentence")), line \(lines)"
            + (file.emptySentences.count > 10 ? ", …" : ""))
      }
      if file.blankLines > 0 { console.note("\(file.path): \(counted(file.blankLines, "blank line")) passed over") }
      if file.carriageReturns > 0 {
        console.note("\(file.path): \(counted(file.carriageReturns, "line")) ended with CR, which was dropped")
      }
    }
    isGood = reader.problems.isEmpty && files.allSatisfy(\.problems.isEmpty)
  }

  /// What a set holds, as its first result says it.
  func tell(_ result: TransferResult) {
    let test = result.hasTestPart ? ", \(grouped(result.testSentences)) of them for the test" : ""
    console.note("\(result.set): \(counted(result.sentences, "sentence")) of \(result.classes.count) classes\(test)")
    if result.leftOut > 0 { console.warn("\(result.set): \(counted(result.leftOut, "empty sentence")) left out") }
    for (name, count) in zip(result.classes, result.classCounts) where count < 10 {
      console.warn("\(result.set): class '\(name)' has \(counted(count, "sentence")), fewer than there are folds")
    }
  }

  func tell(coverage result: TransferResult) {
    guard let coverage = result.coverage else { return }
    if let first = coverage.unknown.first {
      let words = coverage.unknown.prefix(5).map { "\($0.text) \(grouped($0.count))" }.joined(separator: ", ")
      let share = percent(Double(coverage.knownWords) / Double(max(1, coverage.words)))
      console.note(
        "\(result.set), \(result.title): \(share) of words known"
          + (first.count > 1 ? "; most frequent of the others: \(words)" : ""))
    }
    if result.unconvergedFits > 0 {
      console.warn("\(result.set), \(result.title): \(counted(result.unconvergedFits, "fit")) did not converge")
    }
  }

  /// The table, and below it what its numbers rest on.
  func text(_ table: TransferTable, _ results: [TransferResult]) -> String {
    var lines: [String] = []
    for hasTest in [false, true] {
      guard let result = results.first(where: { $0.hasTestPart == hasTest }) else { continue }
      lines.append(result.transferProtocol.description(hasTest: hasTest))
    }
    var seen: Set<Name> = []
    for result in results where seen.insert(Name(result.set)).inserted {
      let repeats = result.repeats
      var parts: [String] = []
      if repeats.repeated > 0 { parts.append("\(counted(repeats.repeated, "sentence")) came before") }
      if repeats.contradictory > 0 { parts.append("\(grouped(repeats.contradictory)) with several labels") }
      if repeats.testInTraining > 0 {
        let over = result.hasTestPart ? "" : " of their fold"
        parts.append("\(counted(repeats.testInTraining, "test sentence")) also in the training part\(over)")
      }
      if result.emptySentences > 0 { parts.append("\(grouped(result.emptySentences)) empty") }
      if result.leftOut > 0 { parts.append("\(grouped(result.leftOut)) empty left out") }
      if !parts.isEmpty { lines.append("\(result.set): " + parts.joined(separator: ", ")) }
    }
    for result in results {
      guard let coverage = result.coverage else { continue }
      lines.append(
        "\(result.set), \(result.title) (\(result.columns ?? 0) numbers): "
          + "\(percent(Double(coverage.knownWords) / Double(max(1, coverage.words)))) of \(grouped(coverage.words)) words "
          + "known, \(counted(coverage.blindSentences, "sentence")) without any")
    }
    return table.text + "\n" + lines.map { printable($0) + "\n" }.joined()
  }
}
