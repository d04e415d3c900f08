import FileIO
import Glibc

/// A TensorBoard event file: TFRecord frames of `Event` messages (tensorflow/core/util/event.proto) that hold scalars, and
/// once what the run was started with (`EventFile+Settings.swift`).
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
    version.field(3, "brain.Event:2")
    try write(version)
    var session = ProtocolBuffer()
    session.field(1, UInt64(1))
    var start = Self.event(step: update + 1)
    start.field(7, session)
    try write(start)
  }

  /// Adds scalars of one step.
  func add(_ scalars: [(tag: String, value: Double)], step: Int) throws {
    try add(
      summary: scalars.map { tag, value in
        var entry = ProtocolBuffer()
        entry.field(1, tag)
        entry.field(2, Float(value))
        return entry
      }, step: step)
  }

  /// Adds the values of a `Summary` (tensorflow/core/framework/summary.proto).
  func add(summary values: [ProtocolBuffer], step: Int) throws {
    var summary = ProtocolBuffer()
    for value in values { summary.field(1, value) }
    var event = Self.event(step: step)
    event.field(5, summary)
    try write(event)
  }

  private static func event(step: Int) -> ProtocolBuffer {
    var event = ProtocolBuffer()
    event.field(1, now())
    event.field(2, UInt64(step))
    return event
  }

  static func now() -> Double {
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
