import FileIO

/// The processor, as Linux describes it in /proc/cpuinfo. What it does not say is empty or nil.
public struct Processor: Sendable, Equatable {
  /// `GenuineIntel`, `AuthenticAMD`.
  public var vendor = ""
  /// For people: `AMD EPYC 9R14`.
  public var name = ""
  public var family: Int?
  public var model: Int?
  /// Linux's names of what an x86-64 processor can do and programs may use: `avx2`, `avx512f`. Empty elsewhere.
  public var features: Set<String> = []

  /// This machine's; where there is no /proc, one of which nothing is known.
  public static let current = Processor(
    cpuinfo: (try? File.contents(of: "/proc/cpuinfo")).map { String(decoding: $0, as: UTF8.self) } ?? "")

  /// The first processor of the text of a /proc/cpuinfo.
  public init(cpuinfo: String) {
    for line in cpuinfo.split(separator: "\n", omittingEmptySubsequences: false) {
      guard let colon = line.firstIndex(of: ":") else {
        // An empty line ends a processor.
        if vendor.isEmpty && features.isEmpty { continue } else { break }
      }
      let value = line[line.index(after: colon)...].trimmingSpaces
      switch line[..<colon].trimmingSpaces {
      case "vendor_id": vendor = String(value)
      case "model name": name = String(value)
      case "cpu family": family = Int(value)
      case "model": model = Int(value)
      case "flags": features = Set(value.split(separator: " ").map(String.init))
      default: break
      }
    }
  }

  func has(_ names: String...) -> Bool { names.allSatisfy(features.contains) }

  /// The most that compiled products and vector code may ask of the processor; nil where its features are not known.
  public var level: InstructionLevel? {
    if has("avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd") { return .avx512 }
    if has("avx2", "fma") { return .avx2 }
    if has("avx") { return .avx }
    return has("sse2") ? .sse : nil
  }

  /// The sets of instructions that matter to products, in the order in which they came.
  public var instructionSets: [String] {
    [
      ("sse4_2", "SSE4.2"), ("avx", "AVX"), ("avx2", "AVX2"), ("fma", "FMA"), ("avx512f", "AVX-512F"),
      ("avx512bw", "AVX-512BW"), ("avx512vl", "AVX-512VL"), ("avx512_vnni", "AVX512_VNNI"),
      ("avx512_bf16", "AVX512_BF16"), ("avx512_fp16", "AVX512_FP16"), ("amx_tile", "AMX-TILE"),
      ("amx_bf16", "AMX-BF16"), ("amx_int8", "AMX-INT8"),
    ].filter { features.contains($0.0) }.map(\.1)
  }
}

/// Generations of x86-64 vector instructions that products are written for, slowest first.
public enum InstructionLevel: Int, Sendable, Comparable, CaseIterable {
  case sse, avx, avx2, avx512

  public static func < (a: Self, b: Self) -> Bool { a.rawValue < b.rawValue }

  public var name: String {
    switch self {
    case .sse: "SSE"
    case .avx: "AVX"
    case .avx2: "AVX2 and FMA"
    case .avx512: "AVX-512"
    }
  }

  /// Bits of the widest vector.
  public var vectorBits: Int {
    switch self {
    case .sse: 128
    case .avx, .avx2: 256
    case .avx512: 512
    }
  }
}

extension Substring {
  fileprivate var trimmingSpaces: Substring {
    let space: (Character) -> Bool = { $0 == " " || $0 == "\t" }
    guard let first = firstIndex(where: { !space($0) }), let last = lastIndex(where: { !space($0) }) else { return "" }
    return self[first...last]
  }
}
