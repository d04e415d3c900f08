import FileIO

/// Reads a file's bytes from some place on; what is not there is an error that says where and what was expected.
struct ByteCursor {
  let bytes: UnsafeRawBufferPointer
  let path: String
  var offset: Int

  init(_ bytes: UnsafeRawBufferPointer, path: String, at offset: Int = 0) {
    self.bytes = bytes
    self.path = path
    self.offset = offset
  }

  var rest: UnsafeRawBufferPointer { UnsafeRawBufferPointer(rebasing: bytes[offset...]) }

  mutating func take(_ count: Int, _ what: String) throws -> UnsafeRawBufferPointer {
    guard count <= bytes.count - offset else {
      throw failure("\(what) expected, \(count) bytes; the file ends \(bytes.count - offset) bytes after here")
    }
    defer { offset += count }
    return UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
  }

  /// Little endian.
  mutating func integer<Integer: FixedWidthInteger & BitwiseCopyable>(
    _ what: String, as type: Integer.Type = Integer.self
  ) throws -> Integer {
    Integer(littleEndian: try take(MemoryLayout<Integer>.size, what).loadUnaligned(as: Integer.self))
  }

  func failure(_ reason: String, at place: Int? = nil, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "byte \(place ?? offset)", reason, hint: hint)
  }
}

/// The product of extents and of an element's bytes; nil if it is beyond what can be.
func byteCount(_ extents: Int..., size: Int) -> Int? {
  var product = size
  for extent in extents {
    let (next, overflow) = product.multipliedReportingOverflow(by: extent)
    guard !overflow, extent >= 0 else { return nil }
    product = next
  }
  return product
}
