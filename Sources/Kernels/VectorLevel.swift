import CVectorKernels
import Glibc

/// The instruction sets that the row kernels are compiled for; one is chosen at run time.
public enum VectorLevel {
  /// What the kernels use on this processor, for example `x86-64-v3` (AVX2 and FMA).
  public static var name: String { String(cString: cpc_vector_level()) }

  /// The environment variable that keeps them to a lower level, if it is set: 1, 3 or 4.
  public static var pin: String? { getenv("CPC_VECTOR_LEVEL").map { "CPC_VECTOR_LEVEL=\(String(cString: $0))" } }

  /// Whether there are registers for the sums of six rows of sixteen numbers, as products of our own take them: not in
  /// SSE's sixteen.
  static var hasRegisters: Bool { name != "x86-64-v1" }
}
