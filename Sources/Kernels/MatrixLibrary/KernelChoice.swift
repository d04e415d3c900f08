public import OrderedJSON

/// Which kernels of the matrix library multiply, and why: what tools say and logs keep.
public struct KernelChoice: Sendable, Equatable {
  public enum Reason: String, Sendable {
    /// The library's own choice, which uses what the processor has.
    case automatic
    /// Other kernels than the library's own choice, which would not use what the processor has or multiplies wrongly.
    case replaced
    /// The user's, by `OPENBLAS_CORETYPE`.
    case pinned
  }

  public var library = "OpenBLAS"
  /// `0.3.21`
  public var version: String
  /// The kernels in use, by the library's name for them: `Zen`.
  public var core: String
  /// The kernels that the library chose by itself; nil if the user's pin kept it from choosing.
  public var automaticCore: String?
  public var reason: Reason
  /// `OPENBLAS_CORETYPE=Haswell`, also where it names no kernels of the library.
  public var pin: String?
  /// What the user should know, a sentence each: pins that cost speed, kernels that multiply wrongly.
  public var warnings: [String] = []

  package init(version: String, core: String, automaticCore: String? = nil, reason: Reason, pin: String? = nil) {
    (self.version, self.core, self.automaticCore, self.reason, self.pin) = (version, core, automaticCore, reason, pin)
  }

  public var json: JSON {
    .object([
      "library": .string(library), "version": .string(version), "core": .string(core),
      "automatic_core": automaticCore.map { .string($0) } ?? .null, "reason": .string(reason.rawValue),
      "pin": pin.map { .string($0) } ?? .null, "warnings": .array(warnings.map { .string($0) }),
    ])
  }

  /// The reason for people: `the library's own choice`.
  public var explanation: String {
    switch reason {
    case .automatic: "the library's own choice"
    case .replaced: "instead of \(automaticCore ?? "?"), the library's own choice"
    case .pinned: "pinned by \(pin ?? "?")"
    }
  }
}
