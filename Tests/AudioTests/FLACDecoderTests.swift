import Audio
import FileIO
import TestSupport
import Testing

struct FLACDecoderTests {
  static let speech = SpeechCorpus.speech(count: 20_000, seed: 5)

  private func decode(_ bytes: [UInt8]) throws -> [Int16] {
    let buffer = SampleBuffer()
    try FLACDecoder().decode(bytes, name: "x.flac", into: buffer)
    return Array(buffer.samples)
  }

  @Test func givesTheSamplesBackAndIsReusable() throws {
    let decoder = try FLACDecoder()
    let buffer = SampleBuffer()
    for count in [300_001, 1, 15, 4095, 4096, 4097, 20_480] {
      let samples = SpeechCorpus.speech(count: count, seed: UInt64(count))
      let info = try decoder.decode(AudioFile.encode(samples), name: "x.flac", into: buffer)
      #expect(Array(buffer.samples) == samples)
      #expect((info.sampleRate, info.channels, info.bitsPerSample) == (16_000, 1, 16))
      #expect(info.totalSamples == count && info.md5 != nil)
      // Something broken in between leaves no trace.
      #expect(failure { try decoder.decode([0x66], name: "y.flac", into: buffer) } != nil)
    }
  }

  @Test func keepsTheExtremes() throws {
    let samples: [Int16] = (0..<9000).map { $0 % 3 == 0 ? .min : $0 % 3 == 1 ? .max : 0 }
    #expect(try decode(AudioFile.encode(samples)) == samples)
  }

  @Test func namesWhereATruncatedFileEnds() throws {
    let bytes = try AudioFile.encode(Self.speech)
    for length in [bytes.count - 1, bytes.count / 2, bytes.count / 3] {
      let failure = try #require(failure { _ = try decode(Array(bytes[..<length])) })
      #expect(failure.kind == .badInput && failure.path == "x.flac")
      #expect(failure.reason.contains("of the declared 20000 samples"), "\(failure)")
      #expect(failure.position?.hasPrefix("sample ") == true)
    }
    for length in [1, 4, 8, 41] {
      let failure = try #require(failure { _ = try decode(Array(bytes[..<length])) })
      #expect(failure.reason.contains("cut short inside its header"), "\(length): \(failure)")
    }
  }

  /// Whatever bit flips: the file is refused, or the samples are still right.
  @Test func noticesEveryFlippedBit() throws {
    let samples = Array(Self.speech[..<6000])
    let bytes = try AudioFile.encode(samples)
    var refused = 0
    var kinds: Set<String> = []
    for bit in stride(from: 0, to: bytes.count * 8, by: 37) {
      var damaged = bytes
      damaged[bit / 8] ^= 1 << (bit % 8)
      do {
        let decoded = try decode(damaged)
        #expect(decoded == samples, "bit \(bit) changed the samples unnoticed")
      } catch let failure as Failure {
        refused += 1
        kinds.insert(failure.reason)
        #expect(failure.kind == .badInput)
      }
    }
    #expect(refused > bytes.count * 8 / 37 * 9 / 10)
    #expect(kinds.contains("damaged: bad frame checksum (CRC)"))
  }

  /// STREAMINFO follows `fLaC` and its block header: its fields begin at byte 8, the MD5 at byte 26.
  @Test func comparesTheMD5() throws {
    var bytes = try AudioFile.encode(Self.speech)
    bytes[30] ^= 1
    let failure = try #require(failure { _ = try decode(bytes) })
    #expect(failure.reason.contains("MD5"))
  }

  @Test func decodesWithoutDeclaredLengthAndMD5() throws {
    var bytes = try AudioFile.encode(Self.speech)
    bytes[21] &= 0xf0
    for i in 22..<42 { bytes[i] = 0 }
    let info = try FLACStreamInfo(header: bytes, name: "x.flac")
    #expect(info.totalSamples == 0 && info.md5 == nil)
    #expect(try decode(bytes) == Self.speech)
  }

  @Test func believesNoDeclaredLength() throws {
    var bytes = try AudioFile.encode(Self.speech)
    bytes[21] |= 0x0f
    bytes[22] = 0xff
    let failure = try #require(failure { _ = try decode(bytes) })
    #expect(failure.reason.contains("20000 of the declared"), "\(failure)")
  }

  @Test func readsAfterATag() throws {
    let tag = Array("ID3".utf8) + [4, 0, 0, 0, 0, 0, 20] + [UInt8](repeating: 0, count: 20)
    #expect(try decode(tag + AudioFile.encode(Self.speech)) == Self.speech)
  }

  @Test func saysWhatTheFileIsInstead() throws {
    let cases: [([UInt8], String)] = [
      ([], "the file is empty"),
      (try AudioFile.encode(Self.speech, format: .mp3), "MP3, not FLAC"),
      (try AudioFile.encode(Self.speech, format: .wav), "WAV, not FLAC"),
      (Array("OggS".utf8) + [0, 2], "Ogg, not FLAC"),
      (Array("<html>".utf8), "text, not FLAC"),
      ([UInt8](repeating: 0, count: 500), "zero bytes, not FLAC"),
      ([1, 2, 3, 4, 5], "not FLAC"),
      (Array("fLaC".utf8) + [0x83, 0, 0, 34] + [UInt8](repeating: 7, count: 200), "the FLAC header is damaged"),
    ]
    for (bytes, reason) in cases {
      let failure = try #require(failure { _ = try decode(bytes) })
      #expect(failure.kind == .badInput)
      #expect(failure.reason == reason)
    }
  }

  @Test func refusesStereoAnd24Bits() throws {
    let stereo = try AudioFile.encode(Self.speech, channels: 2)
    #expect(failure { _ = try decode(stereo) }?.reason.contains("2 channels") == true)
    let deep = try AudioFile.encode(Self.speech, format: .flac24)
    #expect(failure { _ = try decode(deep) }?.reason.contains("24 bits") == true)
  }
}

struct WAVTests {
  @Test(arguments: [0, 1, 12_345]) func readsBack(_ count: Int) throws {
    let samples = SpeechCorpus.speech(count: count, seed: 9)
    let bytes = try samples.withUnsafeBufferPointer { try encodeWAV($0, rate: 16_000) }
    #expect(bytes.count == 44 + 2 * count)
    #expect(Array(bytes[..<4]) == Array("RIFF".utf8))
    let folder = try TemporaryFolder()
    try File.writing(folder("x.wav")).write(bytes)
    let read = try AudioFile.read(folder("x.wav"))
    #expect(read.samples == samples)
    #expect((read.rate, read.channels) == (16_000, 1))
  }
}
