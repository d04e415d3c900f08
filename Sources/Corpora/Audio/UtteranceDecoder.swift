import FileIO

/// Decodes utterances: whole files, and pieces of long files, of which only the pieces are held. One per thread.
///
/// The file of the last piece stays open, so that pieces which follow one another are decoded in one pass. Whether a piece
/// can be decoded, and to what, never depends on what was decoded before.
public final class UtteranceDecoder {
  public struct Outcome: Sendable {
    /// What the samples' MD5 must be, for the caller to check with that of others; nil where that is done, or not possible.
    public var md5: SIMD16<UInt8>?
    /// Samples that were beyond the range of 16 bits and became the largest or the smallest.
    public var clipped = 0
  }

  private let plain: FLACDecoder
  private var open: (audio: EncodedAudio, stream: any AudioStream)?
  /// Where a file that was cut short ends: it is not searched again for each piece behind that.
  private var lost: (audio: EncodedAudio, from: Int)?
  private var resampler: Resampler?
  private var stretch: [Double] = []
  /// Audio files opened, and frames decoded of them, also those that were passed over.
  public private(set) var opens = 0
  public var decodedFrames: Int { finishedFrames + (open?.stream.decodedFrames ?? 0) }
  private var finishedFrames = 0

  public init() throws { plain = try FLACDecoder() }

  /// Decodes into `samples`, which is emptied first: mono at ``speechRate``, 16 bits.
  ///
  /// Several channels become their mean; another rate is resampled; then every sample is rounded to the nearest whole
  /// number, halves to even, without dither. A piece is cut out first and converted like a file of its own.
  public func decode(_ utterance: CorpusUtterance, into samples: SampleBuffer) throws -> Outcome {
    let audio = utterance.audio
    if utterance.isWhole, utterance.format.isPlainFLAC, utterance.format.rate == speechRate {
      opens += 1
      let info = try plain.decode(try audio.load(), name: audio.name, into: samples, checkingMD5: false)
      finishedFrames += samples.count
      guard samples.count == utterance.entry.samples else {
        throw Failure(
          .badInput, path: audio.name, "\(samples.count) samples, where \(utterance.entry.samples) were declared")
      }
      return Outcome(md5: info.md5)
    }
    do {
      let stream = try stream(of: utterance)
      var format = stream.format
      // FLAC from a pipe does not tell its length.
      if format.frames == 0 { format.frames = utterance.format.frames }
      guard format == utterance.format else { throw Failure(.badInput, path: audio.name, "the file has changed") }
      let outcome = try convert(stream, utterance, into: samples)
      if utterance.isWhole {
        try stream.checkWhole()
        close()
      }
      return outcome
    } catch {
      close()
      guard var failure = error as? Failure else { throw error }
      failure.path = failure.path ?? audio.name
      throw failure
    }
  }

  /// The open file or a new one, standing where the utterance begins.
  private func stream(of utterance: CorpusUtterance) throws -> any AudioStream {
    let first = utterance.entry.range.lowerBound
    if let open, open.audio.isSame(as: utterance.audio), open.stream.isSeekable || open.stream.position <= first {
      if open.stream.position != first { try open.stream.seek(to: first) }
      return open.stream
    }
    close()
    if let lost, lost.audio.isSame(as: utterance.audio), first >= lost.from {
      throw FLACStream.lost(utterance.audio.name, first)
    }
    opens += 1
    let stream = try openAudio(utterance.audio, checkingMD5: utterance.isWhole)
    open = (utterance.audio, stream)
    if first > 0 { try stream.seek(to: first) }
    return stream
  }

  private func close() {
    if let open, let stream = open.stream as? FLACStream, stream.lostFrom < .max {
      lost = (open.audio, stream.lostFrom)
    }
    finishedFrames = decodedFrames
    open = nil
  }

  private func convert(
    _ stream: any AudioStream, _ utterance: CorpusUtterance, into samples: SampleBuffer
  ) throws -> Outcome {
    samples.removeAll()
    var outcome = Outcome()
    // Silence clips at no scale, and so tells nothing of it.
    var sounding = 0
    let expected = utterance.samples
    func take(_ values: ArraySlice<Double>) throws {
      guard samples.count + values.count <= expected, let target = samples.grow(by: values.count) else {
        throw Failure(.badInput, "more than the \(expected) samples that its length gives")
      }
      try values.withUnsafeBufferPointer { values in
        for i in values.indices {
          let rounded = values[i].rounded(.toNearestOrEven)
          guard rounded == rounded else { throw Failure(.badInput, "a sample is not a number") }
          if rounded > 32_767 || rounded < -32_768 { outcome.clipped += 1 }
          if rounded != 0 { sounding += 1 }
          target[i] = Int16(max(-32_768, min(32_767, rounded)))
        }
      }
    }
    let isResampled = utterance.entry.rate != speechRate
    if isResampled {
      if resampler?.rate != utterance.entry.rate { resampler = try Resampler(rate: utterance.entry.rate) }
      try resampler!.begin()
    }
    var missing = utterance.entry.range.count
    var step = utterance.isWhole ? 1 << 13 : 1
    while missing > 0 {
      do { try stream.read(min(missing, step), into: &stretch) } catch  where step == 1 && stream is FLACStream {
        // The same as if the place had been sought.
        throw FLACStream.lost(utterance.audio.name, utterance.entry.range.lowerBound)
      }
      step = 1 << 13
      if stretch.isEmpty { break }
      missing -= stretch.count / stream.format.channels
      mixDown(channels: stream.format.channels)
      if isResampled { try resampler!.process(stretch, take) } else { try take(stretch[...]) }
    }
    if isResampled { try resampler!.process(nil, take) }
    guard missing == 0, samples.count == expected else {
      throw Failure(.badInput, "\(samples.count) samples, where \(expected) were declared")
    }
    guard outcome.clipped <= sounding / 2 else {
      throw Failure(
        .badInput, "\(outcome.clipped) of its \(samples.count) samples are beyond full scale",
        hint:
          "full scale of floating point is 1; from that of 16 bits, ffmpeg -i IN -af volume=1/32768 OUT.wav converts it"
      )
    }
    return outcome
  }

  /// The mean of the channels.
  private func mixDown(channels: Int) {
    guard channels > 1 else { return }
    let frames = stretch.count / channels
    for frame in 0..<frames {
      var sum = 0.0
      for channel in 0..<channels { sum += stretch[frame * channels + channel] }
      stretch[frame] = sum / Double(channels)
    }
    stretch.removeLast(stretch.count - frames)
  }
}
