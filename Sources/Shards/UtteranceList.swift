import FileIO
public import OrderedJSON

/// One line of `utterances.jsonl`; its line number, from 0, is the utterance index.
public struct UtteranceLine: Sendable {
  public var id: String
  public var group: String
  public var session: String?
  public var samples: Int
  public var text: String?
  /// Index of the shard, first row in it and number of rows; an utterance that could not be decoded has 0.
  public var shard: Int
  public var row: Int
  public var rows: Int
  /// Samples that were beyond the range of 16 bits and became the largest or the smallest.
  public var clipped: Int
  /// The whole line, carried keys included.
  public var json: JSON

  public init(parsing line: [UInt8], path: String, number: Int) throws {
    func corrupt(_ reason: String) -> Failure { Failure(.corrupt, path: path, at: "line \(number)", reason) }
    do { json = try JSON(parsing: line) } catch { throw corrupt(error.description) }
    guard let id = json["id"]?.stringValue, let group = json["group"]?.stringValue,
      let samples = json["samples"]?.intValue, let shard = json["shard"]?.intValue, let row = json["row"]?.intValue,
      let rows = json["rows"]?.intValue, samples >= 0, shard >= 0, row >= 0, rows >= 0
    else { throw corrupt("a key is missing or of the wrong type") }
    self.id = id
    self.group = group
    self.samples = samples
    self.shard = shard
    self.row = row
    self.rows = rows
    clipped = max(0, json["clipped"]?.intValue ?? 0)
    session = json["session"]?.stringValue
    text = json["text"]?.stringValue
  }
}

/// `utterances.jsonl`, read line by line.
public final class UtteranceList {
  public static let fileName = "utterances.jsonl"
  private let reader: LineReader
  private let path: String

  public init(folder: String) throws {
    path = "\(folder)/\(Self.fileName)"
    reader = LineReader(try File.reading(path))
  }

  public func next() throws -> UtteranceLine? {
    guard let line = try reader.next() else { return nil }
    return try UtteranceLine(parsing: line, path: path, number: reader.line)
  }
}
