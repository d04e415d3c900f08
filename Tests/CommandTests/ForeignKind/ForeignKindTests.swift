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
/// label for each cell of the grid. Scan, writing, parts, streams, subsets, added planes, reading and checking take it as it is.
@Suite struct ForeignKindTests {
  private let grids: GridCorpus

  init() throws { grids = try GridCorpus(13) }

  private var folder: TemporaryFolder { grids.folder }
  private var utterances: [(id: String, rows: [GridRow])] { grids.utterances }
  private func options(_ threads: Int = 2) -> ShardingOptions { grids.options(threads) }
  private func corpus(_ name: String = "m.jsonl") throws -> Corpus { try grids.corpus(name) }

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

  @Test func aScanFindsWhatIsThere() throws {
    let entries = try grids.scan("grids")
    #expect(entries.map(\.id) == utterances.map(\.id) && entries.map(\.units) == utterances.map(\.rows.count))
    #expect(Set(entries.map(\.group)) == ["g0", "g1", "g2", "g3"])
    for entry in entries {
      var line: [UInt8] = []
      entry.write(to: &line)
      #expect(try ManifestEntry(parsing: line.dropLast()) == entry)
    }
    #expect(try grids.scan("grids.tar").map(\.units) == entries.map(\.units))
    try File.writing(folder("grids/g1/odd.grid")).write([1, 2, 3])
    let failure = #expect(throws: Failure.self) { try grids.scan("grids") }
    #expect(failure?.reason == "3 bytes are not lines of 34")
  }

  @Test func aManifestOfAnUnknownKindIsRefusedByName() throws {
    let corpus = try Corpus(manifest: File.reading(folder("m.jsonl")))
    guard case .declared(let item)? = try corpus.next() else { throw Failure(.badInput, "no line") }
    let failure = #expect(throws: Failure.self) { try item.open() }
    #expect(failure?.reason == "files of kind 'grid' are not known here")
  }

  @Test(arguments: ["grids", "grids.tar"]) func folderAndArchiveBecomeTheRecordsOfTheManifest(name: String) throws {
    _ = try shardDataset(corpus(name), to: folder("d"), options: options())
    expect(try items("d"), "\(name)")
    #expect(try Dataset.verify(folder("d")).isGood)
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
        Part(index: i, count: 3)!, of: folder("m.jsonl"), to: folder("p\(i)"), opening: grids.opening(),
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
