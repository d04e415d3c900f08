import Archives
import FileIO

/// Decodes whole files, and pieces of long files, of which only the pieces are held. One per thread.
///
/// The file of the last piece stays open, so that pieces which follow one another are decoded in one pass. Whether a piece
/// can be decoded, and to what, never depends on what was decoded before.
public final class AudioDecoder {
  public struct Outcome: Sendable {
    /// What the samples' MD5 must be, for the caller to check with that of others; nil where that is done, or not possible.
    public var md5: SIMD16<UInt8>?
    /// Samples that were beyond the range of 16 bits and became the largest or the smallest.
    public var clipped = 0
  }

  private let plain: FLACDecoder
  private var open: (file: EncodedFile, stream: any AudioStream)?
  /// Where a file that was cut short ends: it is not searched again for each piece after that.
  private var lost: (file: EncodedFile, from: Int)?
  private var resampler: Resampler?
  private var stretch: [Double] = []
  /// Audio files opened, and frames decoded of them, also those that were passed over.
  public private(set) var opens = 0
  public var decodedFrames: Int { finishedFrames + (open?.stream.decodedFrames ?? 0) }
  private var finishedFrames = 0

  public init() throws { plain = try FLACDecoder() }

  /// Decodes into `samples`, which is emptied first: mono at ``speechRate``, 16 bits.
  ///
  /// Of several channels the piece's is taken, or their mean; another rate is resampled; then every sample is rounded to the nearest whole
  /// number, halves to even, without dither. A piece is cut out first and converted like a file of its own.
  public func decode(_ piece: AudioPiece, into samples: SampleBuffer) throws -> Outcome {
    let name = piece.file.name
    if piece.isWhole, piece.format.isPlainFLAC, piece.format.rate == speechRate {
      opens += 1
      let info = try plain.decode(try piece.file.load(), name: name, into: samples, checkingMD5: false)
      finishedFrames += samples.count
      guard samples.count == piece.format.frames else {
        throw Failure(.badInput, path: name, "\(samples.count) samples, where \(piece.format.frames) were declared")
      }
      return Outcome(md5: info.md5)
    }
    do {
      let stream = try stream(of: piece)
      var format = stream.format
      // FLAC from a pipe does not tell its length.
      if format.frames == 0 { format.frames = piece.format.frames }
      guard format == piece.format else { throw Failure(.badInput, path: name, "the file has changed") }
      try format.check(piece.channel, name: name)
      let outcome = try convert(stream, piece, into: samples)
      if piece.isWhole {
        try stream.checkWhole()
        close()
      }
      return outcome
    } catch {
      close()
      guard var failure = error as? Failure else { throw error }
      failure.path = failure.path ?? name
      throw failure
    }
  }

  /// The open file or a new one, standing where the piece begins.
  private func stream(of piece: AudioPiece) throws -> any AudioStream {
    let first = piece.range.lowerBound
    if let open, open.file.isSame(as: piece.file), open.stream.isSeekable || open.stream.position <= first {
      if open.stream.position != first { try open.stream.seek(to: first) }
      return open.stream
    }
    close()
    if let lost, lost.file.isSame(as: piece.file), first >= lost.from {
      throw FLACStream.lost(piece.file.name, first)
    }
    opens += 1
    let stream = try openAudio(piece.file, checkingMD5: piece.isWhole)
    open = (piece.file, stream)
    if first > 0 { try stream.seek(to: first) }
    return stream
  }

  private func close() {
    if let open, let stream = open.stream as? FLACStream, stream.lostFrom < .max {
      lost = (open.file, stream.lostFrom)
    }
    finishedFrames = decodedFrames
    open = nil
  }

  private func convert(
    _ stream: any AudioStream, _ piece: AudioPiece, into samples: SampleBuffer
  ) throws -> Outcome {
    samples.removeAll()
    var outcome = Outcome()
    // Silence clips at no scale, and so tells nothing of it.
    var sounding = 0
    let expected = piece.samples
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
    let isResampled = piece.format.rate != speechRate
    if isResampled {
      if resampler?.rate != piece.format.rate { resampler = try Resampler(rate: piece.format.rate) }
      try resampler!.begin()
    }
    var missing = piece.range.count
    var step = piece.isWhole ? 1 << 13 : 1
    while missing > 0 {
      do { try stream.read(min(missing, step), into: &stretch) } catch  where step == 1 && stream is FLACStream {
        // The same as if the place had been sought.
        throw FLACStream.lost(piece.file.name, piece.range.lowerBound)
      }
      step = 1 << 13
      if stretch.isEmpty { break }
      missing -= stretch.count / stream.format.channels
      mixDown(channels: stream.format.channels, to: piece.channel)
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

  /// One of the channels, or their mean.
  private func mixDown(channels: Int, to channel: Channel?) {
    guard channels > 1 else { return }
    let frames = stretch.count / channels
    if case .one(let number) = channel {
      for frame in 0..<frames { stretch[frame] = stretch[frame * channels + number - 1] }
      stretch.removeLast(stretch.count - frames)
      return
    }
    for frame in 0..<frames {
      var sum = 0.0
      for channel in 0..<channels { sum += stretch[frame * channels + channel] }
      stretch[frame] = sum / Double(channels)
    }
    stretch.removeLast(stretch.count - frames)
  }
}
