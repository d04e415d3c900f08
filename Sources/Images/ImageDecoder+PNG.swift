import CPNG
import FileIO
import Pixels

extension ImageDecoder {
  func decodePNG(_ bytes: UnsafeRawBufferPointer, _ outcome: inout Outcome) throws {
    let format = outcome.format
    let header = try PNGHeader(bytes)
    guard let end = header.end else {
      throw HeaderProblem.cutShort(at: bytes.count, "it ends without its last chunk (IEND)")
    }
    // Deflate packs 1032 bytes into one at most.
    let channels = format.traits.contains("palette") ? 1 : format.channels
    guard (format.width * channels * format.bits + 7) / 8 * format.height <= 1032 * header.packed else {
      throw HeaderProblem.cutShort(
        at: end, "\(header.packed) packed bytes cannot hold \(format.width) × \(format.height) pixels")
    }
    outcome.trailingBytes = bytes.count - end
    var result = cpng_result()
    let stored = format.hasAlpha ? 4 : 3
    try fill(format, channels: stored) { target in
      var request = cpng_request(
        bytes: bytes.bindMemory(to: UInt8.self).baseAddress, size: end, width: UInt32(format.width),
        height: UInt32(format.height), channels: CInt(stored), pixels: target)
      cpng_decode(&request, &result)
      guard result.status == CPNG_GOOD else { throw Self.failure(result) }
    }
    if result.warnings > 0 { outcome.warning = text(of: &result.warning) }
  }

  private static func failure(_ result: cpng_result) -> Failure {
    var result = result
    let reason = text(of: &result.reason)
    switch result.status {
    case CPNG_NO_MEMORY: return Failure(.system, "no memory to decode PNG")
    case CPNG_CUT_SHORT: return Failure(.badInput, at: "byte \(result.position)", "PNG, cut short: \(reason)")
    default: return Failure(.badInput, at: "before byte \(result.position)", "PNG, damaged: \(reason)")
    }
  }
}
