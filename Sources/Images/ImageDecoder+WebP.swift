import CWebP
import FileIO
import Pixels

extension ImageDecoder {
  func decodeWebP(_ bytes: UnsafeRawBufferPointer, _ outcome: inout Outcome) throws {
    let format = outcome.format
    // The header says how long the rest is; a last byte that only fills up may be missing.
    let end = 8 + (bytes.littleEndian32(4) ?? 0)
    guard end <= bytes.count else {
      throw HeaderProblem.cutShort(at: bytes.count, "\(bytes.count) of \(end) bytes")
    }
    outcome.trailingBytes = bytes.count - end
    let channels = format.hasAlpha ? 4 : 3
    try fill(format, channels: channels) { target in
      var config = WebPDecoderConfig()
      guard WebPInitDecoderConfigInternal(&config, WEBP_DECODER_ABI_VERSION) != 0 else {
        throw Failure(.system, "libwebp is of another version than it was built with")
      }
      config.output.colorspace = channels == 4 ? MODE_RGBA : MODE_RGB
      config.output.is_external_memory = 1
      let stride = format.width * channels
      config.output.u.RGBA = WebPRGBABuffer(rgba: target, stride: CInt(stride), size: stride * format.height)
      let status = WebPDecode(bytes.bindMemory(to: UInt8.self).baseAddress, end, &config)
      WebPFreeDecBuffer(&config.output)
      switch status {
      case VP8_STATUS_OK: break
      case VP8_STATUS_OUT_OF_MEMORY: throw Failure(.system, "no memory to decode WebP")
      case VP8_STATUS_NOT_ENOUGH_DATA, VP8_STATUS_SUSPENDED:
        throw HeaderProblem.cutShort(at: end, "the pixels end too early")
      default: throw HeaderProblem.damaged(at: 12, "libwebp cannot decode its pixels (status \(status.rawValue))")
      }
    }
  }
}
