import FileIO
import Glibc

/// A TensorBoard event file: TFRecord frames of `Event` messages (tensorflow/core/util/event.proto) that hold scalars.
///
/// A frame is the length (u64), its masked CRC-32C, the message and the message's masked CRC-32C, all little-endian.
/// Few fields are needed, so the protocol buffers are written by hand.
final class EventFile {
  private let file: File

  /// Creates `events.out.tfevents.SECONDS.HOST.PID.cpc` in `folder`. It says that the run goes on from `update`,
  /// which makes readers forget what earlier files have after it.
  init(folder: String, from update: Int) throws {
    try Folder.create(folder)
    var host = [CChar](repeating: 0, count: 256)
    gethostname(&host, 255)
    let name = String(decoding: host.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    file = try File.writing("\(folder)/events.out.tfevents.\(Int(Self.now())).\(name).\(getpid()).cpc")
    var version = Self.event(step: 0)
    version.field(3, Array("brain.Event:2".utf8))
    try write(version)
    var session = ProtocolBuffer()
    session.field(1, UInt64(1))
    var start = Self.event(step: update + 1)
    start.field(7, session.bytes)
    try write(start)
  }

  /// Adds scalars of one step.
  func add(_ scalars: [(tag: String, value: Double)], step: Int) throws {
    var summary = ProtocolBuffer()
    for (tag, value) in scalars {
      var entry = ProtocolBuffer()
      entry.field(1, Array(tag.utf8))
      entry.field(2, Float(value))
      summary.field(1, entry.bytes)
    }
    var event = Self.event(step: step)
    event.field(5, summary.bytes)
    try write(event)
  }

  private static func event(step: Int) -> ProtocolBuffer {
    var event = ProtocolBuffer()
    event.field(1, now())
    event.field(2, UInt64(step))
    return event
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }

  private func write(_ message: ProtocolBuffer) throws {
    let length = littleEndian(UInt64(message.bytes.count))
    var frame = length + littleEndian(CRC32C.masked(length))
    frame += message.bytes + littleEndian(CRC32C.masked(message.bytes))
    try file.write(frame)
  }
}

private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The wire format of protocol buffers, as far as event files need it.
private struct ProtocolBuffer {
  private(set) var bytes: [UInt8] = []

  mutating func field(_ number: Int, _ value: UInt64) {
    varint(UInt64(number << 3))
    varint(value)
  }

  mutating func field(_ number: Int, _ value: Double) {
    varint(UInt64(number << 3 | 1))
    bytes += littleEndian(value.bitPattern)
  }

  mutating func field(_ number: Int, _ value: Float) {
    varint(UInt64(number << 3 | 5))
    bytes += littleEndian(value.bitPattern)
  }

  mutating func field(_ number: Int, _ value: [UInt8]) {
    varint(UInt64(number << 3 | 2))
    varint(UInt64(value.count))
    bytes += value
  }

  private mutating func varint(_ value: UInt64) {
    var value = value
    while value >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: value) | 0x80)
      value >>= 7
    }
    bytes.append(UInt8(value))
  }
}

/// CRC-32C (Castagnoli), byte by byte from a table; frames are short.
private enum CRC32C {
  private static let table: [UInt32] = (0..<256).map { byte in
    (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82F6_3B78 : value >> 1 }
  }

  /// As TFRecord stores it: rotated by 15 bits, plus a constant.
  static func masked(_ bytes: [UInt8]) -> UInt32 {
    let crc = ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(UInt8(truncatingIfNeeded: $0) ^ $1)] }
    return (crc >> 15 | crc << 17) &+ 0xA282_EAD8
  }
}
