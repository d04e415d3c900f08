import OrderedJSON
import Safetensors

/// Records of audio: windows of samples with the phone of each 10 ms cell in them.
public enum AudioRecords {
  /// Samples of a window: 1.28 s at 16 kHz (van den Oord et al. 2018, §3.1).
  public static let window = 20480
  /// Samples a second.
  public static let rate = 16000
  /// Samples of a label cell: 10 ms.
  public static let cell = 160
  /// Label cells of a window.
  public static let cells = window / cell
  /// The label of a cell that has none.
  public static let unlabelled = UInt8.max
}

extension RecordSchema {
  public static let audio = RecordSchema(
    kind: "audio", unit: "samples", length: AudioRecords.window,
    payload: [Plane("samples", .i16, [AudioRecords.window])], label: Plane("phones", .u8, [AudioRecords.cells]),
    cell: AudioRecords.cell, facts: ["rate": .int(AudioRecords.rate)])
}

extension RecordBatch {
  /// `count` samples from `offset` after the start of `row`; they may reach into the rows that follow.
  public func withSamples<Result>(
    _ row: Int, offset: Int = 0, count: Int = AudioRecords.window,
    _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) rethrows -> Result {
    try withPayload(row, offset: offset, count: count) { try body($0.assumingMemoryBound(to: Int16.self)) }
  }
}

extension RecordBatch {
  /// The phone label of each cell of `row`, ``AudioRecords/unlabelled`` where there is none.
  public func phones(_ row: Int) -> [UInt8] { labels?.withBytes(row..<row + 1) { Array($0) } ?? [] }
}

extension Dataset {
  /// `count` samples from `offset` after the start of a record, mapped. All records of an utterance lie one after
  /// another, so any part of one can be had.
  public func withSamples<Result>(
    _ record: Int, offset: Int = 0, count: Int = AudioRecords.window,
    _ body: (UnsafeBufferPointer<Int16>) throws -> Result
  ) rethrows -> Result {
    let (shard, row) = locate(record)
    return try shard.withSamples(row, offset: offset, count: count, body)
  }
}

extension Excerpt {
  /// Samples without padding.
  public var samples: [Int16] {
    payload[0].withUnsafeBytes { Array($0.assumingMemoryBound(to: Int16.self)) }
  }
}
