import FileIO
public import OrderedJSON
public import Safetensors

/// A plane that was added to a finished dataset: `shards/00000.NAME.safetensors` beside each shard, row-aligned with it,
/// with the tensors `checksum` U64 [N] (XXH3-64 over the record's bytes in the other) and NAME.
public struct Overlay: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// A class for each cell, for example U8 [N, 128], U16 where 255 numbers are not enough.
    case labels(phoneSet: String, classes: [String])
    /// The integer that the utterance list carries under a key: I32 [N], I64 where it does not fit.
    case key(String, isWide: Bool)
  }

  public let name: String
  public let content: Content
  /// Shape of a record.
  public let row: [Int]
  /// Counts for the card.
  public var statistics: JSONObject

  /// A plane beside records of `schema`.
  public init(
    name: String, content: Content, of schema: RecordSchema, statistics: JSONObject = JSONObject()
  ) throws {
    try Self.check(name: name)
    guard !schema.planes.contains(where: { isSame($0.name, name) }) else { throw Self.taken(name) }
    self.name = name
    self.content = content
    row = if case .labels = content { schema.label?.row ?? [schema.cells] } else { [] }
    self.statistics = statistics
  }

  public var type: TensorType {
    switch content {
    case .labels(_, let classes): classes.count <= Int(UInt8.max) ? .u8 : .u16
    case .key(_, let isWide): isWide ? .i64 : .i32
    }
  }

  /// The value that stands for none.
  public var none: Int {
    switch type {
    case .u8: Int(UInt8.max)
    case .u16: Int(UInt16.max)
    case .i32: Int(Int32.min)
    default: Int.min
    }
  }

  /// Bytes of a record.
  var rowSize: Int { row.reduce(type.size, *) }

  // MARK: Names

  /// What records of any kind have: those of audio are known before a dataset has been looked at.
  private static let reserved =
    RecordSchema.audio.planes.map(\.name) + ["record", "id", "session", "length", "text", "row", "rows", "shard"]

  private static func taken(_ name: String) -> Failure {
    Failure(.usage, "\"\(name)\" is a name that records have already", hint: "choose another")
  }

  /// Names are parts of file names and keys of JSON: letters, digits, `_` and `-`.
  public static func check(name: String) throws {
    let isPlain = name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        true
      default: false
      }
    }
    guard isPlain, !name.isEmpty, name.utf8.count <= 64, !name.begins(with: "_") else {
      throw Failure(.usage, "\"\(name)\" cannot name a plane", hint: "letters, digits, '_' and '-', not '_' first")
    }
    guard !reserved.contains(where: { isSame($0, name) }) else { throw taken(name) }
  }

  /// Relative to the dataset folder.
  static func path(shard: Int, name: String) -> String {
    ShardWriter.path(shard: shard).dropLast("safetensors".count) + name + ".safetensors"
  }

  /// What a path means, also one of a file that replaces another; nil if it is not that of an overlay.
  static func parse(_ path: String) -> (shard: Int, name: String)? {
    let path = FileEntry.lastingPath(path)
    guard path.begins(with: "shards/") else { return nil }
    let parts = path.pieces(at: ".")
    guard parts.count == 3, let shard = Int(parts[0].dropping(first: "shards/".utf8.count)), shard >= 0 else {
      return nil
    }
    let name = String(parts[1])
    return isSame(self.path(shard: shard, name: name), path) ? (shard, name) : nil
  }
}

// MARK: - In the card

extension Overlay {
  /// As the card lists it.
  public var json: JSON {
    var object: JSONObject = [
      "name": .string(name), "type": .string(type.rawValue), "row": .array(row.map { .int($0) }), "none": .int(none),
    ]
    switch content {
    case .labels(let phoneSet, let classes):
      object["phone_set"] = .string(phoneSet)
      object["classes"] = .array(classes.map { .string($0) })
    case .key(let key, _): object["key"] = .string(key)
    }
    for (key, value) in statistics.members { object[key] = value }
    return .object(object)
  }

  init?(_ json: JSON) {
    guard let name = json["name"]?.stringValue, let type = json["type"]?.stringValue, let object = json.objectValue,
      let row = json["row"]?.arrayValue?.map({ $0.intValue ?? -1 }), row.allSatisfy({ (0...1 << 32).contains($0) }),
      row.count <= 4, (try? Self.check(name: name)) != nil
    else { return nil }
    let content: Content
    if let classes = json["classes"]?.arrayValue, let phoneSet = json["phone_set"]?.stringValue {
      content = .labels(phoneSet: phoneSet, classes: classes.map { $0.stringValue ?? "" })
    } else if let key = json["key"]?.stringValue {
      content = .key(key, isWide: type == TensorType.i64.rawValue)
    } else {
      return nil
    }
    var statistics = object
    for key in ["name", "type", "row", "none", "phone_set", "classes", "key"] { statistics[key] = nil }
    self.name = name
    self.content = content
    self.row = row
    self.statistics = statistics
    guard self.type.rawValue == type else { return nil }
  }
}

extension Card {
  private static let overlaysKey = "overlays"

  private var overlayFacts: [JSON] {
    get { facts[Self.overlaysKey]?.arrayValue ?? [] }
    set {
      func name(_ json: JSON) -> String { json["name"]?.stringValue ?? "" }
      let sorted = newValue.sorted { name($0).utf8.lexicographicallyPrecedes(name($1).utf8) }
      facts[Self.overlaysKey] = sorted.isEmpty ? nil : .array(sorted)
    }
  }

  /// The planes that were added, by name; those of a kind that this version does not know are passed over.
  public var overlays: [Overlay] { overlayFacts.compactMap { Overlay($0) } }

  /// Names of added planes of a kind that this version does not know.
  public var unknownOverlays: [String] {
    overlayFacts.compactMap { Overlay($0) == nil ? $0["name"]?.stringValue ?? $0.compact : nil }
  }

  /// Names of the planes that were added, ascending.
  public var overlayNames: [String] { overlayFacts.compactMap { $0["name"]?.stringValue } }

  /// The files of an added plane, by shard.
  public func files(ofOverlay name: String) -> [FileEntry] {
    files.filter { isSame(Overlay.parse($0.path)?.name, name) }
  }

  /// Takes a plane out. What is left is the card that the dataset had without it.
  mutating func remove(overlay name: String) {
    files.removeAll { isSame(Overlay.parse($0.path)?.name, name) }
    overlayFacts.removeAll { isSame($0["name"]?.stringValue, name) }
  }

  /// Puts a plane in, instead of one of the same name. The files of planes stand in the order of their names, after all
  /// others.
  public mutating func insert(_ overlay: Overlay, files new: [FileEntry]) {
    remove(overlay: overlay.name)
    overlayFacts.append(overlay.json)
    let added = overlayNames.flatMap { isSame($0, overlay.name) ? new : files(ofOverlay: $0) }
    files.removeAll { Overlay.parse($0.path) != nil }
    files += added
  }

  /// Puts in a file that is not one of an added plane.
  mutating func insert(_ entry: FileEntry) {
    files.insert(entry, at: files.firstIndex { Overlay.parse($0.path) != nil } ?? files.endIndex)
  }
}
