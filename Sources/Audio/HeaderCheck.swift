public import Archives
import FileIO

/// Tells before decoding whether audio is what we take.
public final class HeaderCheck {
  /// Nil takes everything.
  private let conversion: AudioConversion?
  private let decodesLossy: Bool
  private let decoder: FLACDecoder
  /// The file that was looked at last: several utterances may be pieces of it.
  private var last: (audio: EncodedFile, format: AudioFormat)?

  /// - Parameter decodesLossy: lossy audio is decoded to its end, so that what cannot be is found here.
  public init(_ conversion: AudioConversion?, decodesLossy: Bool = false) throws {
    self.conversion = conversion
    self.decodesLossy = decodesLossy
    decoder = try FLACDecoder()
  }

  /// What the audio is; a `Failure` of kind `badInput` says why it cannot be used.
  ///
  /// - Parameter channel: which of several is wanted, if that is known from the format.
  public func format(
    of audio: EncodedFile, channel: (AudioFormat) throws -> Channel? = { _ in nil }
  ) throws -> AudioFormat {
    let format: AudioFormat
    if let last, last.audio.isSame(as: audio) {
      format = last.format
    } else {
      format = try header(audio)
      guard format.rate > 0 else { throw Failure(.badInput, path: audio.name, "declares \(format.rate) Hz") }
      last = (audio, format)
    }
    let channel = try channel(format)
    try format.check(channel, name: audio.name)
    try conversion?.check(format, channel: channel, name: audio.name)
    return format
  }

  /// Refuses utterances of `frames` at `rate` that are too long to be held, or too short to leave a sample.
  public static func checkLength(of frames: Int, rate: Int, name: String) throws {
    let count = AudioConversion.length(of: frames, rate: rate)
    guard max(count, frames) <= maximumUtteranceSamples else {
      throw Failure(
        .badInput, path: name,
        "\(frames) samples: one utterance may have \(maximumUtteranceSamples) at most",
        hint: "a manifest with 'offset' and 'length' cuts it into pieces")
    }
    guard count > 0 else { throw Failure(.badInput, path: name, "too short: no sample is left at \(speechRate) Hz") }
  }

  private func header(_ audio: EncodedFile) throws -> AudioFormat {
    let head = try audio.head(headerBytes)
    if head.starts(with: "fLaC".utf8) {
      let info = try decoder.readHeader(head, name: audio.name)
      // A segment of a stream may declare the length of the whole.
      if info.totalSamples > 0, firstSample(ofStream: head, info) ?? 0 == 0 {
        return AudioFormat(
          frames: info.totalSamples, rate: info.sampleRate, channels: info.channels, bits: info.bitsPerSample,
          container: AudioFormat.flac)
      }
    }
    let stream = try openAudio(audio)
    var format = stream.format
    // The encoder did not know the length, as when it wrote into a pipe: only decoding tells.
    if format.frames == 0 || decodesLossy && format.bits == nil { format.frames = try stream.countFrames() }
    guard format.frames > 0 else { throw Failure(.badInput, path: audio.name, "no samples") }
    return format
  }
}

/// Enough for FLAC's metadata as encoders write it, padding of 8 KiB included, and the header of the first frame.
let headerBytes = 3 << 12
