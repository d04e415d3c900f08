import CICU
import FileIO

/// Throws what a status of ICU says; those up to 0 are success and warnings.
func check(_ status: Int32, _ action: String) throws {
  guard status > 0 else { return }
  throw Failure(.system, "ICU cannot \(action): \(String(cString: cpc_icu_error(status)))")
}

/// `U_BUFFER_OVERFLOW_ERROR`.
let icuNeedsRoom: Int32 = 15
