public import FileIO

/// A safetensors file mapped read-only, its header and size validated.
public struct SafetensorsFile: Sendable {
  public let header: SafetensorsHeader
  private let file: MappedFile

  public init(mapping path: String) throws {
    try self.init(try MappedFile(path))
  }

  public init(_ file: MappedFile) throws {
    header = try file.withBytes { try SafetensorsHeader(parsing: $0, path: file.path) }
    guard header.fileSize == file.count else {
      let what = file.count < header.fileSize ? "cut short" : "too long"
      throw Failure(
        .corrupt, path: file.path, "\(what): \(file.count) bytes where its header declares \(header.fileSize)")
    }
    self.file = file
  }

  public var path: String { file.path }

  /// The bytes of a tensor.
  public func withBytes<Result>(
    of tensor: SafetensorsHeader.Tensor, _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    try file.withBytes { try body(UnsafeRawBufferPointer(rebasing: $0[tensor.range])) }
  }

  /// The elements of the tensor `name`, whose type and rank must be as expected; -1 stands for any extent.
  public func withElements<Element: BitwiseCopyable, Result>(
    _ name: String, _ type: TensorType, shape: [Int], as element: Element.Type,
    _ body: (UnsafeBufferPointer<Element>) throws -> Result
  ) throws -> Result {
    guard let tensor = header.tensor(name) else { throw Failure(.corrupt, path: path, "no tensor \"\(name)\"") }
    guard tensor.type == type, tensor.shape.count == shape.count,
      zip(tensor.shape, shape).allSatisfy({ $1 == -1 || $0 == $1 })
    else {
      throw Failure(
        .corrupt, path: path,
        "tensor \"\(name)\" is \(tensor.type.rawValue) \(tensor.shape), not \(type.rawValue) \(shape)")
    }
    return try withBytes(of: tensor) { raw in
      guard raw.isEmpty || Int(bitPattern: raw.baseAddress) % MemoryLayout<Element>.alignment == 0 else {
        throw Failure(.corrupt, path: path, "tensor \"\(name)\" is not aligned to its elements")
      }
      return try body(raw.bindMemory(to: Element.self))
    }
  }

  /// A copy of the elements of the tensor `name`.
  public func elements<Element: BitwiseCopyable>(
    _ name: String, _ type: TensorType, shape: [Int], as element: Element.Type
  ) throws -> [Element] {
    try withElements(name, type, shape: shape, as: element) { Array($0) }
  }

  /// The whole file.
  func withAllBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try file.withBytes(body)
  }

  public func willNeed(_ range: Range<Int>) { file.willNeed(range) }
}

/// One tensor to be written.
public struct TensorBytes {
  public var name: String
  public var type: TensorType
  public var shape: [Int]
  public var bytes: UnsafeRawBufferPointer

  public init(_ name: String, _ type: TensorType, shape: [Int], bytes: UnsafeRawBufferPointer) {
    precondition(shape.reduce(type.size, *) == bytes.count, "\(name): \(shape) does not fit \(bytes.count) bytes")
    self.name = name
    self.type = type
    self.shape = shape
    self.bytes = bytes
  }
}

/// Writes a whole safetensors file so that a reader sees the old one or the new one, also after a crash.
public func writeSafetensors(
  _ tensors: [TensorBytes], metadata: [(key: String, value: String)] = [], alignment: Int = 64, to path: String
) throws {
  let header = SafetensorsHeader(
    tensors: tensors.map { ($0.name, $0.type, $0.shape) }, metadata: metadata, alignment: alignment)
  try writeAtomically(to: path) { file in
    try file.write(header.encoded)
    for tensor in tensors { try file.write(tensor.bytes) }
  }
}
