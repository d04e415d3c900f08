import FileIO
public import OrderedJSON

/// One line of `utterances.jsonl`; its line number, from 0, is the utterance index.
public struct UtteranceLine: Sendable {
  public var id: String
  public var group: String
  public var session: String?
  /// What it holds, in the unit of the dataset's records.
  public var units: Int
  public var text: String?
  /// Index of the shard, first row in it and number of rows; an utterance that could not be decoded has 0.
  public var shard: Int
  public var row: Int
  public var rows: Int
  /// The whole line, carried keys included.
  public var json: JSON

  /// The keys that have no meaning here.
  public let carried: JSONObject

  /// - Parameter unit: ``RecordSchema/unit``.
  public init(parsing line: [UInt8], unit: String, path: String, number: Int) throws {
    func corrupt(_ reason: String) -> Failure { Failure(.corrupt, path: path, at: "line \(number)", reason) }
    do { json = try JSON(parsing: line) } catch { throw corrupt(error.description) }
    guard let id = json["id"]?.stringValue, let group = json["group"]?.stringValue,
      let units = json[unit]?.intValue, let shard = json["shard"]?.intValue, let row = json["row"]?.intValue,
      let rows = json["rows"]?.intValue, units >= 0, shard >= 0, row >= 0, rows >= 0
    else { throw corrupt("a key is missing or of the wrong type") }
    var carried = JSONObject()
    for (key, value) in json.objectValue?.members ?? []
    where !["id", "group", "session", unit, "text", "shard", "row", "rows"].contains(where: { isSame($0, key) }) {
      carried[key] = value
    }
    self.carried = carried
    self.id = id
    self.group = group
    self.units = units
    self.shard = shard
    self.row = row
    self.rows = rows
    session = json["session"]?.stringValue
    text = json["text"]?.stringValue
  }
}

/// `utterances.jsonl`, read line by line.
public final class UtteranceList {
  public static let fileName = "utterances.jsonl"
  private let reader: LineReader
  private let path: String
  private let unit: String

  /// - Parameter unit: ``RecordSchema/unit``.
  public init(folder: String, unit: String) throws {
    self.unit = unit
    path = "\(folder)/\(Self.fileName)"
    reader = LineReader(try File.reading(path))
  }

  public func next() throws -> UtteranceLine? {
    guard let line = try reader.next() else { return nil }
    return try UtteranceLine(parsing: line, unit: unit, path: path, number: reader.line)
  }
}
