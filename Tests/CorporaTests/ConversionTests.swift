import Audio
import Corpora
import FileIO
import Glibc
import Manifests
import TestSupport
import Testing

/// Rates, channels and sample formats that become mono at 16 kHz with 16 bits.
struct ConversionTests {
  let temporary: TemporaryFolder
  let everything = AudioConversion(resamples: true, mixesDown: true)

  init() throws { temporary = try TemporaryFolder() }

  /// The samples of a file as an utterance.
  private func convert(_ path: String, _ conversion: AudioConversion) throws -> (samples: [Int16], clipped: Int) {
    try Folder.create(temporary("corpus/s"))
    let name = "s/\(Folder.name(of: path))"
    #expect(rename(path, temporary("corpus/\(name)")) == 0)
    defer { remove(temporary("corpus/\(name)")) }
    let options = CorpusOptions(layout: .speakerFolders, conversion: conversion)
    let walked = try Walked(try Corpus.opening([temporary("corpus")], options: options).corpus)
    if let problem = walked.problems.first { throw problem.failure }
    let buffer = SampleBuffer()
    let outcome = try AudioDecoder().decode(try #require(walked.utterances.first).piece, into: buffer)
    #expect(buffer.count == walked.utterances[0].entry.units)
    return (Array(buffer.samples), outcome.clipped)
  }

  @Test(arguments: [8_000, 11_025, 22_050, 32_000, 44_100, 48_000])
  func resamplingKeepsASine(_ rate: Int) throws {
    let (frequency, amplitude, phase) = (1_000.0, 12_000.0, 0.3)
    func sine(_ count: Int, _ rate: Int) -> [Double] {
      (0..<count).map { amplitude * sin(2 * .pi * frequency * Double($0) / Double(rate) + phase) }
    }
    let count = rate + 7
    try AudioFile.write(sine(count, rate).map { Int16($0.rounded()) }, to: temporary("a.wav"), format: .wav, rate: rate)
    let (samples, clipped) = try convert(temporary("a.wav"), everything)
    #expect(samples.count == (2 * count * 16_000 + rate) / (2 * rate) && clipped == 0)
    // Away from the ends, where the filter has no signal to see, rounding twice is all that differs.
    let expected = sine(samples.count, 16_000)
    let worst = (500..<samples.count - 500).map { abs(Double(samples[$0]) - expected[$0]) }.max()!
    #expect(worst <= 1.5, "\(worst)")
  }

  /// What is above the new Nyquist frequency is gone: at least 100 dB down.
  @Test func resamplingDoesNotAlias() throws {
    let samples = (0..<48_000).map { Int16(12_000 * sin(2 * .pi * 9_000 * Double($0) / 48_000)) }
    try AudioFile.write(samples, to: temporary("a.wav"), format: .wav, rate: 48_000)
    #expect(try convert(temporary("a.wav"), everything).samples[1_000..<15_000].allSatisfy { abs($0) <= 1 })
  }

  @Test func lengthsAreRoundedHalfUp() {
    #expect(AudioConversion.length(of: 5, rate: 32_000) == 3)
    #expect(AudioConversion.length(of: 4, rate: 48_000) == 1)
    #expect(AudioConversion.length(of: 441, rate: 44_100) == 160)
    #expect(AudioConversion.length(of: 7, rate: 8_000) == 14)
    #expect(AudioConversion.length(of: 7, rate: 16_000) == 7)
  }

  @Test func everyShortLengthComesOutAsDeclared() throws {
    for rate in [8_000, 22_050, 32_000, 44_100, 48_000, 96_000] {
      for count in [6, 7, 100, 101, 8191, 8192, 8193, 16_385] {
        try AudioFile.write(
          SpeechCorpus.speech(count: count, seed: 1), to: temporary("a.flac"), rate: rate)
        #expect(
          try convert(temporary("a.flac"), everything).samples.count == AudioConversion.length(of: count, rate: rate))
      }
    }
  }

  @Test func clippingIsCounted() throws {
    // A square wave overshoots when its upper harmonics are cut off.
    let samples = (0..<48_000).map { Int16(clamping: ($0 / 240 % 2 == 0 ? 1 : -1) * ($0 < 20_000 ? 32_768 : 9_000)) }
    try AudioFile.write(samples, to: temporary("a.wav"), format: .wav, rate: 48_000)
    let (found, clipped) = try convert(temporary("a.wav"), everything)
    #expect(clipped > 100 && found.count(where: { $0 == .max || $0 == .min }) >= clipped)
  }

  @Test(arguments: [AudioFile.Format.wav, .flac, .sphere])
  func mixdownIsTheMean(_ format: AudioFile.Format) throws {
    let interleaved: [Int16] = [1, 2, 3, 4, 2, 3, -1, -2, 32_767, 32_767, -32_768, -32_768, 100, -300, 7, 7]
    try AudioFile.write(interleaved, to: temporary("a.x"), format: format, channels: 2)
    #expect(rename(temporary("a.x"), temporary("a.wav")) == 0)
    let (samples, clipped) = try convert(temporary("a.wav"), AudioConversion(mixesDown: true))
    // 1.5, 3.5, 2.5 and -1.5: halves to even.
    #expect(samples == [2, 4, 2, -2, 32_767, -32_768, -100, 7] && clipped == 0)
  }

  @Test func deeperSamplesAreRounded() throws {
    let samples = SpeechCorpus.speech(count: 20_000, seed: 2)
    try AudioFile.write(samples, to: temporary("a.flac"), format: .flac24)
    #expect(try convert(temporary("a.flac"), AudioConversion()).samples == samples)
    try AudioFile.write(samples, to: temporary("a.wav"), format: .wavFloat)
    #expect(try convert(temporary("a.wav"), AudioConversion()).samples == samples)
  }

  @Test func refusesWhatIsNotANumber() throws {
    try AudioFile.write([Int16](repeating: 100, count: 1000), to: temporary("a.wav"), format: .wavFloat)
    var bytes = try File.contents(of: temporary("a.wav"))
    for i in 0..<4 { bytes[bytes.count - 400 + i] = 0xff }
    try write(bytes, to: temporary("a.wav"))
    #expect(failure { _ = try convert(temporary("a.wav"), AudioConversion()) }?.reason == "a sample is not a number")
  }

  @Test func refusesWhatWasNotAskedFor() throws {
    let samples = SpeechCorpus.speech(count: 20_000, seed: 2)
    try AudioFile.write(samples, to: temporary("a.wav"), format: .wav, rate: 8_000, channels: 2)
    let both = failure { _ = try convert(temporary("a.wav"), AudioConversion()) }
    #expect(both?.hint == "\(setting: "resample") 16000 \(setting: "mixdown") converts it" && both?.kind == .badInput)
    try AudioFile.write(samples, to: temporary("a.wav"), format: .wav, rate: 8_000, channels: 2)
    #expect(
      failure { _ = try convert(temporary("a.wav"), AudioConversion(resamples: true)) }?.hint
        == "\(setting: "mixdown") converts it")
  }

  /// The MD5 of FLAC that is converted is checked too.
  @Test func checksTheMD5OfStereo() throws {
    try AudioFile.write(SpeechCorpus.speech(count: 20_000, seed: 2), to: temporary("a.flac"), channels: 2)
    var bytes = try File.contents(of: temporary("a.flac"))
    bytes[4 + 4 + 18] ^= 1
    try write(bytes, to: temporary("a.flac"))
    #expect(failure { _ = try convert(temporary("a.flac"), everything) }?.reason.contains("MD5") == true)
  }
}
