import Archives
import Corpora
import FileIO
import Labels
import Makers
import Manifests
import OrderedJSON
import Planes
import Safetensors
import Sharding
import Shards
import TestSupport
import Testing

/// A kind of records that the product does not know: rows of five cells, a payload of two planes, one of them small, and a
/// label for each cell of the grid. Writing, parts, streams, subsets, added planes, reading and checking take it as it is.
@Suite struct ForeignKindTests {
  private let folder: TemporaryFolder
  private let utterances: [(id: String, rows: [GridRow])]

  init() throws {
    folder = try TemporaryFolder()
    var random = SeededGenerator(11)
    var lines: [UInt8] = []
    utterances = (0..<13).map { i in
      let count = [1, 3, 7, 2, 12][i % 5]
      return ("g\(i % 4)/u\(i)", (0..<count).map { _ in GridRow(&random) })
    }
    for (i, utterance) in utterances.enumerated() {
      // The walk knows texts, and does not look into them.
      try File.writing(folder("\(i).txt")).write(utterance.rows.flatMap(\.bytes))
      var entry = ManifestEntry(
        id: utterance.id, source: "\(i).txt", group: "g\(i % 4)", extent: .text(sentences: utterance.rows.count))
      entry.extra["place"] = .int(100 + i)
      entry.write(to: &lines)
    }
    try File.writing(folder("m.jsonl")).write(lines)
  }

  private func options(_ threads: Int = 2, force: Bool = false) -> ShardingOptions {
    var options = ShardingOptions(GridMaker())
    options.recordsPerShard = 6
    options.threads = threads
    options.force = force
    options.fingerprint = ["version": .string("test")]
    return options
  }

  private func corpus() throws -> Corpus { try Corpus(manifest: File.reading(folder("m.jsonl"))) }

  /// What each record should hold.
  private func expect(_ items: [Excerpt], _ comment: Comment? = nil) {
    let expected = utterances.flatMap { utterance in
      stride(from: 0, to: utterance.rows.count, by: 3).map { start in
        (utterance.id, Array(utterance.rows[start..<min(start + 3, utterance.rows.count)]))
      }
    }
    #expect(items.count == expected.count, comment)
    for (item, (id, rows)) in zip(items, expected) {
      #expect(item.id == id && item.count == rows.count, comment)
      #expect(item.payload == [rows.flatMap(\.cells), rows.map(\.mark)], comment)
      #expect(item.labels == rows.flatMap { GridMaker.labels(id: id, row: $0) }, comment)
    }
  }

  private func items(_ name: String) throws -> [Excerpt] {
    var items: [Excerpt] = []
    try ExcerptSelection().forEach(in: Dataset(opening: folder(name))) { items.append($0) }
    return items
  }

  @Test func recordsHoldWhatTheMakerMade() throws {
    for threads in [1, 2, 7] {
      let summary = try shardDataset(corpus(), to: folder("t\(threads)"), options: options(threads))
      #expect(summary.problems == [] && summary.units == utterances.reduce(0) { $0 + $1.rows.count })
      #expect(try tree(folder("t\(threads)")) == tree(folder("t1")))
    }
    let dataset = try Dataset(opening: folder("t1"))
    #expect(dataset.schema == GridMaker().schema && dataset.index.shardCount > 3)
    // Odd rows leave the first plane in the midst of eight bytes.
    #expect(try SafetensorsFile(mapping: folder("t1/shards/00000.safetensors")).header.tensor("_pad0") != nil)
    expect(try items("t1"))
    #expect(try Dataset.verify(folder("t1")).isGood)
  }

  @Test func partsStreamsAndSubsetsAreTheSame() throws {
    _ = try shardDataset(corpus(), to: folder("d"), options: options())
    for i in 0..<3 {
      _ = try shardPart(
        Part(index: i, count: 3)!, of: folder("m.jsonl"), to: folder("p\(i)"), opening: CorpusOptions(),
        options: options())
    }
    _ = try mergeParts((0..<3).map { folder("p\($0)") }, of: corpus(), to: folder("e"), options: options())
    #expect(try tree(folder("d")) == tree(folder("e")))
    _ = try streamRecords(of: corpus(), to: File.writing(folder("stream")), options: options())
    var streamed: [Excerpt] = []
    try ExcerptSelection().forEach(in: RecordStreamReader(File.reading(folder("stream")))) { streamed.append($0) }
    expect(streamed, "stream")
    _ = try makeSubset(
      of: folder("d"), selecting: [UtteranceSelection(groups: "g1,g3")], to: folder("s"), options: options())
    let some = Set(["g1", "g3"])
    let chosen = try items("d").filter { some.contains($0.group) }
    #expect(try items("s").map(\.payload) == chosen.map(\.payload))
    #expect(try items("s").map(\.labels) == chosen.map(\.labels))
  }

  @Test func planesAreAddedAndFlipsAreNamed() throws {
    _ = try shardDataset(corpus(), to: folder("d"), options: options())
    let before = try tree(folder("d"))
    _ = try addKey("place", as: "where", to: folder("d"), options: OverlayOptions())
    #expect(try items("d").allSatisfy { $0.planes[0].values.count == 1 })
    let update = try DatasetUpdate(folder("d"))
    try update.remove(overlay: "where")
    #expect(try tree(folder("d")) == before)
    var random = SeededGenerator(5)
    for _ in 0..<200 {
      let name = before.keys.sorted().randomElement(using: &random)!
      var bytes = before[name]!
      bytes[Int.random(in: 0..<bytes.count, using: &random)] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try File.writing(folder("d/\(name)")).write(bytes)
      #expect(try !Dataset.verify(folder("d")).isGood, "\(name)")
      try File.writing(folder("d/\(name)")).write(before[name]!)
    }
  }
}

private struct GridRow {
  /// Six numbers for each of five cells, and three more: an odd number of bytes.
  var cells: [UInt8]
  var mark: UInt8
  var bytes: [UInt8] { cells + [mark] }

  init(_ random: inout SeededGenerator) {
    cells = (0..<33).map { _ in UInt8.random(in: 0...255, using: &random) }
    mark = UInt8.random(in: 0...255, using: &random)
  }
}

private struct GridMaker: RecordMaker {
  let schema = RecordSchema(
    kind: "grid", unit: "lines", length: 3, payload: [.init("cells", .u8, [3, 33]), .init("marks", .u8, [3])],
    label: .init("kinds", .u8, [3, 5]), facts: ["columns": .int(5)])
  let counted: [Counted] = []
  let batch = 2
  let recordFacts: JSONObject = ["lines": .int(3)]

  func cost(of utterance: PlannedUtterance) -> Int { 1 << 16 }
  func makeWorker(tail: RecordSchema.Tail) throws -> any RecordWorker { GridWorker(schema, tail) }
  func makeLabels(classes: [String]) -> (any UtteranceLabels)? { GridLabels() }
  func amount(units: Int) -> String { "\(units) lines" }

  func labelFacts(_ labels: (any UtteranceLabels)?) -> (key: String, facts: JSONObject)? {
    ("label_sets", ["name": .string("kinds"), "classes": .array((0..<9).map { .string("k\($0)") })])
  }

  /// The kinds of the cells of a row.
  static func labels(id: String, row: GridRow) -> [Int] { (0..<5).map { (id.utf8.count + $0) % 9 } }
}

private final class GridLabels: UtteranceLabels {
  let problems: [InputProblem] = []
  let unlabelled = 0
  let unknownIDs = 0
  let mends = LabelMends()
  let classes: [String] = []

  func labels(of entry: ManifestEntry) throws -> [UInt8]? {
    (0..<entry.units).flatMap { _ in (0..<5).map { UInt8((entry.id.utf8.count + $0) % 9) } }
  }
}

private final class GridWorker: RecordWorker {
  private let schema: RecordSchema
  private let tail: RecordSchema.Tail
  private let hash = XXH3.Stream()

  init(_ schema: RecordSchema, _ tail: RecordSchema.Tail) { (self.schema, self.tail) = (schema, tail) }

  func work(_ utterances: [PlannedUtterance]) -> [Result<MadeRecords, Failure>?] {
    utterances.map { utterance in
      utterance.source.map { source in
        utterance.result {
          let bytes = try source.get().file.load()
          let memory = GridMemory(rows: bytes.count / 34)
          for row in 0..<bytes.count / 34 {
            for i in 0..<33 { memory.cells[33 * row + i] = bytes[34 * row + i] }
            memory.marks[row] = bytes[34 * row + 33]
          }
          let records = UtteranceRecords(
            schema, payload: [UnsafeRawBufferPointer(memory.cells), UnsafeRawBufferPointer(memory.marks)],
            owner: memory,
            tail: tail, utterance: utterance.index, group: utterance.group, labels: utterance.labels, hash: hash)
          return MadeRecords(records: records, counts: [])
        }
      }
    }
  }
}

private final class GridMemory: @unchecked Sendable {
  let cells: UnsafeMutableBufferPointer<UInt8>
  let marks: UnsafeMutableBufferPointer<UInt8>

  init(rows: Int) { (cells, marks) = (.allocate(capacity: 33 * rows), .allocate(capacity: rows)) }

  deinit {
    cells.deallocate()
    marks.deallocate()
  }
}
