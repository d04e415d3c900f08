import FileIO

/// Speech is taken at this rate (Hz); nothing is resampled silently.
let speechRate = 16_000

extension FLACStreamInfo {
  /// 16 kHz, mono, 16 bits.
  var isSpeech: Bool { sampleRate == speechRate && channels == 1 && bitsPerSample == 16 }
}

/// Tells before decoding whether audio is what we take. Reuses one decoder.
final class HeaderCheck {
  private let decoder: FLACDecoder
  private let samples = SampleBuffer()

  init() throws { decoder = try FLACDecoder() }

  /// The number of samples; a `Failure` of kind `badInput` says why the audio cannot be used.
  func sampleCount(of audio: EncodedAudio) throws -> Int {
    let info = try header(audio)
    guard info.isSpeech else {
      throw Failure(.badInput, path: audio.name, "\(info.summary): \(speechRate) Hz, mono, 16 bits is needed")
    }
    guard info.totalSamples <= maximumUtteranceSamples else {
      throw Failure(
        .badInput, path: audio.name,
        "\(info.totalSamples) samples: one utterance may have \(maximumUtteranceSamples) at most")
    }
    if info.totalSamples > 0 { return info.totalSamples }
    // The encoder did not know the length, as when it wrote into a pipe: only decoding tells.
    try decoder.decode(try audio.load(), name: audio.name, into: samples)
    return samples.count
  }

  private func header(_ audio: EncodedAudio) throws -> FLACStreamInfo {
    let head = try audio.head()
    do { return try decoder.readHeader(head, name: audio.name) } catch let failure as Failure {
      // A long tag in front may push the header out of the first bytes.
      guard head.starts(with: "ID3".utf8), head.count < audio.byteCount else { throw failure }
      return try decoder.readHeader(try audio.load(), name: audio.name)
    }
  }
}
