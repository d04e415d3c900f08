/// How the numbers of a matrix lie in a file.
struct FloatElements {
  enum Kind: Sendable { case float16, bfloat16, float32, float64 }

  var kind: Kind
  var isBigEndian = false
  /// Columns one after the other, as Fortran has them.
  var isColumnMajor = false

  /// Every number of half precision: looking one up is faster than what processors without F16C do.
  private static let halves = (UInt16.min...UInt16.max).map { Float(Float16(bitPattern: $0)) }

  var size: Int {
    switch kind {
    case .float16, .bfloat16: 2
    case .float32: 4
    case .float64: 8
    }
  }

  /// The matrix of this shape that `bytes` hold, row-major.
  func values(_ bytes: UnsafeRawBufferPointer, _ shape: FrameShape) -> [Float] {
    precondition(bytes.count == shape.count * shape.dimension * size)
    if kind == .float32, !isBigEndian, !isColumnMajor {
      return [Float](unsafeUninitializedCapacity: bytes.count / 4) { buffer, count in
        UnsafeMutableRawBufferPointer(buffer).copyMemory(from: bytes)
        count = bytes.count / 4
      }
    }
    return switch kind {
    case .float16:
      Self.halves.withUnsafeBufferPointer { halves in read(bytes, shape, UInt16.self) { halves[Int($0)] } }
    case .bfloat16: read(bytes, shape, UInt16.self) { Float(bitPattern: UInt32($0) << 16) }
    case .float32: read(bytes, shape, UInt32.self) { Float(bitPattern: $0) }
    case .float64: read(bytes, shape, UInt64.self) { Float(Double(bitPattern: $0)) }
    }
  }

  @inline(__always)
  private func read<Bits: FixedWidthInteger & BitwiseCopyable>(
    _ bytes: UnsafeRawBufferPointer, _ shape: FrameShape, _ type: Bits.Type, _ number: (Bits) -> Float
  ) -> [Float] {
    let (rows, columns) = (shape.count, shape.dimension)
    return [Float](unsafeUninitializedCapacity: rows * columns) { buffer, count in
      func element(_ i: Int) -> Float {
        let bits = bytes.loadUnaligned(fromByteOffset: i * size, as: Bits.self)
        return number(isBigEndian ? Bits(bigEndian: bits) : Bits(littleEndian: bits))
      }
      if isColumnMajor {
        for row in 0..<rows {
          for column in 0..<columns {
            buffer.initializeElement(at: row * columns + column, to: element(column * rows + row))
          }
        }
      } else {
        for i in 0..<rows * columns { buffer.initializeElement(at: i, to: element(i)) }
      }
      count = rows * columns
    }
  }
}
