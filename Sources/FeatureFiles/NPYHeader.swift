import FileIO

/// What a `.npy` file says about itself.
///
/// Format: the magic bytes, a version (1.0, 2.0 or 3.0), the length of the header (two bytes in 1.0, else four), a Python
/// dictionary with `descr`, `fortran_order` and `shape`, the numbers. Source: `numpy/lib/format.py`, its docstring and
/// `_read_array_header`, `_write_array_header`.
struct NPYHeader {
  static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

  var elements: FloatElements
  var shape: FrameShape
  /// Where the numbers begin.
  var dataStart: Int

  /// Parses the header at the start of a file and checks that the numbers it declares are all of the rest.
  init(parsing bytes: UnsafeRawBufferPointer, path: String) throws {
    var cursor = ByteCursor(bytes, path: path)
    guard try cursor.take(Self.magic.count, "NumPy's magic bytes").elementsEqual(Self.magic) else {
      throw cursor.failure("not a .npy file: it does not begin with NumPy's magic bytes", at: 0)
    }
    let major = try cursor.integer("the version of the format", as: UInt8.self)
    let minor = try cursor.integer("the version of the format", as: UInt8.self)
    guard (1...3).contains(major), minor == 0 else {
      throw cursor.failure("version \(major).\(minor) of the .npy format; 1.0, 2.0 and 3.0 are read", at: 6)
    }
    let length =
      major == 1
      ? Int(try cursor.integer("the header's length", as: UInt16.self))
      : Int(try cursor.integer("the header's length", as: UInt32.self))
    let start = cursor.offset
    let text = try cursor.take(length, "the header")
    var literals = PythonLiterals(text, path: path, offset: start)
    let header = try literals.dictionary()
    dataStart = cursor.offset

    func value(_ key: String) throws -> PythonLiterals.Value {
      guard let value = header.first(where: { isSame($0.key, key) })?.value else {
        throw cursor.failure("the header has no '\(key)'", at: start)
      }
      return value
    }
    if let extra = header.first(where: { !["descr", "fortran_order", "shape"].map(Name.init).contains(Name($0.key)) }) {
      throw cursor.failure("the header has an unknown key '\(extra.key)'", at: start)
    }
    guard case .text(let type) = try value("descr") else {
      throw cursor.failure("records of named fields; numbers of one type were expected", at: start)
    }
    guard case .bool(let isColumnMajor) = try value("fortran_order"), case .tuple(let extents) = try value("shape")
    else { throw cursor.failure("'fortran_order' or 'shape' is not what it should be", at: start) }
    guard var elements = Self.elements(type) else {
      let what = type.ends(with: "O") ? "pickled objects (\(type))" : "elements of type \(type)"
      throw cursor.failure("\(what); floating point of 2, 4 or 8 bytes was expected", at: start)
    }
    elements.isColumnMajor = isColumnMajor
    // A vector is one frame: of a picture, or of a whole utterance.
    let isBatchOfOne = extents.count == 3 && extents[0] == 1
    guard (1...2).contains(extents.count) || isBatchOfOne else {
      let shown = "(\(extents.map { "\($0)" }.joined(separator: ", "))\(extents.count == 1 ? "," : ""))"
      throw cursor.failure(
        "the shape is \(shown); (frames, dimension), (dimension,) or (1, frames, dimension) was expected", at: start)
    }
    let shape = FrameShape(
      count: extents.count == 1 ? 1 : extents[extents.count - 2], dimension: extents[extents.count - 1])
    guard shape.dimension > 0 else { throw cursor.failure("frames without values", at: start) }
    guard let size = byteCount(shape.count, shape.dimension, size: elements.size) else {
      throw cursor.failure("the shape is too large", at: start)
    }
    guard size == bytes.count - dataStart else {
      let what = size < bytes.count - dataStart ? "too long" : "cut short"
      throw cursor.failure(
        "\(what): \(bytes.count - dataStart) bytes where the header declares \(size)", at: dataStart)
    }
    self.elements = elements
    self.shape = shape
  }

  /// What `f4` and the like stand for; nil for anything but floating point.
  private static func elements(_ type: String) -> FloatElements? {
    let bytes = Array(type.utf8)
    let kinds: [(text: String, kind: FloatElements.Kind)] = [("f2", .float16), ("f4", .float32), ("f8", .float64)]
    guard bytes.count == 3, let kind = kinds.first(where: { bytes[1...].elementsEqual($0.text.utf8) })?.kind else {
      return nil
    }
    switch bytes[0] {
    case UInt8(ascii: "<"): return FloatElements(kind: kind)
    case UInt8(ascii: ">"): return FloatElements(kind: kind, isBigEndian: true)
    default: return nil
    }
  }

  /// The bytes before the numbers, as NumPy writes them: version 1.0, room for the number of frames to grow, and spaces
  /// until the numbers begin at a multiple of 64.
  static func encoded(type: String, _ shape: FrameShape) -> [UInt8] {
    let count = "\(shape.count)"
    var text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(count), \(shape.dimension)), }"
    text += String(repeating: " ", count: 21 - count.utf8.count)
    let fixed = magic.count + 4
    let padding = 64 - (fixed + text.utf8.count + 1) % 64
    text += String(repeating: " ", count: padding) + "\n"
    let length = UInt16(text.utf8.count)
    return magic + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)] + Array(text.utf8)
  }
}
