import FileIO
import OrderedJSON

/// What a safetensors file says about itself.
///
/// Format: `u64` little-endian header length, a JSON object (padded at its end with spaces), the tensors' bytes without
/// holes. Source: https://github.com/huggingface/safetensors, README "Format" and `tensor.rs`.
public struct SafetensorsHeader: Sendable {
  public struct Tensor: Sendable, Equatable {
    public var name: String
    public var type: TensorType
    public var shape: [Int]
    /// The tensor's bytes, counted from the start of the file.
    public var range: Range<Int>
  }

  /// In the order in which the bytes lie in the file.
  public let tensors: [Tensor]
  /// Free text by key, in the order of the header.
  public let metadata: [(key: String, value: String)]
  /// Where the tensors' bytes begin.
  public let dataStart: Int
  /// Where they end, which is the size of the file.
  public let fileSize: Int

  /// The reference implementation refuses longer headers.
  public static let maximumLength = 100_000_000
  static let lengthBytes = 8

  public func tensor(_ name: String) -> Tensor? { tensors.first { isSame($0.name, name) } }

  public subscript(metadata key: String) -> String? { metadata.first { isSame($0.key, key) }?.value }
}

// MARK: - Reading

extension SafetensorsHeader {
  /// The length of the whole header, from the first eight bytes of the file.
  public static func length(prefix: UnsafeRawBufferPointer, path: String) throws -> Int {
    guard prefix.count >= lengthBytes else {
      throw Failure(.corrupt, path: path, "not a safetensors file: only \(prefix.count) bytes")
    }
    let declared = UInt64(littleEndian: prefix.loadUnaligned(as: UInt64.self))
    guard declared >= 2, declared <= UInt64(maximumLength) else {
      throw Failure(.corrupt, path: path, at: "byte 0", "not a safetensors file: header length \(declared)")
    }
    return lengthBytes + Int(declared)
  }

  /// Parses and validates the header at the start of `bytes`, which may be the whole file or only its header.
  public init(parsing bytes: UnsafeRawBufferPointer, path: String) throws {
    func corrupt(_ reason: String) -> Failure { Failure(.corrupt, path: path, "bad safetensors header: \(reason)") }
    let dataStart = try Self.length(prefix: bytes, path: path)
    guard bytes.count >= dataStart else { throw corrupt("cut off after \(bytes.count) of \(dataStart) bytes") }
    let text = bytes[Self.lengthBytes..<dataStart]
    guard text.first == UInt8(ascii: "{") else { throw corrupt("it does not begin with '{'") }
    let json: JSON
    do { json = try JSON(parsing: text) } catch { throw corrupt(error.description) }
    guard case .object(let object) = json else { throw corrupt("not a JSON object") }

    var metadata: [(key: String, value: String)] = []
    var tensors: [Tensor] = []
    for (name, value) in object.members {
      if name == "__metadata__" {
        guard let members = value.objectValue?.members else { throw corrupt("__metadata__ is not an object") }
        for (key, value) in members {
          guard let text = value.stringValue else { throw corrupt("metadata \"\(key)\" is not a string") }
          metadata.append((key, text))
        }
      } else {
        do { tensors.append(try Tensor(name: name, value, dataStart: dataStart)) } catch let error as TensorError {
          throw corrupt("tensor \"\(name)\": \(error.reason)")
        }
      }
    }
    tensors.sort { ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound) }
    var end = dataStart
    for tensor in tensors {
      guard tensor.range.lowerBound == end else { throw corrupt("tensor \"\(tensor.name)\" leaves a hole or overlaps") }
      end = tensor.range.upperBound
    }
    self.metadata = metadata
    self.tensors = tensors
    self.dataStart = dataStart
    fileSize = end
  }
}

private struct TensorError: Error { var reason: String }

extension SafetensorsHeader.Tensor {
  fileprivate init(name: String, _ value: JSON, dataStart: Int) throws {
    guard let typeName = value["dtype"]?.stringValue else { throw TensorError(reason: "no dtype") }
    guard let type = TensorType(rawValue: typeName) else { throw TensorError(reason: "unknown dtype \(typeName)") }
    guard let shape = value["shape"]?.arrayValue?.map({ $0.intValue ?? -1 }), shape.allSatisfy({ $0 >= 0 }) else {
      throw TensorError(reason: "bad shape")
    }
    guard let offsets = value["data_offsets"]?.arrayValue?.map({ $0.intValue ?? -1 }), offsets.count == 2,
      offsets[0] >= 0, offsets[1] >= offsets[0], offsets[1] <= Int.max - dataStart
    else { throw TensorError(reason: "bad data_offsets") }
    var size = type.size
    for extent in shape {
      let (product, overflow) = size.multipliedReportingOverflow(by: extent)
      guard !overflow else { throw TensorError(reason: "shape too large") }
      size = product
    }
    guard size == offsets[1] - offsets[0] else {
      throw TensorError(reason: "\(type.rawValue) \(shape) takes \(size) bytes, not \(offsets[1] - offsets[0])")
    }
    self.init(name: name, type: type, shape: shape, range: dataStart + offsets[0]..<dataStart + offsets[1])
  }
}

// MARK: - Writing

extension SafetensorsHeader {
  /// A header for tensors that follow one another in this order. Spaces at its end make the data begin at a multiple of
  /// `alignment` bytes.
  public init(
    tensors layout: [(name: String, type: TensorType, shape: [Int])], metadata: [(key: String, value: String)] = [],
    alignment: Int = 64
  ) {
    var end = 0
    let relative = layout.map { name, type, shape in
      let size = shape.reduce(type.size, *)
      defer { end += size }
      return Tensor(name: name, type: type, shape: shape, range: end..<end + size)
    }
    let text = Self.text(tensors: relative, dataStart: 0, metadata: metadata)
    let dataStart = (Self.lengthBytes + text.count + alignment - 1) / alignment * alignment
    tensors = relative.map { tensor in
      var tensor = tensor
      tensor.range = tensor.range.lowerBound + dataStart..<tensor.range.upperBound + dataStart
      return tensor
    }
    self.metadata = metadata
    self.dataStart = dataStart
    fileSize = dataStart + end
  }

  /// The first ``dataStart`` bytes of the file.
  public var encoded: [UInt8] {
    let text = Self.text(tensors: tensors, dataStart: dataStart, metadata: metadata)
    var bytes = withUnsafeBytes(of: UInt64(dataStart - Self.lengthBytes).littleEndian) { Array($0) }
    bytes.append(contentsOf: text)
    bytes.append(contentsOf: repeatElement(UInt8(ascii: " "), count: dataStart - bytes.count))
    return bytes
  }

  private static func text(tensors: [Tensor], dataStart: Int, metadata: [(key: String, value: String)]) -> [UInt8] {
    var object = JSONObject()
    if !metadata.isEmpty {
      var members = JSONObject()
      for (key, value) in metadata { members[key] = .string(value) }
      object["__metadata__"] = .object(members)
    }
    for tensor in tensors {
      let offsets = [tensor.range.lowerBound - dataStart, tensor.range.upperBound - dataStart]
      object[tensor.name] = .object([
        "dtype": .string(tensor.type.rawValue), "shape": .array(tensor.shape.map { .int($0) }),
        "data_offsets": .array(offsets.map { .int($0) }),
      ])
    }
    var bytes: [UInt8] = []
    JSON.object(object).write(to: &bytes)
    return bytes
  }
}
