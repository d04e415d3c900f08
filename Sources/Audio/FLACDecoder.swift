import Archives
import CFLAC
import FileIO
import Glibc

/// Decodes FLAC with libFLAC and checks every frame's CRC and the MD5 of all samples. One per thread, for any number
/// of files.
package final class FLACDecoder {
  private let decoder: UnsafeMutablePointer<FLAC__StreamDecoder>
  private let session = DecodingSession()

  package init() throws {
    guard let decoder = FLAC__stream_decoder_new() else { throw Failure(.system, "no memory for a FLAC decoder") }
    self.decoder = decoder
  }

  deinit { FLAC__stream_decoder_delete(decoder) }

  /// Decodes a whole stream (mono, 16 bit) into `samples`, which is emptied first and grows with what is really
  /// decoded, whatever the stream declares.
  ///
  /// With `checkingMD5` false, the caller compares ``FLACStreamInfo/md5`` himself, with that of several streams at once.
  ///
  /// A `Failure` of kind `badInput` names the position in samples and the reason: a damaged frame, an MD5 that does
  /// not match, a stream that ends early, something that is not FLAC.
  @discardableResult
  package func decode(
    _ bytes: [UInt8], name: String, into samples: SampleBuffer, checkingMD5: Bool = true
  ) throws -> FLACStreamInfo {
    samples.removeAll()
    return try run(bytes, name: name, samples: samples, checkingMD5: checkingMD5) { info in
      while session.problem == nil, !ended {
        guard FLAC__stream_decoder_process_single(decoder) != 0 else { break }
        if session.problem == nil { session.noteFrameEnd(of: decoder) }
      }
      try requireEnd(info, samples, bytes, name: name)
      // A segment has the MD5 of the whole stream.
      if session.firstSample > 0 { info.md5 = nil }
      if FLAC__stream_decoder_finish(decoder) == 0, info.md5 != nil {
        throw FLACStreamInfo.wrongMD5(name: name)
      }
      guard samples.count > 0 else { throw Failure(.badInput, path: name, "no samples") }
    }
  }

  /// Throws if the stream has not been decoded to its end, or does not have the length that it declares.
  private func requireEnd(_ info: FLACStreamInfo, _ samples: SampleBuffer, _ bytes: [UInt8], name: String) throws {
    // A segment that was cut out of a stream may declare the length of the whole.
    let declared = info.totalSamples
    let isShort = session.firstSample + samples.count < declared
    if isShort, session.reachedEnd || session.problem == nil && ended {
      throw session.failure(
        "cut short or damaged at its end: \(samples.count) of the declared \(declared) samples are there", name: name)
    }
    if let problem = session.problem, !session.isOutOfSync || isShort {
      throw session.failure(problem, name: name)
    }
    guard declared == 0 || session.firstSample > 0 || samples.count <= declared else {
      throw session.failure("the header declares \(declared) samples, \(samples.count) are there", name: name)
    }
    guard ended || session.problem != nil else { throw session.failure("the decoder gave up", name: name) }
    if session.frameEnd < session.size,
      let fault = session.fault(
        after: try EncodedReader(EncodedFile(name: name, bytes: bytes)).stretch(session.range))
    {
      throw session.failure(fault, name: name)
    }
  }

  /// Reads STREAMINFO alone.
  func readHeader(_ bytes: [UInt8], name: String) throws -> FLACStreamInfo {
    try run(bytes, name: name, samples: nil, checkingMD5: false) { _ in }
  }

  private var ended: Bool { FLAC__stream_decoder_get_state(decoder) == FLAC__STREAM_DECODER_END_OF_STREAM }

  /// Opens the stream, reads STREAMINFO and hands it to `body`.
  private func run(
    _ bytes: [UInt8], name: String, samples: SampleBuffer?, checkingMD5: Bool,
    body: (inout FLACStreamInfo) throws -> Void
  ) throws -> FLACStreamInfo {
    let tags =
      bytes.starts(with: "fLaC".utf8) ? 0 : leadingTags(try EncodedReader(EncodedFile(name: name, bytes: bytes)))
    guard bytes.dropFirst(tags).starts(with: "fLaC".utf8) else {
      throw notAudio(
        Array(bytes[(tags < bytes.count ? tags : 0)...].prefix(headerBytes)), name: name, wanted: AudioFormat.flac)
    }
    return try bytes.withUnsafeBytes { raw in
      session.begin(raw, from: tags, samples: samples)
      defer {
        FLAC__stream_decoder_finish(decoder)
        session.end()
      }
      FLAC__stream_decoder_set_md5_checking(decoder, checkingMD5 ? 1 : 0)
      let status = FLAC__stream_decoder_init_stream(
        decoder, readBytes, nil, tellPosition, nil, nil, takeFrame, takeMetadata, takeError,
        Unmanaged.passUnretained(session).toOpaque())
      guard status == FLAC__STREAM_DECODER_INIT_STATUS_OK else {
        throw Failure(.system, path: name, "cannot start the FLAC decoder (status \(status.rawValue))")
      }
      // One call reads one metadata block, and STREAMINFO is the first.
      FLAC__stream_decoder_process_single(decoder)
      guard var info = session.info else {
        throw Failure(
          .badInput, path: name,
          bytes.count < 42 ? "cut short inside its header" : "the FLAC header is damaged")
      }
      if samples != nil { try info.requireMono16(name: name) }
      try body(&info)
      return info
    }
  }
}

/// What the callbacks of one stream work on.
private final class DecodingSession: FLACSession {
  private var input = UnsafeRawBufferPointer(start: nil, count: 0)
  private var consumed = 0
  /// More was wanted than there is.
  private(set) var reachedEnd = false
  private(set) var samples: SampleBuffer?
  /// Number of the first sample that was decoded, not 0 in a segment of a stream.
  private(set) var firstSample = 0
  /// Of the stream in the file.
  private(set) var range = 0..<0
  var size: Int { range.count }

  /// - Parameter start: bytes of tags before the stream.
  func begin(_ input: UnsafeRawBufferPointer, from start: Int, samples: SampleBuffer?) {
    self.input = UnsafeRawBufferPointer(rebasing: input[start...])
    self.samples = samples
    range = start..<input.count
    consumed = 0
    reachedEnd = false
    firstSample = 0
    begin()
  }

  func end() {
    input = UnsafeRawBufferPointer(start: nil, count: 0)
    samples = nil
  }

  func failure(_ reason: String, name: String) -> Failure {
    Failure(.badInput, path: name, at: "sample \(samples?.count ?? 0)", reason)
  }

  /// Bytes that have been handed out.
  var handedOut: FLAC__uint64 { FLAC__uint64(consumed) }

  /// Copies up to `limit` bytes; 0 is the end.
  func read(into target: UnsafeMutablePointer<UInt8>, limit: Int) -> Int {
    let count = min(limit, input.count - consumed)
    if count > 0 {
      memcpy(target, input.baseAddress! + consumed, count)
      consumed += count
    } else {
      reachedEnd = true
    }
    return count
  }

  /// Appends a frame; false stops the decoder.
  func append(_ frame: FLAC__FrameHeader, _ channel: UnsafePointer<Int32>) -> Bool {
    guard problem == nil, let samples else { return false }
    let count = Int(frame.blocksize)
    guard frame.channels == 1, frame.bits_per_sample == 16, Int(frame.sample_rate) == info?.sampleRate else {
      problem = otherFrame(frame)
      return false
    }
    guard samples.count + count <= maximumUtteranceSamples else {
      problem = "longer than the \(maximumUtteranceSamples) samples that one utterance may have"
      return false
    }
    // Where frames are missing, libFLAC puts silence before the next one, without a word.
    framesSinceLast += 1
    guard framesSinceLast == 1 else {
      problem = "damaged: frames are missing"
      return false
    }
    if samples.count == 0 { firstSample = Int(frame.number.sample_number) }
    guard let target = samples.grow(by: count) else {
      problem = "no memory for the decoded samples"
      return false
    }
    for i in 0..<count { target[i] = Int16(truncatingIfNeeded: channel[i]) }
    return true
  }
}

private func current(_ client: UnsafeMutableRawPointer?) -> DecodingSession {
  Unmanaged<DecodingSession>.fromOpaque(client!).takeUnretainedValue()
}

private func readBytes(
  _: UnsafePointer<FLAC__StreamDecoder>?, buffer: UnsafeMutablePointer<FLAC__byte>?,
  count: UnsafeMutablePointer<Int>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderReadStatus {
  count!.pointee = current(client).read(into: buffer!, limit: count!.pointee)
  return count!.pointee == 0
    ? FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM : FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
}

private func tellPosition(
  _: UnsafePointer<FLAC__StreamDecoder>?, offset: UnsafeMutablePointer<FLAC__uint64>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderTellStatus {
  offset!.pointee = current(client).handedOut
  return FLAC__STREAM_DECODER_TELL_STATUS_OK
}

private func takeFrame(
  _: UnsafePointer<FLAC__StreamDecoder>?, frame: UnsafePointer<FLAC__Frame>?,
  channels: UnsafePointer<UnsafePointer<FLAC__int32>?>?, client: UnsafeMutableRawPointer?
) -> FLAC__StreamDecoderWriteStatus {
  current(client).append(frame!.pointee.header, channels![0]!)
    ? FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE : FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
}
