import Archives
import FileIO
import Glibc
import Labels
import Manifests
import OrderedJSON
import TestSupport
import Testing

/// Words of LibriSpeech beside those of the Montreal Forced Aligner, where a folder with both is named by CPC_TEST_DATA.
private let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

@Suite(.enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with alignments of real speech"))
struct RealWordTests {
  /// The words of a TextGrid of MFA, read as plainly as can be; blanks left out.
  private func words(_ text: String) throws -> [(label: String, begin: Double, end: Double)] {
    let lines: [Substring] = text.split(separator: "\n").map { $0.drop { $0 == "\t" || $0 == " " } }
    let first = try #require(lines.firstIndex { $0 == "name = \"words\"" })
    let end = try #require(lines.firstIndex { $0 == "name = \"phones\"" })
    func value(_ line: Substring) -> String { line.split(separator: " = ", maxSplits: 1).last.map { String($0) } ?? "" }
    var words: [(label: String, begin: Double, end: Double)] = []
    for i in first..<end where lines[i].hasPrefix("intervals [") {
      let label = String(value(lines[i + 3]).dropFirst().dropLast())
      let begin = try #require(Double(value(lines[i + 1])))
      let end = try #require(Double(value(lines[i + 2])))
      if !label.isEmpty { words.append((label, begin, end)) }
    }
    return words
  }

  @Test func wordsAreWhereMFAHasThem() throws {
    let data = try #require(dataFolder)
    let folder = try TemporaryFolder()
    // Every fourth utterance, 13 minutes: enough for states without contexts.
    let scanned = try runTool("cpc-scan", ["\(data)/librispeech-train-clean-2.tar.gz"]).output
    let lines = scanned.split(separator: UInt8(ascii: "\n"))
    let some = lines.indices.filter { $0 % 4 == 0 }.map { lines[$0] }.joined(separator: [UInt8(ascii: "\n")])
    try File.writing(folder("some.jsonl")).write(Array(some) + [UInt8(ascii: "\n")])
    let result = try runTool(
      "cpc-align", [folder("some.jsonl"), "--root", ".", "--words", "--context-states", "0", "--iterations", "12"],
      in: data)
    #expect(result.status == 0, "\(result.messages)")
    var ours: [String: [PhoneInterval]] = [:]
    for line in result.output.split(separator: UInt8(ascii: "\n")) {
      let entry = try ManifestEntry(parsing: Array(line))
      let words: [PhoneInterval] = try #require(PhoneInterval.list(entry.extra["words"]))
      ours[entry.id] = words
    }
    var differences: [Double] = []
    var (compared, others) = (0, 0)
    let members = try ArchiveMembers(File.reading("\(data)/librispeech-textgrids-2.tar.gz"))
    while let (path, bytes) = try members.next(limit: 1 << 24, where: { $0.hasSuffix(".TextGrid") }) {
      let id = String(Folder.name(of: try #require(path)).dropLast(9))
      guard let mine = ours[id] else { continue }
      let theirs = try words(String(decoding: bytes, as: UTF8.self))
      guard mine.map({ $0.label.lowercased() }) == theirs.map(\.label) else {
        others += 1
        continue
      }
      compared += 1
      differences += zip(mine, theirs).flatMap { [abs($0.begin - $1.begin), abs($0.end - $1.end)] }
    }
    let median = differences.sorted()[differences.count / 2]
    let near = differences.count { $0 <= 0.05 }
    print(
      "words beside MFA's: \(compared) utterances, \(others) with other words, \(differences.count / 2) words; median "
        + "difference of a begin or end \((median * 10000).rounded() / 10) ms, "
        + "\((Double(near) / Double(differences.count) * 1000).rounded() / 10) % within 50 ms")
    #expect(compared > 50 && others < 8)
    #expect(median <= 0.02 && Double(near) > 0.9 * Double(differences.count))
  }
}
