import FileIO
public import OrderedJSON
public import Safetensors

/// One plane of a shard, row by row: one of its own or one that was added later.
public struct RecordPlane: @unchecked Sendable {
  public let name: String
  public let type: TensorType
  /// Number of rows.
  public let count: Int
  /// Elements of a row.
  public let width: Int
  private let rows: UnsafeRawBufferPointer
  /// Keeps `rows` alive.
  private let owner: AnyObject

  /// `bytes` is a whole safetensors file that `owner` keeps alive; `tensor` has `count` rows.
  init(_ tensor: SafetensorsHeader.Tensor, count: Int, bytes: UnsafeRawBufferPointer, owner: AnyObject) {
    name = tensor.name
    type = tensor.type
    self.count = count
    width = tensor.shape.dropFirst().reduce(1, *)
    rows = UnsafeRawBufferPointer(rebasing: bytes[tensor.range])
    self.owner = owner
  }

  /// The bytes of some rows, little-endian.
  public func withBytes<Result>(
    _ range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    let size = width * type.size
    return try withExtendedLifetime(owner) {
      try body(UnsafeRawBufferPointer(rebasing: rows[range.lowerBound * size..<range.upperBound * size]))
    }
  }

  /// The elements of a row of integers; U64 beyond `Int.max` wraps around.
  public func integers(_ row: Int) -> [Int] { withBytes(row..<row + 1) { type.integers($0) } }

  /// How often `value` occurs in some rows, for the types that added planes have.
  func count(of value: Int, in range: Range<Int>) -> Int {
    switch type {
    case .u8: load(range, UInt8.self) { $0.count { Int($0) == value } }
    case .u16: load(range, UInt16.self) { $0.count { Int($0) == value } }
    case .i32: load(range, Int32.self) { $0.count { Int($0) == value } }
    default: load(range, Int64.self) { $0.count { Int($0) == value } }
    }
  }

  /// Counts the labels in the rows of one utterance, for the types that labels have; returns whether there is one.
  func count(_ range: Range<Int>, into counts: inout ClassCounts) -> Bool {
    type == .u8
      ? load(range, UInt8.self) { counts.add($0) } : load(range, UInt16.self) { counts.add($0) }
  }

  /// Planes lie aligned to their elements: every writer puts them in falling element size, and every reader checks it.
  private func load<Element: FixedWidthInteger & BitwiseCopyable, Result>(
    _ range: Range<Int>, _: Element.Type, _ body: (UnsafeBufferPointer<Element>) -> Result
  ) -> Result {
    withBytes(range) { body($0.bindMemory(to: Element.self)) }
  }
}

extension SafetensorsHeader {
  /// Whether the `checksum` of a record is that of its bytes in all other planes, in file order.
  ///
  /// - Parameters:
  ///   - count: number of records.
  ///   - bytes: the whole file.
  func isIntact(row: Int, of count: Int, in bytes: UnsafeRawBufferPointer, hash: XXH3.Stream) -> Bool {
    precondition(row >= 0 && row < count)
    hash.reset()
    var stored: UInt64?
    for tensor in tensors where !tensor.name.begins(with: "_pad") {
      let size = tensor.range.count / count
      let start = tensor.range.lowerBound + row * size
      if tensor.name == "checksum" {
        stored = bytes.loadUnaligned(fromByteOffset: start, as: UInt64.self)
      } else {
        hash.update(UnsafeRawBufferPointer(rebasing: bytes[start..<start + size]))
      }
    }
    return hash.digest64 == stored
  }
}

extension RecordSchema.Plane {
  /// The elements of some bytes of the plane, which holds integers.
  public func integers(_ bytes: [UInt8]) -> [Int] { bytes.withUnsafeBytes { type.integers($0) } }

  /// The elements of some bytes of the plane as JSON; a number that JSON cannot write is null.
  public func json(_ bytes: [UInt8]) -> JSON {
    bytes.withUnsafeBytes { raw in
      switch type {
      case .f64: .array(raw.bindMemory(to: Double.self).map { .real($0) })
      case .f32: .array(raw.bindMemory(to: Float.self).map { .real($0) })
      case .f16: .array(raw.bindMemory(to: Float16.self).map { .real(Float($0)) })
      case .bf16: .array(raw.bindMemory(to: UInt16.self).map { .real(Float(bitPattern: UInt32($0) << 16)) })
      default: .array(type.integers(raw).map { .int($0) })
      }
    }
  }
}

extension TensorType {
  /// Elements that lie aligned, little-endian.
  fileprivate func integers(_ bytes: UnsafeRawBufferPointer) -> [Int] {
    func read<Element: FixedWidthInteger & BitwiseCopyable>(_: Element.Type) -> [Int] {
      bytes.bindMemory(to: Element.self).map { Int(truncatingIfNeeded: $0) }
    }
    switch self {
    case .u8, .bool: return read(UInt8.self)
    case .i8: return read(Int8.self)
    case .u16: return read(UInt16.self)
    case .i16: return read(Int16.self)
    case .u32: return read(UInt32.self)
    case .i32: return read(Int32.self)
    case .u64: return read(UInt64.self)
    case .i64: return read(Int64.self)
    case .f16, .bf16, .f32, .f64: preconditionFailure("\(rawValue) holds no integers")
    }
  }
}
