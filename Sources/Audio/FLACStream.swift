import CFLAC
import FileIO
import Glibc

/// FLAC of any shape, decoded stretch by stretch. Every frame's checksum is checked, and on request the MD5 of
/// all samples.
final class FLACStream: AudioStream {
  private(set) var format: AudioFormat
  private(set) var position = 0
  var isSeekable: Bool { !isInOgg }
  var decodedFrames: Int { session.decodedFrames }
  /// Nothing comes from this frame on.
  private(set) var lostFrom = Int.max
  /// Frames of the longest block.
  private var maximumBlock = 1 << 16
  private let name: String
  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  private let session: StreamSession

  /// What the header says; 0 is nothing.
  private let declared: Int
  /// Number of the first sample, not 0 in a segment of a stream, and then what is declared is that of the whole.
  private let firstSample: Int
  private let isInOgg: Bool

  init(_ reader: EncodedReader, name: String, checkingMD5: Bool, isInOgg: Bool = false) throws {
    guard let decoder = FLAC__stream_decoder_new() else { throw Failure(.system, "no memory for a FLAC decoder") }
    self.decoder = decoder
    self.name = name
    session = StreamSession(reader)
    self.isInOgg = isInOgg
    format = AudioFormat(
      frames: 0, rate: 0, channels: 0, bits: 0, container: isInOgg ? "FLAC in Ogg" : AudioFormat.flac)
    FLAC__stream_decoder_set_md5_checking(decoder, checkingMD5 ? 1 : 0)
    let start = isInOgg ? FLAC__stream_decoder_init_ogg_stream : FLAC__stream_decoder_init_stream
    let status = start(
      decoder, readEncoded, seekEncoded, tellEncoded, lengthOfEncoded, isAtEndOfEncoded, takeFrame, takeMetadata,
      takeError,
      Unmanaged.passUnretained(session).toOpaque())
    guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK else {
      throw Failure(.system, path: name, "cannot start the FLAC decoder (status \(status.rawValue))")
    }
    FLAC__stream_decoder_process_until_end_of_metadata(decoder)
    guard let info = session.info, info.sampleRate > 0, info.channels > 0 else {
      (declared, firstSample) = (0, 0)
      throw Failure(
        .badInput, path: name, reader.size < 42 ? "cut short inside its header" : "the FLAC header is damaged")
    }
    session.noteFrameEnd(of: decoder)
    declared = info.totalSamples
    firstSample =
      isInOgg ? 0 : Audio.firstSample(ofFrame: reader.bytes(at: session.frameEnd, count: 16), info) ?? 0
    // Only decoding tells the length of a segment.
    format.frames = firstSample == 0 ? declared : 0
    format.rate = info.sampleRate
    format.channels = info.channels
    format.bits = info.bitsPerSample
    maximumBlock = info.maximumBlock
    session.expect(info, firstSample)
  }

  deinit {
    FLAC__stream_decoder_finish(decoder)
    FLAC__stream_decoder_delete(decoder)
  }

  func read(_ count: Int, into samples: inout [Double]) throws {
    samples.removeAll(keepingCapacity: true)
    var missing = count
    while missing > 0 {
      if session.isEmpty {
        let state = FLAC__stream_decoder_get_state(decoder)
        if state == FLAC__STREAM_DECODER_END_OF_STREAM { break }
        guard FLAC__stream_decoder_process_single(decoder) != 0 || session.problem != nil else {
          throw failure("the decoder gave up")
        }
        if let failure = session.reader.failure { throw asBadInput(failure) }
        if let problem = session.problem {
          guard session.isOutOfSync, try isAtEnd() else { throw failure(problem) }
          break
        }
        session.noteFrameEnd(of: decoder)
        guard session.isEmpty || session.blockStart == position else { throw failure("damaged: frames are missing") }
        continue
      }
      let taken = session.take(missing, into: &samples)
      missing -= taken
      position += taken
    }
    if missing > 0 { try requireEnd() }
  }

  /// Throws if this is not where the stream ends.
  private func requireEnd() throws {
    guard try isAtEnd() else {
      throw failure("cut short or damaged at its end: \(position) of the declared \(declared) samples are there")
    }
  }

  /// Whether nothing but tags follows the last frame; throws if frames do. The pages of Ogg have been looked at already.
  private func isAtEnd() throws -> Bool {
    if isInOgg, position >= declared { try requireNothingMore() }
    guard !isInOgg, position + firstSample >= declared, let fault = session.fault(after: session.reader) else {
      return position + firstSample >= declared
    }
    throw failure(fault)
  }

  /// Throws if the decoder has frames after the last that is declared.
  private func requireNothingMore() throws {
    while session.isEmpty, session.problem == nil,
      FLAC__stream_decoder_get_state(decoder).rawValue < FLAC__STREAM_DECODER_END_OF_STREAM.rawValue,
      FLAC__stream_decoder_process_single(decoder) != 0
    {}
    guard session.isEmpty, session.problem == nil else {
      throw failure("the header declares \(declared) samples, but more FLAC frames follow them")
    }
  }

  /// Damage that lies before `frame` does not matter: whether a stretch can be read depends on that stretch alone, however
  /// the decoder came there.
  func seek(to frame: Int) throws {
    if frame >= position, frame - position < Self.nearby {
      if try scan(to: frame, pastDamage: false) { return }
    }
    if !isSeekable {
      guard frame >= position, try scan(to: frame, pastDamage: false) else { throw Self.lost(name, frame) }
      return
    }
    if firstSample == 0, frame > maximumBlock {
      // libFLAC tells nothing of a damaged block that it seeks to, and gives zeros for it. So it is sent to the block
      // before, and what is wanted is decoded as usual.
      session.clear()
      let isFound = FLAC__stream_decoder_seek_absolute(decoder, FLAC__uint64(frame - maximumBlock)) != 0
      if isFound, try scan(to: frame, pastDamage: true) { return }
    }
    session.clear()
    FLAC__stream_decoder_reset(decoder)
    guard try scan(to: frame, pastDamage: true) else { throw Self.lost(name, frame) }
  }

  static func lost(_ name: String, _ frame: Int) -> Failure {
    Failure(.badInput, path: name, at: "sample \(frame)", "cut short or damaged: nothing can be decoded here")
  }

  /// Nearer than this (in frames), decoding is cheaper than seeking.
  private static let nearby = 1 << 16

  /// Decodes up to `frame`, past what is damaged or only up to that; false if `frame` does not come.
  private func scan(to frame: Int, pastDamage: Bool) throws -> Bool {
    session.isScanning = true
    defer { session.isScanning = false }
    while session.blockStart + session.blockFrames <= frame {
      session.clear()
      guard FLAC__stream_decoder_get_state(decoder).rawValue < FLAC__STREAM_DECODER_END_OF_STREAM.rawValue else {
        lostFrom = frame
        return false
      }
      guard FLAC__stream_decoder_process_single(decoder) != 0 else { return false }
      if let failure = session.reader.failure { throw asBadInput(failure) }
      if session.problem != nil {
        guard pastDamage else { return false }
        session.clear()
      }
    }
    guard session.blockStart <= frame else { return false }
    session.drop(before: frame)
    position = frame
    return true
  }

  func checkWhole() throws {
    try requireEnd()
    // A segment has the MD5 of the whole stream.
    if FLAC__stream_decoder_finish(decoder) == 0, firstSample == 0 { throw FLACStreamInfo.wrongMD5(name: name) }
  }

  private func failure(_ reason: String) -> Failure {
    Failure(.badInput, path: name, at: "sample \(position)", reason)
  }
}

/// What the callbacks work on.
private final class StreamSession: FLACSession {
  let reader: EncodedReader
  /// A damaged block is passed over and does not stop the decoder.
  var isScanning = false
  private var firstSample = 0
  private var channels = 1
  private var scale = 1.0
  /// The frames of the last block, interleaved, and how many samples have been taken.
  private var block: [Double] = []
  private var taken = 0
  /// Number of the block's first frame.
  private(set) var blockStart = 0
  private(set) var decodedFrames = 0

  init(_ reader: EncodedReader) { self.reader = reader }

  func expect(_ info: FLACStreamInfo, _ firstSample: Int) {
    self.firstSample = firstSample
    channels = info.channels
    scale = pow(2, Double(16 - info.bitsPerSample))
  }

  var isEmpty: Bool { taken == block.count }
  var blockFrames: Int { block.count / channels }

  /// Drops what comes before `frame` in the block.
  func drop(before frame: Int) { taken = (frame - blockStart) * channels }

  func clear() {
    block.removeAll(keepingCapacity: true)
    blockStart = 0
    taken = 0
    problem = nil
    isOutOfSync = false
  }

  func take(_ frames: Int, into samples: inout [Double]) -> Int {
    let count = min(frames * channels, block.count - taken)
    samples += block[taken..<(taken + count)]
    taken += count
    return count / channels
  }

  /// False stops the decoder.
  func append(_ frame: FLAC__FrameHeader, _ buffers: UnsafePointer<UnsafePointer<Int32>?>) -> Bool {
    guard problem == nil else { return isScanning }
    guard Int(frame.channels) == channels, Int(frame.bits_per_sample) == info?.bitsPerSample,
      Int(frame.sample_rate) == info?.sampleRate
    else {
      problem = otherFrame(frame)
      return isScanning
    }
    clear()
    let count = Int(frame.blocksize)
    // libFLAC gives every frame the number of its first sample.
    blockStart = Int(frame.number.sample_number) - firstSample
    decodedFrames += count
    block = [Double](unsafeUninitializedCapacity: count * channels) { target, filled in
      for channel in 0..<channels {
        let source = buffers[channel]!
        for i in 0..<count { target[i * channels + channel] = Double(source[i]) * scale }
      }
      filled = count * channels
    }
    return true
  }
}

private func session(_ client: UnsafeMutableRawPointer?) -> StreamSession {
  Unmanaged<StreamSession>.fromOpaque(client!).takeUnretainedValue()
}

private func readEncoded(
  _: UnsafePointer<FLAC__StreamDecoder>?, buffer: UnsafeMutablePointer<FLAC__byte>?,
  count: UnsafeMutablePointer<Int>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderReadStatus {
  count!.pointee = session(client).reader.read(into: buffer!, count: count!.pointee)
  return count!.pointee == 0
    ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
}

private func seekEncoded(
  _: UnsafePointer<FLAC__StreamDecoder>?, offset: FLAC__uint64, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderSeekStatus {
  let reader = session(client).reader
  guard offset <= UInt64(reader.size) else { return FLAC__STREAM_DECODER_SEEK_STATUS_ERROR }
  reader.position = Int(offset)
  return FLAC__STREAM_DECODER_SEEK_STATUS_OK
}

private func tellEncoded(
  _: UnsafePointer<FLAC__StreamDecoder>?, offset: UnsafeMutablePointer<FLAC__uint64>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderTellStatus {
  offset!.pointee = FLAC__uint64(session(client).reader.position)
  return FLAC__STREAM_DECODER_TELL_STATUS_OK
}

private func lengthOfEncoded(
  _: UnsafePointer<FLAC__StreamDecoder>?, length: UnsafeMutablePointer<FLAC__uint64>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderLengthStatus {
  length!.pointee = FLAC__uint64(session(client).reader.size)
  return FLAC__STREAM_DECODER_LENGTH_STATUS_OK
}

private func isAtEndOfEncoded(_: UnsafePointer<FLAC__StreamDecoder>?, client: UnsafeMutableRawPointer?) -> FLAC__bool {
  session(client).reader.position >= session(client).reader.size ? 1 : 0
}

private func takeFrame(
  _: UnsafePointer<FLAC__StreamDecoder>?, frame: UnsafePointer<FLAC__Frame>?,
  channels: UnsafePointer<UnsafePointer<FLAC__int32>?>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderWriteStatus {
  session(client).append(frame!.pointee.header, channels!)
    ? FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE : FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
}
