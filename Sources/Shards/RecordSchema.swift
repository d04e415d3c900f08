import FileIO
public import OrderedJSON
public import Safetensors

/// What a record of a dataset is: a window of its utterance, document or picture, in planes of fixed size.
///
/// A value that writers are given and that readers take from a shard's header: nothing else in this module knows which
/// kinds of records there are.
public struct RecordSchema: Sendable, Equatable {
  /// Version of the dataset, shard and stream formats.
  public static let version = 1

  public struct Plane: Sendable, Equatable {
    public let name: String
    public let type: TensorType
    /// Shape of a record.
    public let row: [Int]

    public init(_ name: String, _ type: TensorType, _ row: [Int]) {
      self.name = name
      self.type = type
      self.row = row
    }

    /// Bytes of a record.
    public var rowSize: Int { row.reduce(type.size, *) }
  }

  /// For example `audio`.
  public let kind: String
  /// What utterances are counted in, for example `samples`.
  public let unit: String
  /// Units of a record. Windows follow one another without overlap.
  public let length: Int
  /// What is learnt from, the largest plane first. Units of a record follow one another in each: they are its bytes in
  /// ``length`` equal parts.
  public let payload: [Plane]
  /// A class for each cell, U8 or U16, ``unlabelled`` where there is none; nil if records have no labels of their own.
  public let label: Plane?
  /// Units of a label cell.
  public let cell: Int
  /// What else there is to know of the payload, for example the rate of samples.
  public let facts: JSONObject
  /// A record's planes in file order: the largest first, so that its rows begin on a page, then by falling element size,
  /// so that each plane is naturally aligned for any number of records.
  public let planes: [Plane]
  /// What each of ``planes`` holds.
  let roles: [Role]

  enum Role: Sendable, Equatable {
    /// One of ``payload``.
    case payload(Int)
    case start
    case checksum
    case valid
    case utterance
    case group
    case label
  }

  /// - Parameter length: a multiple of `cell`.
  public init(
    kind: String, unit: String, length: Int, payload: [Plane], label: Plane? = nil, cell: Int = 1,
    facts: JSONObject = JSONObject()
  ) {
    precondition(length > 0 && cell > 0 && length % cell == 0 && !payload.isEmpty)
    precondition(payload.allSatisfy { $0.rowSize % length == 0 } && [nil, .u8, .u16].contains(label?.type))
    precondition(
      Self.holdsCells(label, length / cell), "a label takes as many numbers of a record as it has cells, or a multiple")
    precondition(!Self.isReserved(unit), "the utterance list has another key of this name")
    self.kind = kind
    self.unit = unit
    self.length = length
    self.payload = payload
    self.label = label
    self.cell = cell
    self.facts = facts
    let small =
      Self.common + payload.enumerated().dropFirst().map { ($1, .payload($0)) } + (label.map { [($0, .label)] } ?? [])
    let all =
      [(payload[0], .payload(0))] + [8, 4, 2, 1].flatMap { size in small.filter { $0.plane.type.size == size } }
    planes = all.map(\.plane)
    roles = all.map(\.role)
  }

  /// Planes that all records have.
  private static let common: [(plane: Plane, role: Role)] = [
    (Plane("start", .i64, []), .start), (Plane("checksum", .u64, []), .checksum), (Plane("valid", .i32, []), .valid),
    (Plane("utterance", .i32, []), .utterance), (Plane("group", .i32, []), .group),
  ]

  /// Whether a plane of labels has numbers for so many cells, as many for each.
  private static func holdsCells(_ label: Plane?, _ cells: Int) -> Bool {
    guard let count = label?.row.reduce(1, *) else { return true }
    return count >= cells && count % cells == 0
  }

  /// Keys of the utterance list, of which a unit is one more.
  private static func isReserved(_ unit: String) -> Bool {
    ["id", "group", "session", "text", "shard", "row", "rows"].contains { isSame($0, unit) }
  }

  /// Label cells of a record.
  public var cells: Int { length / cell }
  /// The label of a cell that has none.
  public var unlabelled: Int { label?.type == .u16 ? Int(UInt16.max) : Int(UInt8.max) }
  /// Bytes of a unit in each plane of the payload.
  public var unitSizes: [Int] { payload.map { $0.rowSize / length } }
  /// Bytes of a record's payload.
  public var payloadSize: Int { payload.reduce(0) { $0 + $1.rowSize } }

  /// Shards begin their payload at a multiple of this many bytes: whatever the page size, rows lie on pages.
  static let shardAlignment = 16384

  /// A plane of bytes without rows that stands after the first where that ends in the midst of eight bytes.
  static let filler = "_pad0"

  func header(records: Int, metadata: [(key: String, value: String)], alignment: Int) -> SafetensorsHeader {
    var tensors = planes.map { ($0.name, $0.type, [records] + $0.row) }
    let rest = records * payload[0].rowSize % 8
    if rest > 0 { tensors.insert((Self.filler, .u8, [8 - rest]), at: 1) }
    return SafetensorsHeader(tensors: tensors, metadata: identity + metadata, alignment: alignment)
  }

  // MARK: Tails

  /// What becomes of the units after an utterance's last full window.
  public enum Tail: String, Sendable, CaseIterable {
    /// A last record holds them, padded with zeros.
    case pad
    /// They are left out and counted.
    case drop
  }

  /// Records of an utterance of so many units.
  public func records(units: Int, tail: Tail) -> Int {
    switch tail {
    case .pad: (units + length - 1) / length
    case .drop: units / length
    }
  }
}

// MARK: - In headers

extension RecordSchema {
  private static let schemaKey = "cpc.schema"
  private static let kindKey = "cpc.kind"
  private static let recordKey = "cpc.record"

  private var identity: [(key: String, value: String)] {
    let first = [(Self.schemaKey, "\(Self.version)"), (Self.kindKey, kind)]
    // Audio is older than the description of records in their headers.
    if self == .audio {
      return first + [("cpc.rate", "\(AudioRecords.rate)"), ("cpc.cell", "\(AudioRecords.cell)")]
    }
    return first + [(Self.recordKey, description.compact)]
  }

  /// What the planes of a header do not tell.
  private var description: JSON {
    var object: JSONObject = [
      "unit": .string(unit), "length": .int(length), "payload": .array(payload.map { .string($0.name) }),
    ]
    if let label { object["label"] = .string(label.name) }
    object["cell"] = .int(cell)
    object["facts"] = .object(facts)
    return .object(object)
  }

  /// What a header says of its records; all planes are there, each with a row for each of the `count` records.
  init(_ header: SafetensorsHeader, path: String) throws {
    guard header[metadata: Self.schemaKey] == "\(Self.version)", let kind = header[metadata: Self.kindKey] else {
      throw Failure(.corrupt, path: path, "not a shard of records of schema \(Self.version)")
    }
    if isSame(kind, Self.audio.kind) {
      self = .audio
    } else {
      guard let text = header[metadata: Self.recordKey], let json = try? JSON(parsing: text),
        let schema = Self(kind: kind, json, header)
      else { throw Failure(.corrupt, path: path, "not a shard of records: it does not say what its planes are") }
      self = schema
    }
    guard let count = header.tensor(payload[0].name)?.shape.first else {
      throw Failure(.corrupt, path: path, "no tensor \"\(payload[0].name)\"")
    }
    for plane in planes {
      guard let tensor = header.tensor(plane.name), tensor.type == plane.type, tensor.shape == [count] + plane.row
      else {
        throw Failure(
          .corrupt, path: path, "plane \"\(plane.name)\" is not \(plane.type.rawValue) \([count] + plane.row)")
      }
      guard (tensor.range.lowerBound - header.dataStart) % plane.type.size == 0 else {
        throw Failure(.corrupt, path: path, "plane \"\(plane.name)\" is not aligned to its elements")
      }
    }
  }

  private init?(kind: String, _ json: JSON, _ header: SafetensorsHeader) {
    func plane(_ name: String?) -> Plane? {
      guard let name, let tensor = header.tensor(name), !tensor.shape.isEmpty else { return nil }
      return Plane(tensor.name, tensor.type, Array(tensor.shape.dropFirst()))
    }
    guard let unit = json["unit"]?.stringValue, let length = json["length"]?.intValue, length > 0,
      let cell = json["cell"]?.intValue, cell > 0, length % cell == 0, let names = json["payload"]?.arrayValue,
      let facts = json["facts"]?.objectValue
    else { return nil }
    guard !Self.isReserved(unit) else { return nil }
    let payload = names.compactMap { plane($0.stringValue) }
    let label = plane(json["label"]?.stringValue)
    guard !payload.isEmpty, payload.count == names.count, payload.allSatisfy({ $0.rowSize % length == 0 }),
      (label == nil) == (json["label"] == nil), [nil, .u8, .u16].contains(label?.type),
      Self.holdsCells(label, length / cell),
      Set((payload + (label.map { [$0] } ?? []) + Self.common.map(\.plane)).map { Name($0.name) }).count
        == payload.count + (label == nil ? 0 : 1) + Self.common.count
    else { return nil }
    self.init(
      kind: kind, unit: unit, length: length, payload: payload, label: label, cell: cell, facts: facts)
  }
}
