import Safetensors

/// What a record of audio is: a window of samples with the phone label of each 10 ms cell in it.
public enum RecordSchema {
  /// Version of the dataset, shard and stream formats.
  public static let version = 1
  /// Samples of a window: 1.28 s at 16 kHz (van den Oord et al. 2018, §3.1). Windows follow one another without overlap.
  public static let window = 20480
  /// Samples a second.
  public static let rate = 16000
  /// Samples of a label cell: 10 ms.
  public static let cell = 160
  /// Label cells of a window.
  public static let cells = window / cell
  /// The label of a cell that has none.
  public static let unlabelled: UInt8 = 255

  /// A record's planes in file order: sample rows first, so that they begin on a page, then by falling element size, so
  /// that each plane is naturally aligned for any number of records.
  static let planes: [(name: String, type: TensorType, row: [Int])] = [
    ("samples", .i16, [window]), ("start", .i64, []), ("checksum", .u64, []), ("valid", .i32, []),
    ("utterance", .i32, []), ("group", .i32, []), ("phones", .u8, [cells]),
  ]

  /// Shards begin their samples at a multiple of this many bytes: whatever the page size, sample rows lie on pages.
  static let shardAlignment = 16384

  static func header(records: Int, metadata: [(key: String, value: String)], alignment: Int) -> SafetensorsHeader {
    let identity = [
      ("cpc.schema", "\(version)"), ("cpc.kind", "audio"), ("cpc.rate", "\(rate)"), ("cpc.cell", "\(cell)"),
    ]
    return SafetensorsHeader(
      tensors: planes.map { ($0.name, $0.type, [records] + $0.row) }, metadata: identity + metadata,
      alignment: alignment)
  }

  /// What becomes of samples after an utterance's last full window.
  public enum Tail: String, Sendable, CaseIterable {
    /// A last record holds them, padded with zeros.
    case pad
    /// They are left out and counted.
    case drop
  }

  /// Records of an utterance of `samples` samples.
  public static func records(samples: Int, tail: Tail) -> Int {
    switch tail {
    case .pad: (samples + window - 1) / window
    case .drop: samples / window
    }
  }
}
