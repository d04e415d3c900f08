import CFLAC

/// What the callbacks of a FLAC decoder work on, as far as all decoders have it.
class FLACSession {
  var info: FLACStreamInfo?
  /// The first thing that went wrong.
  var problem: String?
  /// Nothing but this: no frame began where the last one had ended, which may have been the last one of the stream.
  var isOutOfSync = false
  /// Where the frame ended that was decoded last, in the encoded bytes.
  private(set) var frameEnd = 0
  /// Frames that came since then.
  var framesSinceLast = 0

  /// Forgets the stream before.
  func begin() {
    info = nil
    problem = nil
    isOutOfSync = false
    frameEnd = 0
    framesSinceLast = 0
  }

  /// To be called while nothing has gone wrong.
  func noteFrameEnd(of decoder: UnsafePointer<FLAC__StreamDecoder>) {
    framesSinceLast = 0
    var position: FLAC__uint64 = 0
    if FLAC__stream_decoder_get_decode_position(decoder, &position) != 0 { frameEnd = Int(clamping: position) }
  }

  /// What is wrong with a frame that is not as the stream's header says.
  func otherFrame(_ frame: FLAC__FrameHeader) -> String {
    "a frame has \(frame.channels) channels of \(frame.bits_per_sample) bits at \(frame.sample_rate) Hz, "
      + "and the header says \(info?.channels ?? 0) of \(info?.bitsPerSample ?? 0) at \(info?.sampleRate ?? 0)"
  }

  /// Why the stream does not end with its last frame, from what stands after it; nil if that is nothing but tags.
  func fault(after reader: EncodedReader) -> String? {
    guard let place = foreignBytes(reader, from: frameEnd) else { return nil }
    let length = reader.size - place
    let isFrame = isFLACFrame(reader.bytes(at: place, count: 2))
    guard let declared = info?.totalSamples, declared > 0 else {
      return isFrame
        ? "cut short: only \(length) bytes of its last frame are there"
        : "damaged, or cut short inside a frame: \(length) bytes follow that are no FLAC frame"
    }
    let what = reader.has("fLaC", at: place) ? "another FLAC stream" : isFrame ? "more FLAC frames" : "something else"
    return "the header declares \(declared) samples, but \(what) of \(length) bytes follows them"
  }
}

func takeMetadata(
  _: UnsafePointer<FLAC__StreamDecoder>?, block: UnsafePointer<FLAC__StreamMetadata>?,
  client: UnsafeMutableRawPointer?
) {
  guard block!.pointee.type == FLAC__METADATA_TYPE_STREAMINFO else { return }
  session(client).info = FLACStreamInfo(block!.pointee.data.stream_info)
}

func takeError(
  _: UnsafePointer<FLAC__StreamDecoder>?, status: FLAC__StreamDecoderErrorStatus, client: UnsafeMutableRawPointer?
) {
  let session = session(client)
  guard session.problem == nil else { return }
  session.problem = problem(status)
  session.isOutOfSync = status == FLAC__STREAM_DECODER_ERROR_STATUS_LOST_SYNC
}

private func session(_ client: UnsafeMutableRawPointer?) -> FLACSession {
  Unmanaged<FLACSession>.fromOpaque(client!).takeUnretainedValue()
}

/// Whether a frame's sync code is here.
private func isFLACFrame(_ bytes: [UInt8]) -> Bool { bytes.count == 2 && bytes[0] == 0xff && bytes[1] & 0xfe == 0xf8 }

/// What an error of libFLAC means; nil if the samples may be good all the same.
private func problem(_ status: FLAC__StreamDecoderErrorStatus) -> String? {
  switch status {
  case FLAC__STREAM_DECODER_ERROR_STATUS_LOST_SYNC: "damaged: no frame begins where one must"
  case FLAC__STREAM_DECODER_ERROR_STATUS_BAD_HEADER: "damaged: bad frame header"
  case FLAC__STREAM_DECODER_ERROR_STATUS_FRAME_CRC_MISMATCH: "damaged: bad frame checksum (CRC)"
  case FLAC__STREAM_DECODER_ERROR_STATUS_UNPARSEABLE_STREAM: "damaged: not decodable"
  // Tags and pictures, which have nothing to do with the samples.
  default: nil
  }
}
