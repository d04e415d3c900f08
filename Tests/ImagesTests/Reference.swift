import Glibc

/// The C library's functions, for comparison.
enum Reference {
  static func sine(_ x: Double) -> Double { sin(x) }
}
