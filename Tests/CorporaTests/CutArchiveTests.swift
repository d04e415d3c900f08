import Archives
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// An archive cut anywhere gives what stands before the cut, and one problem that says where it is cut.
struct CutArchiveTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), lengths: [3000, 5000])
  }

  private func walk(_ bytes: [UInt8]) throws -> (walked: Walked?, failure: Failure?) {
    try write(bytes, to: temporary("cut"))
    do { return (try Walked(temporary("cut")), nil) } catch let failure as Failure { return (nil, failure) }
  }

  /// A member whose header is damaged is lost, and nothing else, and not without a word.
  @Test(arguments: [0, 100, 124, 148, 156, 257], [1, 2]) func damagedHeadersAreNamed(field: Int, member: Int) throws {
    try ArchiveFile.write(speech.files(), to: temporary("whole"), format: .ustar, compression: .none)
    let bytes = try File.contents(of: temporary("whole"))
    let whole = try Walked(temporary("whole"))
    let name = try speech.files()[member].name
    let header = try #require(stride(from: 0, to: bytes.count, by: 512).first { bytes[$0...].starts(with: name) })
    var damaged = bytes
    damaged[header + field] ^= 1
    let walked = try #require(try walk(damaged).walked)
    #expect(walked.problems.contains { $0.failure.reason.contains("damaged header") }, "\(walked.problems)")
    #expect(walked.ids.count >= whole.ids.count - 1 && walked.ids.allSatisfy { whole.ids.contains($0) })
    // What a manifest lists of the rest is found.
    var lines: [UInt8] = []
    for utterance in walked.utterances { utterance.entry.write(to: &lines) }
    try write(lines, to: temporary("m.jsonl"))
    let corpus = try Corpus(manifest: File.reading(temporary("m.jsonl")))
    var found: [String] = []
    while let event = try corpus.next() {
      if case .declared(let item) = event { found.append(try item.open().entry.id) }
    }
    #expect(found == walked.ids)
  }

  @Test(arguments: [
    (ArchiveFile.Format.ustar, ArchiveFile.Compression.none), (.pax, .none), (.gnuTar, .gzip), (.ustar, .zstd),
    (.ustar, .xz), (.ustar, .bzip2),
  ])
  func deliversWhatStandsBefore(_ format: ArchiveFile.Format, _ compression: ArchiveFile.Compression) throws {
    try ArchiveFile.write(speech.files(), to: temporary("whole"), format: format, compression: compression)
    let bytes = try File.contents(of: temporary("whole"))
    // After the last member stand only zero bytes, up to 10 KiB of them.
    let end = compression == .none ? bytes.lastIndex { $0 != 0 }! : bytes.count - 9
    for length in stride(from: 1, through: end, by: max(1, end / 41)) {
      let (walked, failure) = try walk(Array(bytes[..<length]))
      if let failure {
        #expect(failure.reason.contains("empty corpus"), "\(length): \(failure)")
        continue
      }
      let walked2 = try #require(walked)
      let ids = speech.utterances.map(\.id)
      #expect(walked2.ids == Array(ids[..<walked2.ids.count]))
      for (utterance, expected) in zip(walked2.utterances, speech.utterances) {
        #expect(try decode(utterance.file) == expected.samples)
      }
      let cut = walked2.problems.filter { $0.failure.position?.hasPrefix("byte ") == true }
      #expect(cut.count == 1, "\(length) of \(end): \(walked2.complaints)")
      #expect(cut.first?.failure.path?.hasPrefix(temporary("cut")) == true)
    }
  }

  /// Cut exactly between two members, a tar archive is well-formed but for its end marker.
  @Test func noticesACutBetweenMembers() throws {
    try ArchiveFile.write(speech.files(), to: temporary("whole"))
    let bytes = try File.contents(of: temporary("whole"))
    let members = try speech.files()
    var length = 0
    for member in members.dropLast() {
      length += 512 + (member.bytes.count + 511) / 512 * 512
      guard let walked = try walk(Array(bytes[..<length])).walked else { continue }
      #expect(walked.complaints.contains { $0.contains("ends without its end marker") }, "\(walked.complaints)")
    }
  }

  @Test func noticesACutZip() throws {
    try ArchiveFile.write(speech.files(), to: temporary("whole"), format: .zip)
    let bytes = try File.contents(of: temporary("whole"))
    for length in stride(from: 40, to: bytes.count, by: bytes.count / 23) {
      let (walked, failure) = try walk(Array(bytes[..<length]))
      #expect(failure != nil || walked?.problems.isEmpty == false, "\(length)")
    }
  }

  @Test func survivesDamage() throws {
    for (format, compression) in [
      (ArchiveFile.Format.ustar, ArchiveFile.Compression.none), (.zip, .none), (.pax, .gzip),
    ] {
      try ArchiveFile.write(speech.files(), to: temporary("whole"), format: format, compression: compression)
      let bytes = try File.contents(of: temporary("whole"))
      for i in 0..<60 {
        var damaged = bytes
        damaged[i * (bytes.count / 60)] ^= 1 << (i % 8)
        let (walked, _) = try walk(damaged)
        for utterance in walked?.utterances ?? [] {
          let expected = speech.utterances.first { $0.id == utterance.entry.id }
          guard let samples = try? decode(utterance.file) else { continue }
          #expect(samples == expected?.samples)
        }
      }
    }
  }

  @Test func refusesAMemberThatClaimsTooMuch() throws {
    var header = [UInt8](repeating: 0, count: 512)
    func put(_ text: String, at offset: Int) {
      header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8)
    }
    put("1/2/1-2-0000.flac", at: 0)
    put("0000644", at: 100)
    put("77777777777", at: 124)
    put("00000000000", at: 136)
    put("        0", at: 148)
    put("ustar", at: 257)
    put("00", at: 263)
    let sum = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
    put(String(repeating: "0", count: 6 - sum.count) + sum + "\0 ", at: 148)
    let walked = try #require(try walk(header + [UInt8](repeating: 0, count: 2048)).walked)
    #expect(walked.utterances.isEmpty)
    #expect(walked.complaints.contains { $0.contains("longer than the 1073741824 bytes") }, "\(walked.complaints)")
  }
}
