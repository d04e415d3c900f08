import CFLAC

/// What the callbacks of a FLAC decoder work on, as far as all decoders have it.
class FLACSession {
  var info: FLACStreamInfo?
  /// The first thing that went wrong.
  var problem: String?
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
  if session.problem == nil { session.problem = problem(status) }
}

private func session(_ client: UnsafeMutableRawPointer?) -> FLACSession {
  Unmanaged<FLACSession>.fromOpaque(client!).takeUnretainedValue()
}

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
