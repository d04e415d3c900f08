import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// `cpc-cat --webdataset`.
@Suite struct WebDatasetTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try makeCorpus(folder("corpus"))
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    let labels = corpus.utterances.dropFirst().map { utterance in
      let cells = (0..<(utterance.samples.count + 159) / 160).map { "\($0 % 300)" }
      return "{\"id\":\"\(utterance.id)\",\"cells\":[\(cells.joined(separator: ","))]}\n"
    }
    try File.writing(folder("l.jsonl")).write(labels.joined())
    try File.writing(folder("set.txt")).write((0..<300).map { "\($0)\n" }.joined())
    let add = ["add", folder("d"), "wide=\(folder("l.jsonl"))", "--phone-set", folder("set.txt")]
    #expect(try runTool("cpc-shard", add).status == 0)
    #expect(try runTool("cpc-shard", ["add", folder("d"), "total=key:samples"]).status == 0)
  }

  /// Members of a ustar archive.
  private func members(_ tar: [UInt8]) throws -> [(name: String, bytes: [UInt8])] {
    var result: [(String, [UInt8])] = []
    var offset = 0
    while tar[offset] != 0 {
      func field(_ start: Int, _ length: Int) -> String {
        String(decoding: tar[offset + start..<offset + start + length].prefix { $0 != 0 && $0 != 0x20 }, as: UTF8.self)
      }
      let size = try #require(Int(field(124, 12), radix: 8))
      #expect(field(257, 6) == "ustar" && field(156, 1) == "0" && Int(field(136, 12), radix: 8) == 0)
      result.append((field(0, 100), Array(tar[offset + 512..<offset + 512 + size])))
      offset += 512 + (size + 511) / 512 * 512
    }
    #expect(tar[offset...].allSatisfy { $0 == 0 } && tar.count % 10240 == 0)
    return result
  }

  /// The elements of a NumPy file of one dimension.
  private func elements(_ npy: [UInt8], _ type: String, size: Int) throws -> [Int] {
    let start = 10 + Int(npy[8]) + Int(npy[9]) << 8
    let header = String(decoding: npy[10..<start], as: UTF8.self)
    let count = (npy.count - start) / size
    #expect(npy[..<8] == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0] && start % 64 == 0 && header.hasSuffix("\n"))
    #expect(header.contains("'descr': '\(type)'") && header.contains("'shape': (\(count),)"))
    return (0..<count).map { i in (0..<size).reduce(0) { $0 | Int(npy[start + i * size + $1]) << (8 * $1) } }
  }

  @Test func holdsEveryRecordWithItsLabels() throws {
    let result = try runTool("cpc-cat", [folder("d"), "--webdataset"])
    #expect(result.status == 0)
    #expect(try runTool("cpc-cat", [folder("d"), "--webdataset"]).output == result.output)
    let members = try members(result.output)
    let dataset = try Dataset(opening: folder("d"))
    #expect(members.count == 3 * dataset.recordCount)
    for record in 0..<dataset.recordCount {
      let (shard, row) = dataset.locate(record)
      let utterance = corpus.utterances[dataset.utterance(record)]
      let key = "\(utterance.id)-\(shard.start(row) / 20480)"
      let parts = members[3 * record..<3 * record + 3]
      #expect(parts.map(\.name) == ["\(key).samples.npy", "\(key).wide.npy", "\(key).json"])
      let samples = try elements(parts[3 * record].bytes, "<i2", size: 2).map { Int16(truncatingIfNeeded: $0) }
      #expect(dataset.withSamples(record) { $0.elementsEqual(samples) })
      #expect(try elements(parts[3 * record + 1].bytes, "<u2", size: 2) == shard.plane("wide")!.integers(row))
      let json = try JSON(parsing: parts[3 * record + 2].bytes)
      let expected: JSONObject = [
        "record": .int(record), "id": .string(utterance.id), "group": .string(utterance.speaker),
        "session": .string(utterance.chapter), "start": .int(shard.start(row)), "valid": .int(shard.valid(row)),
        "text": .string(utterance.text), "total": .int(utterance.samples.count),
      ]
      #expect(json == .object(expected))
    }
    let some = try self.members(runTool("cpc-cat", [folder("d"), "--webdataset", "--record", "2-4"]).output)
    #expect(some.map(\.name) == members[6..<15].map(\.name))
  }

  @Test func streamsHaveWhatTheyCarry() throws {
    let stream = try runTool("cpc-shard", [corpus.folder, "-o", "-"]).output
    let result = try runTool("cpc-cat", ["-", "--webdataset"], input: stream)
    #expect(result.status == 0)
    let names = try members(result.output).map(\.name)
    #expect(
      names[..<3] == [
        "\(corpus.utterances[0].id)-0.samples.npy", "\(corpus.utterances[0].id)-0.phones.npy",
        "\(corpus.utterances[0].id)-0.json",
      ])
  }

  @Test func keysHaveNoDotsAndDiffer() throws {
    let ids = ["a.b", "a/b", "a%2Eb", String(repeating: "long", count: 60)]
    let manifest = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").prefix(ids.count).enumerated()
      .map {
        var object = try #require(try JSON(parsing: String($1)).objectValue)
        object["id"] = .string(ids[$0])
        return JSON.object(object).compact + "\n"
      }
    #expect(
      try runTool("cpc-shard", ["-o", folder("e"), "--root", "/"], input: Array(manifest.joined().utf8)).status == 0)
    try File.writing(folder("e.tar")).write(runTool("cpc-cat", [folder("e"), "--webdataset"]).output)
    // Long names need what a simple reader does not know.
    let names = try runProcess("/bin/tar", ["-tf", folder("e.tar")]).text.split(separator: "\n").map { String($0) }
    let keys = names.map { String($0.prefix { $0 != "." }) }
    #expect(Set(keys).count == (try Dataset(opening: folder("e")).recordCount))
    #expect(keys.contains("a%2Eb-0") && keys.contains("a%2Fb-0") && keys.contains("a%252Eb-0"))
    #expect(keys.contains(ids[3] + "-0"))
  }

  @Test(arguments: [["--utterances"], ["--utterance", "x"], ["-o", "f"], ["--samples"], ["--wav"]])
  func goesWithNothingElse(arguments: [String]) throws {
    #expect(try runTool("cpc-cat", [folder("d"), "--webdataset"] + arguments).status == 64)
  }
}
