import FileIO

/// A matrix in a Kaldi archive: what stands after an utterance's id and a space.
///
/// Binary: `\0B`, a token (`FM `, `DM `, or `CM `, `CM2 `, `CM3 ` for compressed ones), then for FM and DM the numbers of
/// rows and columns, each as the byte 4 and an int32, then the rows. Compressed: float32 minimum and range, int32 rows and
/// columns, then CM: four uint16 percentiles for each column and a byte for each number, column by column; CM2 and CM3:
/// two bytes or one for each number, row by row. Source: Kaldi's `matrix/kaldi-matrix.cc` and `compressed-matrix.{h,cc}`.
struct KaldiMatrix {
  enum Coding: String {
    case float32 = "FM", float64 = "DM", percentiles = "CM", twoBytes = "CM2", oneByte = "CM3", text
  }

  static let binaryMark: [UInt8] = [0, UInt8(ascii: "B")]
  private static let longestToken = 8

  var coding: Coding
  var shape: FrameShape
  /// Of a compressed matrix.
  var minimum: Float = 0
  var range: Float = 0
  /// What holds the numbers, in bytes from the start of the file.
  var data: Range<Int>
  /// Of text, the numbers: they had to be read for the shape.
  var values: [Float] = []
  /// Where the matrix ends and the next entry may begin.
  var end: Int

  /// The matrix at a place in a file, its lengths checked against the bytes that are there.
  init(at offset: Int, in bytes: UnsafeRawBufferPointer, path: String) throws {
    var cursor = ByteCursor(bytes, path: path, at: offset)
    guard cursor.rest.starts(with: Self.binaryMark) else {
      self = try Self(text: &cursor)
      return
    }
    _ = try cursor.take(2, "the mark of a binary object")
    let place = cursor.offset
    let token = cursor.rest.prefix(Self.longestToken).prefix { $0 != 0x20 }
    let name = shown(token)
    cursor.offset += token.count
    guard token.count < Self.longestToken, try cursor.take(1, "a space after the kind of matrix")[0] == 0x20,
      let coding = Coding(rawValue: name), coding != .text
    else {
      let what =
        ["FV", "DV"].map(Name.init).contains(Name(name))
        ? "a vector (\(name)), one number for each frame or one frame" : "'\(printed(token))'"
      throw cursor.failure("\(what) where a matrix was expected: FM, DM, CM, CM2 or CM3", at: place)
    }
    self.coding = coding
    let isCompressed = coding != .float32 && coding != .float64
    if isCompressed {
      minimum = Float(bitPattern: try cursor.integer("the minimum of a compressed matrix"))
      range = Float(bitPattern: try cursor.integer("the range of a compressed matrix"))
    }
    let header = cursor.offset
    func extent(_ what: String) throws -> Int {
      if !isCompressed, case let size = try cursor.integer("the size of a whole number", as: UInt8.self), size != 4 {
        throw cursor.failure("\(what): a whole number of \(size) bytes, where Kaldi has 4", at: cursor.offset - 1)
      }
      return Int(try cursor.integer(what, as: Int32.self))
    }
    let shape = FrameShape(count: try extent("the number of rows"), dimension: try extent("the number of columns"))
    guard shape.count >= 0, shape.dimension >= 0, (shape.count == 0) == (shape.dimension == 0) else {
      throw cursor.failure("a matrix of \(shape.count) rows and \(shape.dimension) columns", at: header)
    }
    let size: Int? =
      switch coding {
      case .float32: byteCount(shape.count, shape.dimension, size: 4)
      case .float64: byteCount(shape.count, shape.dimension, size: 8)
      case .percentiles: byteCount(shape.count + 8, shape.dimension, size: 1)
      case .twoBytes: byteCount(shape.count, shape.dimension, size: 2)
      case .oneByte, .text: byteCount(shape.count, shape.dimension, size: 1)
      }
    guard let size else { throw cursor.failure("a matrix too large", at: header) }
    let start = cursor.offset
    _ = try cursor.take(size, "\(shape.count) × \(shape.dimension) numbers")
    self.shape = shape
    data = start..<start + size
    end = start + size
  }

  /// The numbers, row by row.
  func frames(in bytes: UnsafeRawBufferPointer) -> Frames {
    let raw = UnsafeRawBufferPointer(rebasing: bytes[data])
    let values =
      switch coding {
      case .float32: FloatElements(kind: .float32).values(raw, shape)
      case .float64: FloatElements(kind: .float64).values(raw, shape)
      case .percentiles: percentileValues(raw)
      case .twoBytes:
        uniform(levels: 65535) {
          Float(UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 2 * $0, as: UInt16.self)))
        }
      case .oneByte: uniform(levels: 255) { Float(raw[$0]) }
      case .text: self.values
      }
    return Frames(values: values, count: shape.count, dimension: shape.dimension)
  }

  /// As Kaldi computes them, down to the last bit: the step is rounded to single precision.
  private func uniform(levels: Double, _ level: (Int) -> Float) -> [Float] {
    let step = Float(Double(range) * (1 / levels))
    return (0..<shape.count * shape.dimension).map { minimum + level($0) * step }
  }

  /// Kaldi's `CharToFloat`: between four percentiles of the column, which `Uint16ToFloat` reads. Products in single
  /// precision, their scaling in double.
  private func percentileValues(_ raw: UnsafeRawBufferPointer) -> [Float] {
    let (rows, columns) = (shape.count, shape.dimension)
    var values = [Float](repeating: 0, count: rows * columns)
    for column in 0..<columns {
      let points = (0..<4).map { i in
        let level = UInt16(littleEndian: raw.loadUnaligned(fromByteOffset: 8 * column + 2 * i, as: UInt16.self))
        return minimum + range * (1.52590218966964e-05 as Float) * Float(level)
      }
      for row in 0..<rows {
        let byte = Int(raw[8 * columns + column * rows + row])
        let (low, from, width) = byte <= 64 ? (0, 0, 64.0) : byte <= 192 ? (1, 64, 128.0) : (2, 192, 63.0)
        let scaled = Double((points[low + 1] - points[low]) * Float(byte - from)) * (1 / width)
        values[row * columns + column] = Float(Double(points[low]) + scaled)
      }
    }
    return values
  }
}

/// Bytes as ASCII, all others as `\x00`.
func printed(_ bytes: some Sequence<UInt8>) -> String {
  bytes.map { 0x20..<0x7f ~= $0 ? String(Unicode.Scalar($0)) : "\\x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
    .joined()
}
