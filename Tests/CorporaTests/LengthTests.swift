import Audio
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// Lengths that headers tell wrong or not at all, beyond what ``LengthMatrixTests`` goes through.
struct LengthTests {
  static let speech = SpeechCorpus.speech(count: 40_000, seed: 12)

  // MARK: Tags

  @Test(arguments: [AudioFile.Format.flac, .mp3, .vorbis, .wav, .aiff, .au, .sphere])
  func tagsArePassedOver(_ format: AudioFile.Format) throws {
    let type = format == .flac ? "flac" : "wav"
    let bytes = try AudioFile.encode(Self.speech, format: format)
    let right = try Reading(bytes, type: type)
    #expect(right.samples != nil, "\(right)")
    let padding = [UInt8](repeating: 0, count: 5_000)
    for (name, before, behind) in [
      ("ID3v1", [], Tag.id3v1), ("ID3v2", Tag.id3v2, []), ("two ID3v2", Tag.id3v2 + Tag.id3v2, []),
      ("APE", Tag.ape, Tag.ape), ("Lyrics3", [], Tag.lyrics), ("padding", padding, padding),
      ("all", Tag.id3v2 + padding, padding + Tag.ape + Tag.lyrics + Tag.id3v1), ("ID3v2 behind", [], Tag.id3v2),
    ] {
      let reading = try Reading(before + bytes + behind, type: type)
      #expect(reading == right, "\(name): \(reading)")
    }
  }

  @Test func aTagAloneIsNoAudio() throws {
    #expect(try Reading(Tag.id3v2, type: "mp3").reason?.isEmpty == false)
    #expect(try Reading(Array(Tag.id3v2.dropLast(50)), type: "mp3").reason == "cut short inside its ID3 tag")
  }

  // MARK: Chunks and zeros after samples

  @Test(arguments: [0, 0xffff_ffff]) func chunksAfterSamplesOfUnknownLengthAreNoSamples(size: Int) throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    let unknown = wav.replacing(at: 40, (0..<4).map { UInt8(size >> (8 * $0) & 0xff) })
    let list = Array("LIST".utf8) + [12, 0, 0, 0] + Array("INFOISFTabcd".utf8)
    let odd = Array("id3 ".utf8) + [3, 0, 0, 0, 1, 2, 3, 0]
    for chunks in [[], list, list + odd, odd + Tag.id3v1] {
      #expect(try Reading(unknown + chunks, type: "wav") == .samples(Self.speech), "\(chunks.count)")
    }
    // Not a chunk that ends where the file does.
    #expect(try Reading(unknown + list.dropLast(2), type: "wav") != .samples(Self.speech))
  }

  @Test func manyZerosAfterSamplesAreNoPadding() throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    #expect(try Reading(wav + [UInt8](repeating: 0, count: 60_000), type: "wav") == .samples(Self.speech))
    let silent = try Reading(wav + [UInt8](repeating: 0, count: 200_000), type: "wav")
    #expect(silent.reason?.contains("silence that the header does not count") == true, "\(silent)")
  }

  /// As sox writes CAF and Wave64 into a pipe.
  @Test func headersThatStandTwiceAreRefused() throws {
    let wave = try AudioFile.encode(Self.speech, format: .wave64)
    let place = try #require((0..<200).first { wave[$0...].starts(with: "data".utf8) })
    let header = wave[..<(place + 16)] + [UInt8](repeating: 0xff, count: 8)
    let twice = header + header + wave[(place + 24)...]
    let reading = try Reading(Array(twice), type: "w64")
    #expect(reading.reason?.contains("stands twice") == true, "\(reading)")
  }

  // MARK: Ogg

  @Test(arguments: [AudioFile.Format.vorbis, .opus]) func pagesThatAreMissingOrDoubledAreNamed(
    _ format: AudioFile.Format
  ) throws {
    let bytes = try AudioFile.encode(SpeechCorpus.speech(count: 200_000, seed: 3), format: format)
    let pages = bytes.indices.filter { bytes[$0...].starts(with: "OggS".utf8) } + [bytes.count]
    try #require(pages.count > 6)
    for i in 2..<pages.count - 2 {
      let (begin, end) = (pages[i], pages[i + 1])
      let missing = try Reading(Array(bytes[..<begin] + bytes[end...]), type: "ogg")
      #expect(missing.reason?.contains("missing, doubled or out of order") == true, "page \(i): \(missing)")
      let doubled = try Reading(Array(bytes[..<end] + bytes[begin...]), type: "ogg")
      #expect(doubled.reason?.contains("missing, doubled or out of order") == true, "page \(i): \(doubled)")
    }
  }

  // MARK: FLAC

  /// As `ffmpeg -f segment -c:a flac` cuts: the frames' numbers go on, no length but that of the whole in the last.
  @Test func segmentsOfFLACAreRead() throws {
    let bytes = try AudioFile.encode(Self.speech)
    let frames = try flacFrames(bytes)
    let block = 4096
    #expect(frames.count - 2 == (Self.speech.count - 1) / block)
    let whole = Array(bytes[..<frames[0]])
    let unknown = whole.replacing(at: 21, [whole[21] & 0xf0] + [UInt8](repeating: 0, count: 20))
    for (first, last) in [(0, 3), (3, 6), (6, frames.count - 1)] {
      let range = first * block..<min(last * block, Self.speech.count)
      let headers = last == frames.count - 1 ? [unknown, whole] : [unknown]
      for header in headers {
        let segment = header + bytes[frames[first]..<frames[last]]
        #expect(try Reading(segment, type: "flac") == .samples(Array(Self.speech[range])))
        #expect(try Reading(segment + Tag.id3v1, type: "flac") == .samples(Array(Self.speech[range])))
        let cut = try Reading(segment.dropLast(), type: "flac")
        #expect(
          cut.reason?.contains("cut short") == true || cut.reason?.contains("damaged") == true, "\(first): \(cut)")
      }
    }
    // In the middle something is missing: no segment.
    let gap = whole + bytes[frames[0]..<frames[2]] + bytes[frames[3]...]
    #expect(try Reading(gap, type: "flac").samples == nil)
  }

  @Test func piecesOfWhatHasNoLength() throws {
    let flac = try AudioFile.encode(Self.speech)
    let frames = try flacFrames(flac)
    let segment = flac[..<frames[0]] + flac[frames[2]...]
    let wav = try AudioFile.encode(Self.speech, format: .wav).replacing(at: 40, [0, 0, 0, 0])
    let folder = try TemporaryFolder()
    try write(Array(segment), to: folder("a.flac"))
    try write(wav, to: folder("b.wav"))
    let rest = Array(Self.speech[(2 * 4096)...])
    var lines: [String] = []
    var expected: [[Int16]] = []
    for (file, samples) in [("a.flac", rest), ("b.wav", Self.speech)] {
      for (offset, length) in [(0, 100), (20_000, 5_000), (9_000, 3_000), (samples.count - 10, 10)] {
        lines.append(
          #"{"id":"\#(file)-\#(offset)","source":"\#(file)","group":"g","samples":\#(samples.count),"rate":16000,"#
            + #""offset":\#(offset),"length":\#(length)}"# + "\n")
        expected.append(Array(samples[offset..<offset + length]))
      }
    }
    try write(lines.joined(), to: folder("m.jsonl"))
    let walked = try Walked(manifest: folder("m.jsonl"))
    #expect(walked.complaints.isEmpty && walked.utterances.count == lines.count)
    let decoder = try AudioDecoder()
    let buffer = SampleBuffer()
    for (utterance, samples) in zip(walked.utterances, expected) {
      _ = try decoder.decode(utterance.piece, into: buffer)
      #expect(Array(buffer.samples) == samples, "\(utterance.entry.id)")
    }
  }

  // MARK: Containers

  /// Marks that sox, ffmpeg, mplayer and others write into pipes.
  @Test(arguments: [0, 0xffff_ffff, 0xffff_ffdb, 0x7fff_ffff, 0x7fff_f000, 0x7fff_effd, 0x7f00_0000, 0x7f00_0008])
  func marksOfPipes(_ mark: Int) throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    #expect(try Reading(wav.replacing(at: 40, field(mark, 4, isBigEndian: false)), type: "wav").samples == Self.speech)
    let au = try AudioFile.encode(Self.speech, format: .au)
    #expect(try Reading(au.replacing(at: 8, field(mark, 4, isBigEndian: true)), type: "au").samples == Self.speech)
    let aiff = try AudioFile.encode(Self.speech, format: .aiff)
    let (common, sound) = try (aiff.place(of: "COMM") + 10, aiff.place(of: "SSND") + 4)
    let piped = aiff.replacing(at: sound, field(mark, 4, isBigEndian: true))
      .replacing(at: common, field(mark / 2, 4, isBigEndian: true))
    #expect(try Reading(piped, type: "aiff").samples == Self.speech)
  }

  /// A size that says nothing is one only if nothing is there, and one that is there counts.
  @Test func emptyIsEmpty() throws {
    let empty = try AudioFile.encode([], format: .wav)
    #expect(try Reading(empty, type: "wav").reason == "no samples")
    let tagged = empty + Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8)
    #expect(try Reading(tagged, type: "wav").reason == "no samples")
  }

  /// Chunks after the samples are no samples; bytes that are no chunk are named with their number.
  @Test func chunksBehindTheSamples() throws {
    let wav = try AudioFile.encode(Array(Self.speech[..<20_001]), format: .wav)
    let list = Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8)
    #expect(try Reading(wav + list, type: "wav").samples?.count == 20_001)
    #expect(
      try Reading(wav + list.dropLast(2), type: "wav").reason?.contains("10 bytes follow from byte 40046") == true)
    #expect(try Reading(wav + [1, 2, 3], type: "wav").reason?.contains("3 bytes follow from byte 40046") == true)
    let second = Array("data".utf8) + [4, 0, 0, 0, 1, 0, 2, 0]
    #expect(try Reading(wav + second, type: "wav").reason?.contains("12 bytes follow") == true)
  }

  /// GSM 6.10 in WAV: 65 bytes a block of 320 samples; of an odd number of blocks some writers count the padding.
  @Test(arguments: [0, 1]) func paddingIsNoBlock(counted: Int) throws {
    let blocks = 3
    func little(_ value: Int, _ count: Int) -> [UInt8] { field(value, count, isBigEndian: false) }
    let format =
      [0x31, 1].flatMap { little($0, 2) } + [16_000, 3_250].flatMap { little($0, 4) }
      + [65, 0, 2, 320].flatMap { little($0, 2) }
    let riff = Array("RIFF".utf8) + little(12 + 8 + format.count + 65 * blocks + 1, 4)
    let chunks = Array("WAVEfmt ".utf8) + little(format.count, 4) + format + Array("data".utf8)
    let content = little(65 * blocks + counted, 4) + [UInt8](repeating: 0xd2, count: 65 * blocks) + [0]
    let reading = try Reading(riff + chunks + content, type: "wav")
    #expect(reading.samples?.count == 320 * blocks, "\(reading)")
  }

  /// ADPCM's last block may be shorter than the others: what it holds counts, as sox and ffmpeg count it.
  @Test(arguments: [(0x11, 4, 505, 1), (0x11, 8, 249, 2), (0x02, 7, 500, 1), (0x02, 14, 244, 2)])
  func aShortBlockCountsForWhatItHolds(tag: Int, head: Int, samples: Int, channels: Int) throws {
    func little(_ value: Int, _ count: Int) -> [UInt8] { field(value, count, isBigEndian: false) }
    let pairs = [(256, 0), (512, -256), (0, 0), (192, 64), (240, 0), (460, -208), (392, -232)]
    let predictors = tag == 0x02 ? little(7, 2) + pairs.flatMap { little($0.0, 2) + little($0.1, 2) } : []
    let format =
      little(tag, 2) + little(channels, 2) + little(16_000, 4) + little(8_000, 4) + little(256, 2) + little(4, 2)
      + little(2 + predictors.count, 2) + little(samples, 2) + predictors
    var generator = SeededGenerator(8)
    var data: [UInt8] = []
    for _ in 0..<4 {
      // Of IMA a first sample and a step, of Microsoft a choice of predictors, a step and two samples.
      let heads: [UInt8] =
        tag == 0x11
        ? (0..<channels).flatMap { _ in [0x34, 0x02, 20, 0] }
        : [UInt8](repeating: 1, count: channels) + (0..<channels * 3).flatMap { _ in [16, 0] }
      data += heads + (0..<256 - head).map { _ in UInt8.random(in: 0...255, using: &generator) }
    }
    func reading(_ count: Int, after: [UInt8] = []) throws -> Reading {
      let chunks =
        Array("WAVEfmt ".utf8) + little(format.count, 4) + format + Array("data".utf8) + little(count, 4)
        + data[..<count] + [UInt8](repeating: 0, count: count % 2) + after
      return try Reading(
        Array("RIFF".utf8) + little(chunks.count, 4) + chunks, type: "wav", conversion: AudioConversion(mixesDown: true)
      )
    }
    let whole = try #require(try reading(data.count).samples)
    #expect(whole.count == 4 * samples)
    for rest in [0, 3, head - 1, head, head + 1, head + 8, 100, 255] {
      let codes = rest - head
      let held = codes < 0 ? 0 : tag == 0x02 ? 2 + 2 * codes / channels : 1 + codes / (4 * channels) * 8
      let expected = Array(whole[..<(3 * samples + held)])
      #expect(try reading(3 * 256 + rest).samples == expected, "\(rest)")
      let list = Array("LIST".utf8) + [4, 0, 0, 0] + Array("INFO".utf8)
      #expect(try reading(3 * 256 + rest, after: list).samples == expected, "\(rest)")
    }
  }

  /// Sun's format of machines that begin with the lowest byte.
  @Test func littleAUIsRead() throws {
    let au = try AudioFile.encode(Self.speech, format: .au)
    let start = number(au[4..<8])
    let header = stride(from: 0, to: 24, by: 4).flatMap { au[$0..<$0 + 4].reversed() } + au[24..<start]
    let samples = stride(from: start, to: au.count, by: 2).flatMap { [au[$0 + 1], au[$0]] }
    #expect(try Reading(header + samples, type: "au").samples == Self.speech)
    let cut = try Reading(Array((header + samples).dropLast(10)), type: "au")
    #expect(cut.reason?.contains("cut short") == true, "\(cut)")
    for mark in [0, 0xffff_ffff] {
      let piped = header.replacing(at: 8, field(mark, 4, isBigEndian: false)) + samples
      #expect(try Reading(piped, type: "au").samples == Self.speech)
    }
  }

  private func number(_ bytes: ArraySlice<UInt8>) -> Int { bytes.reduce(0) { $0 << 8 | Int($1) } }

  @Test(arguments: [1, 3, 4, 65_535]) func aFalseBlockIsNamed(block: Int) throws {
    let wav = try AudioFile.encode(Self.speech, format: .wav)
    let reading = try Reading(wav.replacing(at: 32, field(block, 2, isBigEndian: false)), type: "wav")
    let said =
      "its header says \(block) bytes for a sample of all channels (block align), where 1 channel of 16 bits takes 2"
    #expect(reading.reason?.contains(said) == true, "\(reading)")
  }

  @Test func aHeaderThatDisagreesWithItself() throws {
    let aiff = try AudioFile.encode(Self.speech, format: .aiff)
    let common = try aiff.place(of: "COMM") + 10
    let reading = try Reading(aiff.replacing(at: common, field(12_345, 4, isBigEndian: true)), type: "aiff")
    #expect(reading.reason?.contains("12345 samples (COMM) and 40000 samples (SSND)") == true, "\(reading)")
  }

  // MARK: Joined streams

  @Test(arguments: [AudioFile.Format.mp3, .vorbis, .opus])
  func joinedStreamsOfDifferentRates(_ format: AudioFile.Format) throws {
    let other = try AudioFile.encode(Self.speech, format: format, rate: 8_000)
    let joined = try AudioFile.encode(Self.speech, format: format) + other
    let reading = try Reading(joined, type: format == .mp3 ? "mp3" : "ogg")
    #expect(reading.reason?.contains("16000 Hz") == true && reading.reason?.contains("8000 Hz") == true, "\(reading)")
    let three = other + other + other
    let all = AudioConversion(resamples: true)
    let type = format == .mp3 ? "mp3" : "ogg"
    let (one, several) = try (Reading(other, type: type, conversion: all), Reading(three, type: type, conversion: all))
    #expect(several.samples?.count == one.samples.map { $0.count * 3 }, "\(several)")
  }

  @Test func oggWithoutItsEndIsNamed() throws {
    for format in [AudioFile.Format.vorbis, .opus] {
      let bytes = try AudioFile.encode(Self.speech, format: format)
      let mark = Array("OggS".utf8)
      let last = try #require(bytes.indices.last { bytes[$0...].starts(with: mark) })
      let reading = try Reading(Array(bytes[..<last]), type: "ogg")
      #expect(reading.reason?.contains("none has the mark that ends the stream") == true, "\(reading)")
    }
  }

  // MARK: What is not read

  @Test func whatIsNotReadIsNamed() throws {
    let sphere = try AudioFile.encode(Self.speech, format: .sphere)
    let coding = try sphere.place(of: "sample_coding -s3 pcm")
    let line = Array("sample_coding -s26 pcm,embedded-shorten-v2.00".utf8)
    let shortened = Array(sphere[..<coding]) + line + sphere[(coding + "sample_coding -s3 pcm".utf8.count)...]
    let adts: [UInt8] = [0xff, 0xf1, 0x60, 0x40, 0x1a, 0x5f, 0xfc] + [UInt8](repeating: 5, count: 300)
    let mp4: [UInt8] = [0, 0, 0, 0x1c] + Array("ftypM4A \u{0}\u{0}\u{2}\u{0}M4A isomiso2".utf8)
    for (bytes, type, reason) in [
      (shortened, "sph", "compressed with shorten"), (adts, "aac", "AAC (ADTS)"), (mp4, "m4a", "MPEG-4 (AAC or ALAC)"),
      (adts, "flac", "AAC (ADTS)"), (Array("wvpk".utf8) + adts, "wav", "WavPack"),
      (Array("ajkg".utf8) + adts, "wav", "Shorten"), ([0x1a, 0x45, 0xdf, 0xa3] + adts, "opus", "Matroska"),
      (try AudioFile.encode(Self.speech, format: .mp3), "flac", "MP3, not FLAC"),
      (try AudioFile.encode(Self.speech, format: .opus), "flac", "Ogg, not FLAC"),
      ([0x1f, 0x8b, 8, 0] + adts, "wav", "an archive or compressed file"),
    ] {
      let reading = try Reading(bytes, type: type)
      #expect(reading.reason?.contains(reason) == true, "\(reason): \(reading)")
    }
  }
}
