import Archives
import Corpora
import FileIO
import Labels
import Manifests
import TestSupport
import Testing

/// What gzip says of its content is looked at: of a damaged file something is said, or nothing has changed.
struct GzipTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), lengths: [300, 500])
  }

  enum Kind: CaseIterable { case archive, manifest, labels }

  /// Uncompressed.
  private func plain(_ kind: Kind) throws -> [UInt8] {
    switch kind {
    case .archive:
      try ArchiveFile.write(speech.files(), to: temporary("plain.tar"))
      return try File.contents(of: temporary("plain.tar"))
    case .manifest:
      var bytes: [UInt8] = []
      for utterance in try Walked(speech.folder, root: speech.folder).utterances {
        utterance.entry.write(to: &bytes)
        bytes.append(0x0a)
      }
      return bytes
    case .labels: return Array((0..<40).map { "u\($0) 1 0.00 0.10 AH\nu\($0) 1 0.10 0.20 S\n" }.joined().utf8)
    }
  }

  private struct Outcome {
    /// All that was read.
    var content = ""
    var complaints: [Failure] = []
  }

  private func read(_ bytes: [UInt8], _ kind: Kind) throws -> Outcome {
    let path = temporary("x.gz")
    try write(bytes, to: path)
    var outcome = Outcome()
    do {
      if kind == .labels {
        var calls = 0
        let files = try LabelFiles(path)
        while calls < 100 {
          calls += 1
          do {
            guard let track = try files.next() else { break }
            outcome.content += "\(track.id) \(track.content)\n"
          } catch let failure as Failure { outcome.complaints.append(failure) }
        }
        #expect(calls < 100)
      } else {
        let corpus = try Corpus.opening([path], options: CorpusOptions(root: speech.folder)).corpus
        while let event = try corpus.next() {
          switch event {
          // Sizes alone: FLAC has a checksum of its own.
          case .utterance(let utterance): outcome.content += "\(utterance.entry) \(utterance.file.byteCount)\n"
          case .declared(let item): outcome.content += "\(item.entry)\n"
          case .transcript(let id, let text): outcome.content += "\(id) \(text)\n"
          case .speakers(let speakers): outcome.content += "\(speakers)\n"
          case .problem(let problem): outcome.complaints.append(problem.failure)
          }
        }
      }
    } catch let failure as Failure { outcome.complaints.append(failure) }
    return outcome
  }

  @Test(arguments: Kind.allCases) func everyFlipIsNamedOrChangesNothing(kind: Kind) throws {
    let bytes = Gzip.stored(try plain(kind), blockSize: 1000)
    let whole = try read(bytes, kind)
    #expect(whole.complaints == [] && !whole.content.isEmpty)
    var generator = SeededGenerator(5)
    // The header, the trailer, and places between.
    var places = Array(0..<16) + Array(bytes.count - 10..<bytes.count)
    for _ in 0..<300 { places.append(Int.random(in: 16..<bytes.count - 10, using: &generator)) }
    for (i, place) in places.enumerated() {
      var damaged = bytes
      damaged[place] ^= 1 << (i % 8)
      let outcome = try read(damaged, kind)
      if outcome.complaints.isEmpty {
        #expect(outcome.content == whole.content, "bit \(i % 8) of byte \(place) of \(bytes.count)")
      } else {
        #expect(outcome.complaints.contains { $0.path?.hasPrefix(temporary("x.gz")) == true }, "\(outcome.complaints)")
      }
    }
  }

  @Test func aFlipInTheContentIsDamageAndWhatCameBeforeIsKept() throws {
    for kind in [Kind.archive, .manifest] {
      var bytes = Gzip.stored(try plain(kind), blockSize: 1000)
      let whole = try read(bytes, kind)
      bytes[bytes.count / 2] ^= 4
      let outcome = try read(bytes, kind)
      #expect(outcome.complaints.last?.position == "byte \(bytes.count) of \(bytes.count)")
      let reason = try #require(outcome.complaints.last?.reason)
      #expect(reason.contains("gzip's checksum says that what bytes 0 to \(bytes.count - 4) hold is not"), "\(reason)")
      // A manifest is read once before all, to count its lines, and refused then.
      let isKept = !outcome.content.isEmpty && outcome.content.prefix(200) == whole.content.prefix(200)
      #expect(isKept == (kind == .archive))
    }
  }

  @Test(arguments: Kind.allCases) func membersAreReadOneAfterTheOther(kind: Kind) throws {
    let bytes = try plain(kind)
    let whole = try read(Gzip.stored(bytes), kind)
    let parts = stride(from: 0, to: bytes.count, by: 200).map {
      Gzip.stored(Array(bytes[$0..<min($0 + 200, bytes.count)]))
    }
    let zeros = [UInt8](repeating: 0, count: 1000)
    for joined in [
      Array(parts.joined()), Array(parts.joined()) + zeros, Array(parts.joined(separator: [0, 0, 0])),
      Gzip.stored([]) + Gzip.stored(bytes), Gzip.stored(Gzip.stored(bytes)),
    ] {
      let outcome = try read(joined, kind)
      #expect(outcome.complaints == [] && outcome.content == whole.content)
    }
    // What follows may have been a member.
    var damaged = Array(parts.joined())
    damaged[parts[0].count] ^= 1
    for (bytes, reason) in [
      (damaged, "what follows the end of gzip's data at byte \(parts[0].count) is neither gzip nor zero bytes"),
      (Array(parts.joined()) + zeros + [1], "is neither gzip nor zero bytes"),
      (Array(parts.joined()) + [0x1f], "truncated gzip input"),
      (Array(parts.joined().dropLast(3)), "truncated gzip input"),
      (Gzip.stored(Array(Gzip.stored(bytes).dropLast(4))), "truncated gzip input"),
    ] {
      let outcome = try read(bytes, kind)
      #expect(outcome.complaints.contains { $0.reason.contains(reason) }, "\(reason): \(outcome.complaints)")
    }
  }

  @Test(arguments: Kind.allCases) func aWrongLengthIsNamed(kind: Kind) throws {
    var bytes = Gzip.stored(try plain(kind))
    bytes[bytes.count - 4] ^= 1
    let outcome = try read(bytes, kind)
    #expect(outcome.complaints.contains { $0.reason.contains("gzip's length says") }, "\(outcome.complaints)")
  }

  /// It is no archive, but that is not what is wrong.
  @Test(arguments: ["gzip -c", "zstd -qc", "xz -c", "bzip2 -c", "lz4 -c"])
  func aSmallManifestThatIsCutIsCalledCut(command: String) throws {
    let words = command.split(separator: " ").map { String($0) }
    let bytes = try runProcess("/usr/bin/env", words, input: plain(.manifest)).output
    try #require(bytes.count > 100)
    for length in [12, bytes.count / 2, bytes.count - 2] {
      let outcome = try read(Array(bytes[..<length]), .manifest)
      #expect(
        outcome.complaints.contains { $0.reason.contains("cut short") },
        "\(length): \(outcome.complaints)")
    }
  }
}
