import CJPEG
import FileIO
import Pixels

extension ImageDecoder {
  func decodeJPEG(_ bytes: UnsafeRawBufferPointer, _ outcome: inout Outcome) throws {
    let format = outcome.format
    let scans = try JPEGScans(bytes, JPEGHeader(bytes))
    outcome.trailingBytes = bytes.count - scans.end
    let channels = format.channels == 4 ? 4 : 3
    var result = cjpeg_result()
    try fill(format, channels: channels) { target in
      var request = cjpeg_request(
        bytes: bytes.bindMemory(to: UInt8.self).baseAddress, size: scans.end, width: UInt32(format.width),
        height: UInt32(format.height), channels: CInt(channels), pixels: target)
      cjpeg_decode(&request, &result)
      guard result.status == CJPEG_GOOD else { throw Self.failure(result) }
    }
    if result.warnings > 0 { outcome.warning = text(of: &result.warning) }
  }

  private static func failure(_ result: cjpeg_result) -> Failure {
    var result = result
    let reason = text(of: &result.reason)
    switch result.status {
    case CJPEG_NO_MEMORY: return Failure(.system, "no memory to decode JPEG")
    case CJPEG_OTHER: return Failure(.badInput, "JPEG, which cannot be read: \(reason)")
    default:
      let place = "near byte \(result.position), row \(result.row)"
      let what = result.status == CJPEG_CUT_SHORT ? "cut short" : "damaged"
      return Failure(.badInput, at: place, "JPEG, \(what): \(reason)")
    }
  }
}

/// The text in an array of C.
func text<Characters>(of characters: inout Characters) -> String {
  withUnsafeBytes(of: &characters) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
}
