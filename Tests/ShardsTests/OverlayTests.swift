import FileIO
import Glibc
import OrderedJSON
import Safetensors
import Shards
import TestSupport
import Testing

@Suite struct OverlayTests {
  private let folder: TemporaryFolder
  private let utterances = edgeUtterances()
  private let dataset: Dataset

  init() throws {
    folder = try TemporaryFolder()
    try makeDataset(folder("d"), utterances: utterances)
    dataset = try Dataset(opening: folder("d"))
  }

  private static func labels(_ name: String, classes: Int) throws -> Overlay {
    try Overlay(name: name, content: .labels(phoneSet: "s", classes: (0..<classes).map { "c\($0)" }), of: .audio)
  }

  /// A value for each cell of a record that differs from those of other records; every third utterance has none.
  private func values(_ record: Int, _ overlay: Overlay) -> [Int]? {
    guard dataset.utterance(record) % 3 != 2 else { return nil }
    switch overlay.content {
    case .labels(_, let classes): return (0..<128).map { ($0 * 7 + record * 31) % classes.count }
    case .key: return [-record]
    }
  }

  @discardableResult
  private func add(_ overlay: Overlay, seed: UInt64 = 1, publishes: Bool = true) throws -> [FileEntry] {
    let update = try DatasetUpdate(folder("d"))
    let writer = try OverlayWriter(
      overlay, folder: folder("d"),
      utteranceRows: utterances.indices.map { Int32(dataset.records(ofUtterance: $0).count) },
      shardRecords: (0..<2).map { dataset.index.records(ofShard: $0).count }, isReplacing: try update.has(overlay.name))
    var random = SeededGenerator(seed)
    // In any order.
    for record in (0..<dataset.recordCount).shuffled(using: &random) {
      if let values = values(record, overlay) { try writer.write(record: record, values) }
    }
    let (added, files) = try writer.finish()
    if publishes { try update.insert(added, files: files) }
    return files
  }

  private func bytes() throws -> [String: [UInt8]] {
    var result: [String: [UInt8]] = [:]
    for parent in ["", "/shards", "/splits"] where Folder.kind(of: folder("d\(parent)")) == .folder {
      for name in try Folder.names(in: folder("d\(parent)"))
      where Folder.kind(of: folder("d\(parent)/\(name)")) == .file {
        result["\(parent)/\(name)"] = try File.contents(of: folder("d\(parent)/\(name)"))
      }
    }
    return result
  }

  @Test func everyPlaneIsReadAsItWasWritten() throws {
    let before = try bytes()
    let overlays = [
      try Self.labels("a255", classes: 255), try Self.labels("b256", classes: 256),
      try Overlay(name: "n", content: .key("n", isWide: false), of: .audio),
      try Overlay(name: "w", content: .key("w", isWide: true), of: .audio),
    ]
    #expect(overlays.map(\.type) == [.u8, .u16, .i32, .i64])
    for overlay in overlays.reversed() { try add(overlay) }
    let opened = try Dataset(opening: folder("d"))
    #expect(opened.overlays.map(\.name) == ["a255", "b256", "n", "w"])
    for record in 0..<opened.recordCount {
      let (shard, row) = opened.locate(record)
      for overlay in overlays {
        let plane = try #require(shard.plane(overlay.name))
        let none = [Int](repeating: overlay.none, count: plane.width)
        #expect(plane.integers(row) == values(record, overlay) ?? none, "\(overlay.name) \(record)")
      }
      #expect(shard.plane("phones")?.integers(row) == shard.phones(row).map { Int($0) })
      #expect(shard.plane("valid")?.integers(row) == [shard.valid(row)])
      #expect(shard.plane("nothing") == nil)
    }
    let labelled = (0..<opened.recordCount).count { opened.utterance($0) % 3 != 2 }
    #expect(opened.overlays[0].statistics["labelled_cells"]?.intValue == labelled * 128)
    #expect(opened.overlays[0].statistics["unlabelled_cells"]?.intValue == (opened.recordCount - labelled) * 128)
    #expect(opened.overlays[0].statistics["unlabelled_utterances"]?.intValue == 2)
    #expect(opened.overlays[3].statistics["utterances_without"]?.intValue == 2)
    let verification = try Dataset.verify(folder("d"))
    #expect(verification.isGood && verification.records == opened.recordCount)
    // The audio is untouched, and without its planes the dataset is what it was.
    let after = try bytes()
    for (path, content) in before where path != "/dataset.json" { #expect(after[path] == content) }
    for overlay in overlays { try DatasetUpdate(folder("d")).remove(overlay: overlay.name) }
    #expect(try bytes() == before)
  }

  @Test func theOrderOfChangesLeavesNoTrace() throws {
    try add(Self.labels("x", classes: 3))
    try Dataset.addSplit(named: "s", parts: [(utterances[0].id, "train")], folder: folder("d"), replacing: false)
    try add(Self.labels("b", classes: 4), seed: 2)
    let one = try bytes()
    try DatasetUpdate(folder("d")).remove(overlay: "x")
    try add(Self.labels("b", classes: 5))
    try add(Self.labels("x", classes: 3), seed: 3)
    #expect(try bytes() != one)
    try add(Self.labels("b", classes: 4), seed: 4)
    try Dataset.addSplit(named: "s", parts: [(utterances[0].id, "other")], folder: folder("d"), replacing: true)
    try Dataset.addSplit(named: "s", parts: [(utterances[0].id, "train")], folder: folder("d"), replacing: true)
    #expect(try bytes() == one)
    #expect(try Dataset.verify(folder("d")).isGood)
  }

  /// What a crash can leave is gone after the next change; what others left is not touched.
  @Test func leftoversAreRemovedAndNothingElse() throws {
    try add(Self.labels("x", classes: 3))
    let before = try bytes()
    try add(Self.labels("y", classes: 3), publishes: false)
    try add(Self.labels("x", classes: 4), publishes: false)
    #expect(try Folder.names(in: folder("d/shards")).contains(".new.00001.x.safetensors"))
    for name in ["00000.x.safetensors.partial", "00001.z.safetensors.partial", ".new.00000.q.safetensors.partial"] {
      try File.writing(folder("d/shards/\(name)")).write("half")
    }
    #expect(try Dataset(opening: folder("d")).overlays.map(\.name) == ["x"])
    _ = try DatasetUpdate(folder("d"))
    #expect(try bytes() == before)

    try writeSafetensors([], to: folder("d/shards/00000.mine.safetensors"))
    try File.writing(folder("d/shards/notes.txt")).write("mine")
    let withMine = try bytes()
    _ = try DatasetUpdate(folder("d"))
    #expect(try bytes() == withMine)
    let failure = #expect(throws: Failure.self) { try add(Self.labels("mine", classes: 3)) }
    #expect(failure?.kind == .exists && failure?.path == folder("d/shards/00000.mine.safetensors"))
  }

  /// Killed after the card that makes a replacement valid: the new plane is there, under a passing name, and stays.
  @Test func anInterruptedReplacementIsCompleted() throws {
    try add(Self.labels("x", classes: 4))
    let replaced = try bytes()
    try add(Self.labels("x", classes: 3))
    let files = try add(Self.labels("x", classes: 4), publishes: false)
    #expect(files.allSatisfy { $0.path.contains(".new.") })
    var card = try Card.read(folder: folder("d"))
    let target = try Card(parsing: replaced["/dataset.json"]!, path: "card").overlays[0]
    card.insert(target, files: files)
    try card.write(folder: folder("d"))
    let between = try Dataset(opening: folder("d"))
    #expect(between.overlays == [target])
    #expect(try Dataset.verify(folder("d")).isGood)
    let record = between.records(ofUtterance: 0).first!
    #expect(between.locate(record).shard.plane("x")?.integers(between.locate(record).row) == values(record, target))
    _ = try DatasetUpdate(folder("d"))
    #expect(try bytes() == replaced)
  }

  /// Every changed bit is named with its file, and with its plane, its row or the header.
  @Test func verifyNamesEveryFlippedBit() throws {
    try add(Self.labels("x", classes: 300))
    let card = try Card.read(folder: folder("d"))
    var random = SeededGenerator(4)
    var rows = 0
    for entry in card.files(ofOverlay: "x") {
      let header = try SafetensorsFile(mapping: folder("d/\(entry.path)")).header
      for trial in 0..<60 {
        let file = try File.open(folder("d/\(entry.path)"), flags: O_RDWR, action: "open")
        let isInHeader = trial % 3 == 0
        let offset = Int.random(
          in: isInHeader ? 0..<header.dataStart : header.dataStart..<entry.bytes, using: &random)
        var byte: [UInt8] = [0]
        _ = byte.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, 1, off_t(offset)) }
        let flipped = [byte[0] ^ (1 << UInt8.random(in: 0..<8, using: &random))]
        try flipped.withUnsafeBytes { try file.write($0, at: offset) }
        let problems = try Dataset.verify(folder("d")).problems
        #expect(!problems.isEmpty && problems.allSatisfy { $0.path == folder("d/\(entry.path)") }, "byte \(offset)")
        if let tensor = header.tensors.first(where: { $0.range.contains(offset) }) {
          let row = (offset - tensor.range.lowerBound) / (tensor.range.count / tensor.shape[0])
          #expect(problems.contains { $0.reason.contains("plane \"\(tensor.name)\"") }, "byte \(offset)")
          #expect(problems.contains { $0.position == "row \(row)" }, "byte \(offset)")
          rows += 1
        }
        _ = try? Dataset(opening: folder("d"))
        try byte.withUnsafeBytes { try file.write($0, at: offset) }
      }
    }
    #expect(rows > 60)
    #expect(try Dataset.verify(folder("d")).isGood)
  }

  @Test func readersSurviveMutatedPlanes() throws {
    try add(Self.labels("x", classes: 3))
    let path = folder("d/shards/00001.x.safetensors")
    let good = try File.contents(of: path)
    let end = good[8...].firstIndex(of: UInt8(ascii: " "))!
    var random = SeededGenerator(5)
    var opened = 0
    for _ in 0..<400 {
      var bytes = good
      for _ in 0...2 { bytes[Int.random(in: 0..<end, using: &random)] = good[Int.random(in: 8..<end, using: &random)] }
      try writeAtomically(to: path) { try $0.write(bytes) }
      #expect(try !Dataset.verify(folder("d")).isGood || bytes == good)
      guard let dataset = try? Dataset(opening: folder("d")) else { continue }
      opened += 1
      for record in 0..<dataset.recordCount {
        let (shard, row) = dataset.locate(record)
        _ = shard.plane("x")?.integers(row).reduce(0, +)
      }
    }
    #expect(opened > 0)
  }

  @Test(arguments: ["samples", "phones", "checksum", "text", "", "a.b", "a/b", "_x", "ä", "a b"])
  func refusesNames(name: String) {
    #expect(throws: Failure.self) { try Overlay.check(name: name) }
  }

  @Test func refusesPlanesThatAreNotWhole() throws {
    try add(Self.labels("x", classes: 3))
    var card = try Card.read(folder: folder("d"))
    card.files.removeAll { $0.path == "shards/00001.x.safetensors" }
    try card.write(folder: folder("d"))
    #expect(throws: Failure.self) { try Dataset(opening: folder("d")) }
    #expect(throws: Failure.self) { try DatasetUpdate(folder("missing")) }
    #expect(throws: Failure.self) { try DatasetUpdate(folder("d")).remove(overlay: "y") }
  }
}
