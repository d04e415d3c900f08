import Archives
import Corpora
import FileIO
import Labels
import Manifests
import OrderedJSON
import Safetensors
import Sharding
import Shards
import TestSupport

/// A folder of files of lines of cells, the same as an archive, and the manifest that a scan makes of the folder.
struct GridCorpus {
  let folder: TemporaryFolder
  let utterances: [(id: String, rows: [GridRow])]

  init(_ count: Int) throws {
    folder = try TemporaryFolder()
    var random = SeededGenerator(11)
    utterances = (0..<count).map { i in
      let count = [1, 3, 7, 2, 12][i % 5]
      let first = GridRow(&random)
      return ("g\(i % 4)/u\(i)", (0..<count).map { _ in GridRow(near: first, &random) })
    }.sorted { $0.id < $1.id }
    let files = utterances.map { ArchiveFile.Member("\($0.id).grid", $0.rows.flatMap(\.bytes)) }
    try ArchiveFile.write(files, to: folder("grids.tar"))
    for (file, utterance) in zip(files, utterances) {
      let path = folder("grids/\(utterance.id).grid")
      try Folder.create(Folder.parent(of: path))
      try File.writing(path).write(file.bytes)
    }
    var lines: [UInt8] = []
    for (i, entry) in try scan("grids").enumerated() {
      var entry = entry
      entry.extra["place"] = .int(100 + i)
      entry.write(to: &lines)
    }
    try File.writing(folder("m.jsonl")).write(lines)
  }

  /// What a scan finds in a folder or an archive; its problems are thrown.
  func scan(_ name: String) throws -> [ManifestEntry] {
    let corpus = try Corpus.opening([folder(name)], options: opening(root: folder.path)).corpus
    var entries: [ManifestEntry] = []
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance): entries.append(utterance.entry)
      case .problem(let problem): throw problem.failure
      default: break
      }
    }
    return entries
  }

  func opening(root: String? = nil) -> CorpusOptions { CorpusOptions(layout: GridLayout.layout, root: root) }

  func options(_ threads: Int = 2) -> ShardingOptions {
    var options = ShardingOptions(GridMaker())
    options.recordsPerShard = 6
    options.threads = threads
    options.fingerprint = ["version": .string("test")]
    return options
  }

  func corpus(_ name: String = "m.jsonl") throws -> Corpus {
    try Corpus.opening([folder(name)], options: opening()).corpus
  }
}

struct GridRow {
  /// Six numbers for each of five cells, and three more: an odd number of bytes.
  var cells: [UInt8]
  var mark: UInt8
  var bytes: [UInt8] { cells + [mark] }

  init(_ random: inout SeededGenerator) {
    cells = (0..<33).map { _ in UInt8.random(in: 0...255, using: &random) }
    mark = UInt8.random(in: 0...255, using: &random)
  }

  /// Another line of the same utterance, so that there is something to learn.
  init(near first: GridRow, _ random: inout SeededGenerator) {
    cells = first.cells.map { $0 &+ UInt8.random(in: 0...20, using: &random) }
    mark = first.mark
  }
}

struct GridMaker: RecordMaker {
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
