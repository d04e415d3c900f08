import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Files and folders with the names of ``HostileNames``, in every tool. An utterance is known by its length.
@Suite struct HostileNameTests {
  private let folder: TemporaryFolder
  private let names = HostileNames.all

  init() throws {
    folder = try TemporaryFolder()
    try Folder.create(folder("audio"))
    try Folder.create(folder("files/s"))
    try Folder.create(folder("folders"))
    for (i, name) in names.enumerated() {
      let file = folder("audio/\(i).wav")
      try AudioFile.write(SpeechCorpus.speech(count: 500 + i, seed: UInt64(i)), to: file, format: .wav)
      try HostileNames.link(file, in: folder("files/s"), as: name + Array(".wav".utf8))
      try HostileNames.makeFolder(name, in: folder("folders"), holding: file, as: "a.wav")
    }
  }

  private var good: [Int] { names.indices.filter { HostileNames.isGood(names[$0]) } }

  private func lines(_ bytes: [UInt8]) throws -> [JSON] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
  }

  private let layout = ["--layout", "speaker-folders"]

  @Test func thereAreTwoHundred() {
    #expect(names.count == 200 && Set(names).count == 200)
    #expect(good.count > 150 && good.count < 190)
  }

  @Test(arguments: ["files", "folders"]) func eachIsItsOwnOrNamed(kind: String) throws {
    let scanned = try runTool("cpc-scan", [folder(kind), "-o", folder("m.jsonl"), "--verbose"] + layout)
    #expect(scanned.status == 1)
    let expected = Dictionary(
      uniqueKeysWithValues: good.map { i in
        let name = String(decoding: names[i], as: UTF8.self)
        return (Name(kind == "files" ? "s/\(name)" : "\(name)/a"), 500 + i)
      })
    func check(_ found: [JSON], _ key: String, _ what: String) {
      #expect(found.count == expected.count, "\(what)")
      for line in found {
        let id = Name(line["id"]?.stringValue ?? "")
        let count = line[key]?.intValue ?? line[key]?.arrayValue?.count
        #expect(count == expected[id], "\(what): \(id)")
      }
    }
    check(try lines(File.contents(of: folder("m.jsonl"))), "samples", "scan")
    // All others are named, and nothing of them reaches a terminal as it is.
    let refused = scanned.messages.split(separator: "\n").filter { $0.hasPrefix("skipped: ") }
    #expect(refused.count == names.count - expected.count, "\(scanned.messages)")
    #expect(
      refused.allSatisfy { $0.contains("the name is not UTF-8") || $0.contains("the name holds a control character") })
    #expect(!scanned.messages.utf8.contains { $0 < 0x20 && $0 != 0x0a || $0 == 0x7f })

    #expect(try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("d")]).status == 0)
    check(try lines(runTool("cpc-cat", [folder("d"), "--utterances", "--samples"]).output), "samples", "cat")
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(try Dataset(opening: folder("d")).groups.count == (kind == "files" ? 1 : expected.count))
    check(try lines(File.contents(of: folder("d/utterances.jsonl"))), "samples", "list")
    for id in expected.keys.sorted().prefix(40) {
      let one = try lines(runTool("cpc-cat", [folder("d"), "--utterance=\(id)", "--samples"]).output)
      #expect(one.count == 1 && one.first?["samples"]?.arrayValue?.count == expected[id], "\(id)")
    }

    // By list: every second one.
    let half = expected.keys.sorted().enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    try File.writing(folder("half.txt")).write(half.map { "\($0)\n" }.joined())
    let split = try runTool(
      "cpc-split", [folder("m.jsonl"), "--list", "half=\(folder("half.txt"))", "--rest", "other"])
    #expect(split.status == 0, "\(split.messages)")
    let parts = try lines(split.output)
    for line in parts {
      #expect(
        (line["split"]?.stringValue == "half") == half.contains(Name(line["id"]?.stringValue ?? "")), "\(line.compact)")
    }
    #expect(try runTool("cpc-split", [folder("d"), "--list", "half=\(folder("half.txt"))"]).status == 0)
    #expect(try Dataset(opening: folder("d")).split(named: "default").count { $0 != nil } == half.count)
    let subset = try runTool("cpc-shard", ["select", folder("d"), "--ids", folder("half.txt"), "-o", folder("half")])
    #expect(subset.status == 0, "\(subset.messages)")
    #expect(try Dataset(opening: folder("half")).utteranceIDs().map { Name($0) }.sorted() == half)
  }

  /// Labels, in the files of one utterance and in lines: each utterance has one phone, by its number.
  @Test func labelsJoin() throws {
    #expect(try runTool("cpc-scan", [folder("files"), "-o", folder("m.jsonl")] + layout).status == 1)
    let entries = try lines(File.contents(of: folder("m.jsonl")))
    let set = (0..<entries.count).map { "p\($0)\n" }
    try File.writing(folder("set")).write(set.joined())
    let labelled = entries.enumerated().map { i, entry in
      let end = JSON.real(Double(entry["samples"]?.intValue ?? 0) / 16_000)
      return JSON.object([
        "id": entry["id"] ?? .null, "phones": .array([.array([.string("p\(i)"), .int(0), end])]),
      ]).compact + "\n"
    }
    try File.writing(folder("l.jsonl")).write(labelled.joined())
    #expect(try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("d")]).status == 0)
    let grids = try runTool("cpc-align", ["convert", folder("l.jsonl"), "--to", "textgrid", "-o", folder("grids")])
    // Some names leave no room for an ending; all others have a file.
    let long = entries.count { ($0["id"]?.stringValue?.utf8.count ?? 0) > 238 }
    #expect(grids.status == (long > 0 ? 1 : 0), "\(grids.messages)")
    for (name, missing) in [("l.jsonl", 0), ("grids", long)] {
      let plane = name == "grids" ? "grids" : "lines"
      let added = try runTool(
        "cpc-shard", ["add", folder("d"), "\(plane)=\(folder(name))", "--phone-set", folder("set")])
      #expect(added.status == 0, "\(added.messages)")
      let classes = try PhoneRows.classes(folder("d"), plane).map { $0.first ?? -1 }
      #expect(classes.enumerated().count { $0.element != $0.offset } == missing, "\(name)")
    }
  }

  @Test func manifestsWithThemAreReadOrNamed() throws {
    let audio = folder("audio/0.wav")
    for key in ["id", "group", "session", "split", "source", "member"] {
      let manifest = names.compactMap { String(validating: $0, as: UTF8.self) }.enumerated().map { i, name in
        var line: JSONObject = [
          "id": .string("u\(i)"), "source": .string(audio), "group": .string("g"), "samples": .int(500),
          "rate": .int(16_000),
        ]
        if key == "member" { line["source"] = .string(folder("audio")) }
        // One is good, so that the corpus is not refused as a whole.
        if i > 0 { line[key] = .string(key == "source" || key == "member" ? "0.wav\0\(name)" : name) }
        if i == 0, key == "member" { line[key] = .string("0.wav") }
        return JSON.object(line).compact + "\n"
      }
      let result = try runTool(
        "cpc-shard", ["-", "-o", folder(key), "--root", "/", "--verbose"], input: Array(manifest.joined().utf8))
      #expect(result.status == 1)
      let skipped = result.messages.split(separator: "\n").count { $0.hasPrefix("skipped: ") }
      // What the system would cut off at a zero byte never names another file.
      let wanted = key == "source" || key == "member" ? manifest.count - 1 : manifest.count - good.count
      #expect(skipped == wanted, "\(key): \(result.messages)")
    }
  }
}
