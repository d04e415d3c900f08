import FileIO
import Glibc
import Shards
import TestSupport
import Testing

@Suite struct DamageTests {
  /// Every changed bit is named by verify: with its file and, in shards, with a plane, a row or the header.
  @Test func verifyNamesEveryFlippedBit() throws {
    let folder = try TemporaryFolder()
    let utterances = edgeUtterances()
    var card = try makeDataset(folder("d"), utterances: utterances)
    try Dataset.addSplit(named: "s", parts: [(utterances[0].id, "train")], folder: folder("d"), replacing: false)
    card = try Card.read(folder: folder("d"))
    var random = SeededGenerator(4)
    let paths = card.files.map(\.path) + [Card.fileName]
    for path in paths {
      for trial in 0..<40 {
        let file = try File.open(folder("d/\(path)"), flags: O_RDWR, action: "open")
        // Half of the flips go to the end of the file, where the small planes and the last key are.
        let size = try file.size()
        let offset =
          trial % 2 == 0
          ? Int.random(in: 0..<size, using: &random) : size - 1 - Int.random(in: 0..<min(size, 500), using: &random)
        var byte: [UInt8] = [0]
        _ = byte.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, 1, off_t(offset)) }
        let flipped = [byte[0] ^ (1 << UInt8.random(in: 0..<8, using: &random))]
        try flipped.withUnsafeBytes { try file.write($0, at: offset) }
        let problems = try Dataset.verify(folder("d")).problems
        #expect(problems.contains { $0.path == folder("d/\(path)") }, "\(path) byte \(offset)")
        if path.hasPrefix("shards/") {
          let named = problems.contains {
            $0.position?.hasPrefix("row") == true || $0.reason.contains("plane") || $0.reason.contains("header")
              || $0.reason.contains("shard") || $0.reason.contains("bytes")
          }
          #expect(named, "\(path) byte \(offset): \(problems)")
        }
        try byte.withUnsafeBytes { try file.write($0, at: offset) }
      }
    }
    #expect(try Dataset.verify(folder("d")).isGood)
  }

  /// Whatever a shard's header says, opening it is an error or gives records that can be read; never a crash.
  @Test func readersSurviveMutatedShards() throws {
    let folder = try TemporaryFolder()
    try makeDataset(folder("d"), utterances: [SyntheticUtterance(0, group: 0, length: 30000)])
    let path = folder("d/shards/00000.safetensors")
    let good = try File.contents(of: path)
    let headerEnd = good[8...].firstIndex(of: UInt8(ascii: " "))!
    var random = SeededGenerator(5)
    let count = getenv("CPC_MUTATIONS").flatMap { Int(String(cString: $0)) } ?? 500
    var opened = 0
    for _ in 0..<count {
      var bytes = good
      for _ in 0...Int.random(in: 0..<4, using: &random) {
        let offset = Int.random(in: 0..<(Bool.random(using: &random) ? headerEnd : bytes.count), using: &random)
        // Digits and names of the header are changed into others, which is how it goes wrong in interesting ways.
        bytes[offset] =
          offset >= 8 && offset < headerEnd && Bool.random(using: &random)
          ? good[Int.random(in: 8..<headerEnd, using: &random)] : UInt8.random(in: 0...255, using: &random)
      }
      if Int.random(in: 0..<8, using: &random) == 0 {
        bytes.removeLast(Int.random(in: 0..<bytes.count, using: &random))
      }
      let file = try File.writing(path)
      try file.write(bytes)
      try file.close()
      let verification = try Dataset.verify(folder("d"))
      #expect(!verification.isGood || bytes == good)
      guard let dataset = try? Dataset(opening: folder("d")) else { continue }
      opened += 1
      for record in 0..<dataset.recordCount {
        _ = dataset.withSamples(record) { $0.reduce(0) { $0 &+ $1 } }
        _ = (dataset.valid(record), dataset.utterance(record), try? dataset.group(record))
      }
    }
    #expect(opened > 0)
    print("\(count) mutated shards, \(opened) of them opened, no crash")
  }

  @Test func refusesAMutatedIndex() throws {
    let folder = try TemporaryFolder()
    try makeDataset(folder("d"), utterances: edgeUtterances())
    let good = try File.contents(of: folder("d/index.safetensors"))
    var random = SeededGenerator(6)
    var refused = 0
    for _ in 0..<500 {
      var bytes = good
      bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      try writeAtomically(to: folder("d/index.safetensors")) { try $0.write(bytes) }
      guard let dataset = try? Dataset(opening: folder("d")) else {
        refused += 1
        continue
      }
      for u in 0..<dataset.utteranceCount { _ = dataset.records(ofUtterance: u) }
      for g in 0..<dataset.index.groupCount { _ = dataset.index.records(ofGroup: g) }
      for r in 0..<dataset.recordCount { _ = dataset.withSamples(r) { $0.first } }
    }
    #expect(refused > 100)
  }
}
