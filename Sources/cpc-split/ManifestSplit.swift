import CommandSupport
import Corpora
import FileIO
import Manifests

/// Reads a manifest, assigns a part to each line and writes it again.
struct ManifestSplit {
  let splitter: Splitter
  let isStrict: Bool
  let console: Console

  /// Lines are kept as they are until all are known, because a draw needs all of them. Returns whether all were good.
  func run(_ manifest: File, into result: ResultFile) throws -> Bool {
    let reader = try manifestLines(of: manifest)
    var lines: [[UInt8]] = []
    var utterances: [SplitUtterance] = []
    var seen: [SIMD2<UInt64>: Int] = [:]
    var broken = 0
    // A pipe has none.
    let size = (try? manifest.size()).flatMap { $0 > 0 ? $0 >> 20 : nil }
    while let line = try reader.next() {
      console.show(Progress(done: reader.offset >> 20, total: size, unit: "MiB", detail: "read"))
      if isBlank(line) { continue }
      do {
        let entry = try ManifestEntry(parsing: line)
        if let earlier = seen.updateValue(reader.line, forKey: XXH3.key128(entry.id)) {
          throw Failure(.badInput, "utterance id \(entry.id) is in line \(earlier) too")
        }
        utterances.append(SplitUtterance(id: entry.id, group: entry.group, session: entry.session))
        lines.append(line)
      } catch var failure as Failure where failure.kind == .badInput {
        failure.path = manifest.path
        failure.position = "line \(reader.line)"
        if isStrict { throw failure }
        console.report(InputProblem(failure))
        broken += 1
      }
    }
    guard !utterances.isEmpty else { throw Failure(.badInput, path: manifest.path, "the manifest has no utterance") }
    let assignment = try splitter.assign(utterances)
    let isWatched = result.isTerminal
    for (number, (line, part)) in zip(lines, assignment.parts).enumerated() {
      console.show(
        Progress(done: number, total: lines.count, unit: "utterances", detail: "written"), besideResults: isWatched)
      var entry = try ManifestEntry(parsing: line)
      entry.split = part
      var bytes: [UInt8] = []
      entry.write(to: &bytes)
      try result.write(bytes)
    }
    try result.finish()
    console.finish()
    console.summarise(assignment, broken: broken)
    return broken == 0
  }
}

extension Console {
  /// How many utterances each part has, and which list lines named none.
  func summarise(_ assignment: SplitAssignment, broken: Int = 0) {
    if assignment.unknownCount > 0 {
      let more = assignment.unknownCount > assignment.unknownExamples.count ? ", …" : ""
      let examples = assignment.unknownExamples.joined(separator: ", ")
      note("list lines that name no utterance here: \(grouped(assignment.unknownCount)) (\(examples)\(more))")
    }
    var parts = assignment.counts.map { "\($0.part): \(counted($0.utterances, "utterance"))" }
    if assignment.unassigned > 0 { parts.append("\(grouped(assignment.unassigned)) without a part") }
    if broken > 0 { parts.append("\(counted(broken, "broken line")), named above") }
    note(parts.joined(separator: ", "))
  }
}
