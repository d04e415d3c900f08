import FileIO
import Safetensors
import Shards
import TestSupport
import Testing

@Suite struct RecordStreamTests {
  private func write(_ utterances: [SyntheticUtterance], to path: String) throws {
    let file = try File.writing(path)
    let writer = RecordStreamWriter(.audio, file, recordsPerPiece: 4)
    for (u, utterance) in utterances.enumerated() {
      try writer.append(utterance.records(index: u), id: utterance.id, group: "speaker \(utterance.group)")
    }
    try writer.finish()
    try file.close()
  }

  private func read(_ path: String) throws -> [StreamPiece] {
    let reader = RecordStreamReader(try File.reading(path))
    var pieces: [StreamPiece] = []
    while let piece = try reader.next() { pieces.append(piece) }
    #expect(try reader.next() == nil)
    return pieces
  }

  @Test func bringsEverySampleAndName() throws {
    let folder = try TemporaryFolder()
    let utterances = edgeUtterances()
    try write(utterances, to: folder("s"))
    var samples = utterances.map { _ in [Int16]() }
    for piece in try read(folder("s")) {
      for row in 0..<piece.records.count {
        let u = piece.records.utterance(row)
        piece.records.withSamples(row) { samples[u] += $0[..<piece.records.valid(row)] }
        #expect(piece.utterances[u] == utterances[u].id)
        #expect(piece.groups[piece.records.group(row)] == "speaker \(utterances[u].group)")
      }
    }
    #expect(samples == utterances.map(\.samples))
  }

  @Test func carriesNothingButTheEndIfThereIsNothing() throws {
    let folder = try TemporaryFolder()
    try write([], to: folder("s"))
    #expect(try read(folder("s")).isEmpty)
  }

  @Test func refusesAnyPlaceToStopButTheEnd() throws {
    let folder = try TemporaryFolder()
    try write(edgeUtterances(), to: folder("s"))
    let good = try File.contents(of: folder("s"))
    var random = SeededGenerator(7)
    var lengths = (0..<60).map { _ in Int.random(in: 0..<good.count, using: &random) }
    // The places between the pieces are where a reader might think that all is well.
    var offset = 0
    let reader = RecordStreamReader(try File.reading(folder("s")))
    while let piece = try reader.next() {
      lengths.append(offset)
      offset += piece.records.header.fileSize
    }
    lengths.append(offset)
    for length in lengths {
      try writeAtomically(to: folder("cut")) { try $0.write(Array(good[..<length])) }
      let failure = #expect(throws: Failure.self) { try read(folder("cut")) }
      #expect(failure?.kind == .corrupt)
    }
  }

  @Test func aHeaderMayNameMoreThanThereIs() throws {
    let folder = try TemporaryFolder()
    let file = try File.writing(folder("s"))
    let writer = RecordStreamWriter(.audio, file, recordsPerPiece: 1_000)
    let (count, last) = (500, 99_999)
    try writer.append(
      SyntheticUtterance(0, group: last, length: 20_480 * count).records(index: last), id: "the last", group: "group")
    try writer.finish()
    try file.close()
    var bytes = try File.contents(of: folder("s"))
    let header = try bytes.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: "s") }
    let names = (0...last).map { "[\($0),\"\($0 == last ? "the last" : "utterance \($0)")\"]" }.joined(separator: ",")
    let metadata = header.metadata.map { ($0.key, $0.key == "cpc.utterances" ? "[\(names)]" : $0.value) }
    let tensors = header.tensors.map { ($0.name, $0.type, $0.shape) }
    bytes.replaceSubrange(..<header.dataStart, with: SafetensorsHeader(tensors: tensors, metadata: metadata).encoded)
    try writeAtomically(to: folder("many")) { try $0.write(bytes) }
    let piece = try #require(try RecordStreamReader(try File.reading(folder("many"))).next())
    #expect(piece.records.count == count)
    #expect(piece.utterances[last] == "the last" && piece.utterances[50_000] == "utterance 50000")
    #expect(piece.utterances[last + 1] == nil && piece.groups[last] == "group")
  }

  @Test func refusesFlippedBits() throws {
    let folder = try TemporaryFolder()
    try write([SyntheticUtterance(0, group: 0, length: 30000)], to: folder("s"))
    let good = try File.contents(of: folder("s"))
    var random = SeededGenerator(8)
    for _ in 0..<300 {
      var bytes = good
      let offset = Int.random(in: 0..<bytes.count, using: &random)
      bytes[offset] ^= 1 << UInt8.random(in: 0..<8, using: &random)
      try writeAtomically(to: folder("bad")) { try $0.write(bytes) }
      #expect(throws: Failure.self, "byte \(offset)") { try read(folder("bad")) }
    }
  }
}
