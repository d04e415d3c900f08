/// Collects small writes into large ones. ``flush()`` writes the rest; nothing else does.
public final class BufferedFile {
  public let file: File
  private var buffer: [UInt8] = []
  private let capacity: Int
  /// Bytes written so far, buffered ones included.
  public private(set) var count = 0

  public init(_ file: File, capacity: Int = 1 << 18) {
    self.file = file
    self.capacity = capacity
    buffer.reserveCapacity(capacity)
  }

  public func write(_ bytes: some Collection<UInt8>) throws {
    buffer.append(contentsOf: bytes)
    count += bytes.count
    if buffer.count >= capacity { try flush() }
  }

  public func write(_ text: String) throws { try write(text.utf8) }

  public func flush() throws {
    try file.write(buffer)
    buffer.removeAll(keepingCapacity: true)
  }
}
