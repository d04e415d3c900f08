import Audio
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// What headers say, or leave open, and other bytes of the file contradict.
struct HeaderDoubtTests {
  static let speech = SpeechCorpus.speech(count: 40_000, seed: 31)

  private func bytes(_ value: Int, _ count: Int, isBigEndian: Bool = false) -> [UInt8] {
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
    return isBigEndian ? bytes.reversed() : bytes
  }

  /// Headers that do not say how much follows, of files that were joined: the second header is no audio.
  @Test(arguments: [AudioFile.Format.wav, .au, .sphere, .wave64, .caf, .aiff]) func joinedFilesWithoutLengthsAreRefused(
    _ format: AudioFile.Format
  ) throws {
    var one = try AudioFile.encode(Self.speech, format: format)
    func place(of name: String) throws -> Int {
      try #require((0..<4096).first { one[$0...].starts(with: name.utf8) })
    }
    switch format {
    case .wav: one = one.replacing(at: try place(of: "data") + 4, [UInt8](repeating: 0xff, count: 4))
    case .au: one = one.replacing(at: 8, [UInt8](repeating: 0xff, count: 4))
    case .sphere:
      let start = try place(of: "sample_count -i ")
      let digits = one[(start + 16)...].prefix { $0 != 0x0a }
      one = one.replacing(at: start + 16, [UInt8](repeating: UInt8(ascii: "0"), count: digits.count))
    case .wave64: one = one.replacing(at: try place(of: "data") + 16, [UInt8](repeating: 0, count: 8))
    case .caf: one = one.replacing(at: try place(of: "data") + 4, [UInt8](repeating: 0xff, count: 8))
    default: one = one.replacing(at: try place(of: "SSND") + 4, [UInt8](repeating: 0, count: 4))
    }
    let type = format == .wave64 ? "w64" : "wav"
    let alone = try Reading(one, type: type)
    #expect(alone.samples == Self.speech, "\(format): \(alone)")
    let joined = try Reading(one + one, type: type)
    #expect(joined.samples == nil, "\(format): \(joined)")
    let other = try AudioFile.encode(Self.speech)
    let mixed = try Reading(one + other, type: type)
    #expect(mixed.samples == nil, "\(format): \(mixed)")
  }

  /// The header of a broadcast WAV has another chunk first.
  @Test func otherHeadersAreKnownToo() throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    let unknown = wav.replacing(at: 40, [UInt8](repeating: 0xff, count: 4))
    for chunk in ["bext", "fact", "iXML", "PAD "] {
      let other = wav[..<12] + Array(chunk.utf8) + [4, 0, 0, 0, 1, 2, 3, 4] + wav[12...]
      let joined = try Reading(unknown + other, type: "wav")
      #expect(joined.reason?.contains("another file begins") == true, "\(chunk): \(joined)")
    }
  }

  /// As programs write that put an empty chunk where the samples would be, then others, then the samples.
  @Test func anEmptyChunkBeforeTheSamplesIsPassedOver() throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    let (head, data) = (wav[..<36], wav[36...])
    let empty = Array("data".utf8) + [0, 0, 0, 0]
    for between in [
      [], Array("JUNK".utf8) + [6, 0, 0, 0] + [1, 2, 3, 4, 5, 6],
      Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8),
    ] {
      let reading = try Reading(Array(head + empty + between + data), type: "wav")
      #expect(reading == .samples(Self.speech), "\(between.count): \(reading)")
    }
  }

  /// What arecord writes into a pipe.
  @Test func twoGibibytesAreNoLength() throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    let piped = wav.replacing(at: 40, bytes(0x8000_0000, 4))
    #expect(try Reading(piped, type: "wav") == .samples(Self.speech))
  }

  @Test func chunksAfterAIFFOfUnknownLengthAreNoSamples() throws {
    let aiff = try AudioFile.encode(Self.speech, format: .aiff)
    let place = try #require((0..<4096).first { aiff[$0...].starts(with: "SSND".utf8) })
    let unknown = aiff.replacing(at: place + 4, [UInt8](repeating: 0, count: 4))
    for chunk in ["NAME", "ANNO", "(c) "] {
      let reading = try Reading(unknown + Array(chunk.utf8) + [0, 0, 0, 4] + Array("abcd".utf8), type: "aiff")
      #expect(reading == .samples(Self.speech), "\(chunk): \(reading)")
    }
  }

  /// The rate stands in STREAMINFO and in each frame.
  @Test func ratesOfFramesAreCompared() throws {
    let flac = try AudioFile.encode(Self.speech)
    // 20 bits of rate, 3 of channels, 5 of bits.
    let rate = 8_000
    let other = flac.replacing(
      at: 18, [UInt8(rate >> 12), UInt8(rate >> 4 & 0xff), UInt8(rate & 15) << 4 | flac[20] & 15])
    let reading = try Reading(other, type: "flac", conversion: AudioConversion(resamples: true))
    #expect(reading.reason?.contains("at 16000 Hz, and the header says") == true, "\(reading)")
  }

  /// RFC 7845: the rate is that of what was encoded, 0 where nobody knows; Opus itself has 48 kHz.
  @Test func opusWithoutARateHasItsOwn() throws {
    var opus = try AudioFile.encode(Self.speech, format: .opus)
    let place = try #require((0..<200).first { opus[$0...].starts(with: "OpusHead".utf8) })
    opus = opus.replacing(at: place + 12, [0, 0, 0, 0])
    let length = 27 + Int(opus[26]) + opus[27..<27 + Int(opus[26])].reduce(0) { $0 + Int($1) }
    opus = opus.replacing(at: 22, [0, 0, 0, 0])
    opus = opus.replacing(at: 22, bytes(Int(crc(opus[..<length])), 4))
    let folder = try TemporaryFolder()
    try File.writing(folder("a.opus")).write(opus)
    let corpus = try Corpus.opening([folder("a.opus")], options: CorpusOptions(layout: .flat, conversion: nil)).corpus
    guard case .utterance(let utterance)? = try corpus.next() else { throw Failure(.badInput, "no utterance") }
    #expect(utterance.entry.extent == .audio(samples: 3 * Self.speech.count, rate: 48_000), "\(utterance.entry.extent)")
  }

  /// CRC-32 of an Ogg page, bit by bit.
  private func crc(_ page: ArraySlice<UInt8>) -> UInt32 {
    page.reduce(0) { crc, byte in
      (0..<8).reduce(crc ^ UInt32(byte) << 24) { value, _ in value >> 31 == 1 ? value << 1 ^ 0x04c1_1db7 : value << 1 }
    }
  }
}
