import FeatureFiles
import FileIO
import Glibc
import TestSupport

/// Frames with every kind of number that must survive: large, small, subnormal, negative zero.
func someFrames(_ count: Int, _ dimension: Int, seed: UInt64 = 1) -> Frames {
  var generator = SeededGenerator(seed)
  var values = (0..<count * dimension).map { _ in Float.random(in: -3...3, using: &generator) }
  for (i, value) in ([-0.0, .leastNonzeroMagnitude * 99, 3.25, -65504, 1e-7] as [Float]).enumerated()
  where i < values.count {
    values[i] = value
  }
  return Frames(values: values, count: count, dimension: dimension)
}

func bits(_ frames: Frames) -> [UInt32] { frames.values.map(\.bitPattern) }

func write(_ bytes: [UInt8], to path: String) throws {
  let file = try File.writing(path)
  try file.write(bytes)
  try file.close()
}

/// The Python that `CPC_PYTHON` names.
enum Python {
  static let interpreter = getenv("CPC_PYTHON").map { String(cString: $0) }
  static let hasNumPy = has("numpy")
  static let hasKaldi = has("numpy, kaldiio, kaldi_native_io")

  private static func has(_ modules: String) -> Bool {
    guard let interpreter else { return false }
    return (try? runProcess("/usr/bin/env", [interpreter, "-c", "import \(modules)"]).status) == 0
  }

  static func run(_ script: String, _ arguments: [String]) throws {
    guard let interpreter else { throw Failure(.system, "no Python") }
    let result = try runProcess("/usr/bin/env", [interpreter, "-c", script] + arguments)
    guard result.status == 0 else { throw Failure(.system, "Python: \(result.messages)") }
  }
}

/// A `.npy` file with a header of one's own.
func npy(_ header: String, version: UInt8 = 1, data: Int) -> [UInt8] {
  let text = Array((header + "\n").utf8)
  let length =
    version == 1
    ? withUnsafeBytes(of: UInt16(text.count).littleEndian) { Array($0) }
    : withUnsafeBytes(of: UInt32(text.count).littleEndian) { Array($0) }
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + [UInt8](repeating: 0, count: data)
}

/// A binary matrix of Kaldi's with these extents.
func kaldi(_ token: String, _ rows: Int32, _ columns: Int32, data: [UInt8]) -> [UInt8] {
  var bytes: [UInt8] = [0, 0x42] + Array("\(token) ".utf8)
  for extent in [rows, columns] { bytes += [4] + withUnsafeBytes(of: extent.littleEndian) { Array($0) } }
  return bytes + data
}

func raw<T>(_ values: [T]) -> [UInt8] { values.withUnsafeBytes { Array($0) } }
