import Archives
import FileIO
import Glibc
import Labels
import TestSupport
import Testing

/// Alignments made by other tools, where a folder with them is named by CPC_TEST_DATA.
private let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

@Suite(.enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with alignments of real speech"))
struct RealLabelTests {
  /// The phone tier of a TextGrid of MFA, read as plainly as can be: three lines an interval.
  private func plainIntervals(_ text: String) -> [[String]] {
    let lines = text.split(separator: "\n").map { $0.drop { $0 == "\t" || $0 == " " } }
    let tier = lines.firstIndex { $0.hasPrefix("name = \"phones\"") }!
    func value(_ line: Substring) -> String { line.split(separator: " = ", maxSplits: 1).last.map { String($0) } ?? "" }
    return lines[tier...].indices.filter { lines[$0].hasPrefix("intervals [") }.map { i in
      [String(value(lines[i + 3]).dropFirst().dropLast()), value(lines[i + 1]), value(lines[i + 2])]
    }
  }

  @Test func textGridsOfMFAKeepEveryPhoneAndTime() throws {
    let archive = try #require(dataFolder) + "/librispeech-textgrids-2.tar.gz"
    var texts: [String: String] = [:]
    let members = try ArchiveMembers(File.reading(archive))
    while let (path, bytes) = try members.next(limit: 1 << 24, where: { $0.hasSuffix(".TextGrid") }) {
      texts[String(Folder.name(of: try #require(path)).dropLast(9))] = String(decoding: bytes, as: UTF8.self)
    }
    let folder = try TemporaryFolder()
    let files = try LabelFiles(archive)
    var (count, phones) = (0, 0)
    while let track = try files.next() {
      count += 1
      guard case .intervals(let intervals) = track.content else { continue }
      phones += intervals.count
      let spelled = intervals.map { [$0.label, $0.beginText, $0.endText] }
      #expect(spelled == plainIntervals(try #require(texts[track.id])), "\(track.id)")
      for interval in intervals { #expect(PhoneSet.cmu41.index(of: interval.label) != nil, "\(interval.label)") }
      // And again through a file of ours.
      let path = folder("\(track.id).TextGrid")
      try writeAtomically(to: path) { try $0.write(LabelWriter(.textgrid).text(of: track, samples: nil)) }
      let again = try #require(try LabelFiles(path).next())
      guard case .intervals(let back) = again.content else { continue }
      #expect(again.id == track.id && back.map { [$0.label, $0.beginText, $0.endText] } == spelled)
    }
    #expect((count, texts.count) == (248, 248))
    #expect(phones > 30_000)
  }

  @Test func theAuthorsLabelsKeepEveryFrame() throws {
    let path = try #require(dataFolder) + "/converted_aligned_phones.sample.txt"
    let lines = String(decoding: try File.contents(of: path), as: UTF8.self).split(separator: "\n")
    let files = try LabelFiles(path)
    for line in lines {
      let track = try #require(try files.next())
      #expect(try LabelWriter(.cpc).text(of: track, samples: nil).dropLast() == line)
    }
    #expect(try files.next() == nil)
    #expect(lines.count == 3)
  }
}
