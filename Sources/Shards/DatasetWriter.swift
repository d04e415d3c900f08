import FileIO
public import OrderedJSON

/// Makes the rest of a dataset when its shards are finished: the utterance list, splits, the index, and last the card,
/// which is what makes it a dataset.
public struct DatasetWriter {
  public let schema: RecordSchema
  public let folder: String
  /// In the order of their records.
  private let shards: [FileEntry]
  /// The first utterance of each shard.
  private let firsts: [Int]
  /// Records of each utterance.
  public let rows: [Int32]

  public init(_ schema: RecordSchema, folder: String, shards: [FileEntry], firsts: [Int], rows: [Int32]) {
    self.schema = schema
    self.folder = folder
    self.shards = shards
    self.firsts = firsts
    self.rows = rows
  }

  /// Where the records of an utterance are.
  public struct Place {
    public var shard: Int
    public var row: Int
    public var rows: Int
  }

  /// Writes `utterances.jsonl`.
  ///
  /// - Parameter line: called for each utterance in order; returns its line, without the line end.
  public func writeUtterances(_ line: (_ utterance: Int, Place) throws -> [UInt8]) throws {
    try writeAtomically(to: "\(folder)/\(UtteranceList.fileName)") { file in
      let output = BufferedFile(file)
      var (shard, row) = (-1, 0)
      for (utterance, rows) in rows.enumerated() {
        while shard + 1 < firsts.count, firsts[shard + 1] <= utterance { (shard, row) = (shard + 1, 0) }
        try output.write(line(utterance, Place(shard: shard, row: row, rows: Int(rows))) + [UInt8(ascii: "\n")])
        row += Int(rows)
      }
      try output.flush()
    }
  }

  /// Writes `splits/NAME.txt` of lines as ``Split`` describes.
  public func writeSplit(_ name: String, lines: [UInt8]) throws {
    try Folder.create("\(folder)/splits")
    try writeAtomically(to: "\(folder)/\(Split.path(name))") { try $0.write(lines) }
  }

  /// Writes a file that belongs to the dataset, beside what every dataset has.
  public func writeFile(_ name: String, _ bytes: [UInt8]) throws {
    if let parts = name.divided(atLast: "/") { try Folder.create("\(folder)/\(parts.head)") }
    try writeAtomically(to: "\(folder)/\(name)") { try $0.write(bytes) }
  }

  /// Writes index and card.
  ///
  /// - Parameters:
  ///   - groups: of each utterance.
  ///   - labels: counts of the label plane, if there is one.
  ///   - splits: names of those that have been written.
  ///   - files: other files that have been written.
  ///   - added: planes whose files have been written.
  ///   - facts: all but the files; made when the list has been written.
  public func finish(
    groups: [Int32], groupCount: Int, labels: ClassCounts, splits: [String], files: [String] = [],
    added: [(overlay: Overlay, files: [FileEntry])] = [], facts: JSONObject
  ) throws {
    try DatasetIndex.write(
      schema, folder: folder, utteranceRows: rows, utteranceGroups: groups, groupCount: groupCount,
      shardRecords: shards.map { $0.records ?? 0 }, labels: labels)
    let others = [UtteranceList.fileName, DatasetIndex.fileName] + splits.map { Split.path($0) } + files
    var card = Card(facts: facts, files: try shards + others.map { try FileEntry(of: $0, in: folder) })
    for (overlay, files) in added { card.insert(overlay, files: files) }
    try card.write(folder: folder)
  }
}
