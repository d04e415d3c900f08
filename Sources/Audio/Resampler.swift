import CSoxr
import FileIO

/// Changes the rate of one signal after the other with libsoxr, quality VHQ (28 bits), in double precision on one thread,
/// so that the result depends on nothing but the samples.
final class Resampler {
  let rate: Int
  private let soxr: soxr_t
  private var buffer = [Double](repeating: 0, count: 1 << 13)

  /// `rate` in Hz, to ``speechRate``.
  init(rate: Int) throws {
    var error: soxr_error_t?
    var format = soxr_io_spec(SOXR_FLOAT64_I, SOXR_FLOAT64_I)
    var quality = soxr_quality_spec(UInt(SOXR_VHQ), 0)
    var runtime = soxr_runtime_spec(1)
    guard
      let soxr = soxr_create(Double(rate), Double(speechRate), 1, &error, &format, &quality, &runtime), error == nil
    else {
      throw Failure(
        .badInput, "libsoxr cannot resample \(rate) Hz: \(error.map { String(cString: $0) } ?? "no memory")")
    }
    self.soxr = soxr
    self.rate = rate
  }

  deinit { soxr_delete(soxr) }

  /// The library and its version, for example `libsoxr-0.1.3`.
  static var library: String { String(cString: soxr_version()) }

  /// Ready for another signal.
  func begin() throws { try check(soxr_clear(soxr)) }

  /// Resamples the next stretch (not empty), nil at the signal's end; `take` gets what comes out.
  func process(_ samples: [Double]?, _ take: (ArraySlice<Double>) throws -> Void) throws {
    var used = 0
    while true {
      var (consumed, made) = (0, 0)
      let room = buffer.count
      if let samples {
        try samples.withUnsafeBufferPointer { input in
          try check(
            soxr_process(
              soxr, input.baseAddress! + used, samples.count - used, &consumed,
              &buffer, room, &made))
        }
      } else {
        try check(soxr_process(soxr, nil, 0, nil, &buffer, room, &made))
      }
      used += consumed
      if made > 0 { try take(buffer[..<made]) }
      if made < room, used == samples?.count ?? 0 { return }
    }
  }

  private func check(_ error: soxr_error_t?) throws {
    if let error { throw Failure(.badInput, "libsoxr: \(String(cString: error))") }
  }
}
