import Corpora
import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Two names that look alike (`é` in one scalar and in two) are two names in every tool, list and map.
@Suite struct TwinNameTests {
  private static let e = (composed: "\u{e9}", decomposed: "e\u{301}")
  private let folder: TemporaryFolder
  /// In corpus order: of two speakers that look alike, and two recordings of one speaker that do.
  private let ids = [
    "caf\(e.decomposed)/x", "caf\(e.composed)/x", "s/\(e.decomposed)", "s/\(e.composed)",
  ]
  private let samples: [[Int16]]

  init() throws {
    folder = try TemporaryFolder()
    samples = (0..<4).map { SpeechCorpus.speech(count: 20_480 + 1000 * $0, seed: UInt64(50 + $0)) }
    for (i, id) in ids.enumerated() {
      try Folder.create(Folder.parent(of: folder("corpus/\(id)")))
      try AudioFile.write(samples[i], to: folder("corpus/\(id).flac"))
      try File.writing(folder("corpus/\(id).txt")).write("TEXT \(i)\n")
    }
  }

  private func good(_ tool: String, _ arguments: [String], input: [UInt8] = []) throws -> ToolResult {
    let result = try runTool(tool, arguments, input: input)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.messages)")
    return result
  }

  private func lines(_ text: [UInt8]) throws -> [JSON] {
    try text.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: $0) }
  }

  private let layout = ["--layout", "speaker-folders"]

  /// Every utterance of a dataset has its own samples and its own text.
  private func requireOwnAudio(_ dataset: String, prefix: String = "") throws {
    let found = try lines(good("cpc-cat", [dataset, "--utterances", "--samples"]).output)
    #expect(found.count == ids.count)
    for (i, line) in found.enumerated() {
      #expect(isSame(line["id"]?.stringValue, prefix + ids[i]))
      #expect(line["samples"]?.arrayValue?.compactMap(\.intValue) == samples[i].map { Int($0) }, "\(i)")
    }
    for (i, id) in ids.enumerated() {
      let one = try lines(good("cpc-cat", [dataset, "--utterance", prefix + id, "--samples"]).output)
      #expect(one.count == 1)
      #expect(one.first?["samples"]?.arrayValue?.count == samples[i].count)
    }
    let list = try lines(File.contents(of: "\(dataset)/utterances.jsonl"))
    #expect(list.compactMap { $0["text"]?.stringValue } == (0..<4).map { "TEXT \($0)" })
    #expect(try good("cpc-inspect", ["verify", dataset]).status == 0)
  }

  @Test func everyUtteranceKeepsItsAudio() throws {
    let manifest = folder("m.jsonl")
    let scanned = try good("cpc-scan", [folder("corpus"), "-o", manifest] + layout)
    #expect(scanned.messages.contains("4 utterances, 3 speakers"), "\(scanned.messages)")
    _ = try good("cpc-shard", [folder("corpus"), "-o", folder("d")] + layout)
    try requireOwnAudio(folder("d"))
    _ = try good("cpc-shard", [manifest, "-o", folder("dm")])
    try requireOwnAudio(folder("dm"))
    for part in 0..<2 {
      _ = try good("cpc-shard", [manifest, "--shard-records", "2", "--part", "\(part)/2", "-o", folder("p\(part)")])
    }
    let merge = ["--shard-records", "2", "-o", folder("dp"), "--parts", folder("p0"), folder("p1")]
    _ = try good("cpc-shard", ["merge", manifest] + merge)
    try requireOwnAudio(folder("dp"))
    let stream = try good("cpc-shard", [manifest, "-o", "-"]).output
    let cut = try lines(good("cpc-cat", ["-", "--utterance", ids[1], "--samples"], input: stream).output)
    #expect(cut.count == 1 && cut[0]["samples"]?.arrayValue?.count == samples[1].count)
    let members = try ids.flatMap { id in
      try ["flac", "txt"].map { ArchiveFile.Member("\(id).\($0)", try File.contents(of: folder("corpus/\(id).\($0)"))) }
    }
    // libarchive composes the names of members, so that these become one: which is said, and nothing is swapped.
    for (name, format) in [("tar", .pax), ("zip", .zip)] as [(String, ArchiveFile.Format)] {
      try ArchiveFile.write(members, to: folder("c.\(name)"), format: format)
      let result = try runTool("cpc-shard", [folder("c.\(name)"), "-o", folder(name)] + layout)
      #expect(result.status == 1 && result.messages.contains("duplicate utterance id"), "\(result.messages)")
      let found = try lines(good("cpc-cat", [folder(name), "--utterances", "--samples"]).output)
      #expect(found.map { $0["samples"]?.arrayValue?.count } == [samples[0].count, samples[2].count])
    }
  }

  @Test func groupsListsAndPartsAreTwo() throws {
    _ = try good("cpc-shard", [folder("corpus"), "-o", folder("d")] + layout)
    let dataset = try Dataset(opening: folder("d"))
    #expect(
      dataset.groups.map { Name($0) } == ["caf\(Self.e.decomposed)", "caf\(Self.e.composed)", "s"].map { Name($0) })
    #expect(try good("cpc-inspect", ["groups", folder("d"), "--json"]).text.utf8.count > 0)
    _ = try good("cpc-shard", ["select", folder("d"), "--group", "caf\(Self.e.composed)", "-o", folder("one")])
    #expect(try Dataset(opening: folder("one")).utteranceIDs().map { Name($0) } == [Name(ids[1])])
    try File.writing(folder("list")).write("\(ids[3])\n")
    _ = try good("cpc-shard", ["select", folder("d"), "--ids", folder("list"), "-o", folder("listed")])
    #expect(try Dataset(opening: folder("listed")).utteranceIDs().map { Name($0) } == [Name(ids[3])])

    // Two parts whose names are twins, of lists that name twins.
    let parts = [Self.e.composed, Self.e.decomposed]
    for (i, id) in ids.enumerated() { try File.writing(folder("list\(i)")).write("\(id).flac\n") }
    let split = [
      "--list", "\(parts[0])=\(folder("list2"))", "--list", "\(parts[1])=\(folder("list3"))", "--rest", "train",
    ]
    _ = try good("cpc-split", [folder("d")] + split)
    let found = try Dataset(opening: folder("d")).split(named: "default")
    #expect(found.map { $0.map { Name($0) } } == ["train", "train", parts[0], parts[1]].map { Name($0) })
    #expect(try good("cpc-inspect", ["splits", folder("d"), "--json"]).text.utf8.count > 0)
    _ = try good("cpc-shard", ["select", folder("d"), "--split", "default:\(parts[1])", "-o", folder("part")])
    #expect(try Dataset(opening: folder("part")).utteranceIDs().map { Name($0) } == [Name(ids[3])])
    _ = try good("cpc-scan", [folder("corpus"), "-o", folder("m.jsonl")] + layout)
    let line = try lines(good("cpc-split", [folder("m.jsonl")] + split).output)[2]
    #expect(isSame(line["split"]?.stringValue, parts[0]))
    let shares = ["--fraction", "\(parts[0])=0.5", "--fraction", "\(parts[1])=0.25"]
    let drawn = try good("cpc-split", [folder("m.jsonl"), "--by", "utterance"] + shares)
    #expect(drawn.messages.contains("\(parts[0]): 2 utterances, \(parts[1]): 1 utterance"), "\(drawn.messages)")
    // A draw by group keeps each of the twins together on its own.
    let byGroup = try good("cpc-split", [folder("m.jsonl"), "--by", "group", "--fraction", "valid=0.3"])
    #expect(try Set(lines(byGroup.output).compactMap { $0["split"]?.stringValue }).count == 2)

    let small = ["--channels", "8", "--context", "8", "--batch", "1", "--updates", "1"]
    let trained = try good("cpc-train", [folder("d"), "-o", folder("run"), "--valid-split", parts[0]] + small)
    #expect(trained.messages.contains("2 windows to train on, 1 held out (part \(parts[0])"), "\(trained.messages)")
  }

  @Test func keysAndPlanesAreTwo() throws {
    let keys = ["k\(Self.e.composed)", "k\(Self.e.decomposed)"]
    let manifest = try lines(good("cpc-scan", [folder("corpus"), "--root", folder.path] + layout).output).map { line in
      var object = try #require(line.objectValue)
      object[keys[0]] = .int(1)
      object[keys[1]] = .int(2)
      return JSON.object(object).compact + "\n"
    }
    try File.writing(folder("m.jsonl")).write(manifest.joined())
    _ = try good("cpc-shard", [folder("m.jsonl"), "-o", folder("d")])
    for (i, key) in keys.enumerated() {
      _ = try good("cpc-shard", ["add", folder("d"), "p\(i)=key:\(key)"])
      #expect(try lines(good("cpc-cat", [folder("d")]).output).allSatisfy { $0["p\(i)"]?.intValue == i + 1 })
    }
    let split = try good("cpc-split", [folder("m.jsonl"), "--by", "utterance", "--fraction", "valid=0.5"]).output
    for line in try lines(split) { #expect(keys.map { line[$0]?.intValue } == [1, 2]) }
  }

  /// `AA` for the first, `AE` for the second …
  private static let phones = ["AA", "AE", "AH", "AO"]

  private func requireOwnLabels(_ dataset: String, _ plane: String = "phones") throws {
    let labels = try PhoneRows.classes(dataset, plane)
    let set = ["AA": 26, "AE": 36, "AH": 31, "AO": 9]
    for (i, phone) in Self.phones.enumerated() { #expect(labels[i].first == set[phone], "\(i)") }
  }

  @Test func labelsAreOfTheirUtterance() throws {
    let ends = samples.map { "\(Double($0.count) / 16_000)" }
    let jsonl = zip(ids, zip(Self.phones, ends)).map { id, label in
      JSON.object(["id": .string(id), "phones": .array([.array([.string(label.0), .int(0), .number(label.1)])])])
        .compact
    }
    try File.writing(folder("l.jsonl")).write(jsonl.reversed().joined(separator: "\n"))
    let ctm = zip(ids, zip(Self.phones, ends)).map { "\($0) 1 0 \($1.1) \($1.0)" }
    try File.writing(folder("l.ctm")).write(ctm.joined(separator: "\n"))
    _ = try good("cpc-shard", [folder("corpus"), "-o", folder("plain")] + layout)
    _ = try good("cpc-align", ["convert", folder("l.jsonl"), "--to", "textgrid", "-o", folder("grids")])
    for (i, labels) in ["l.jsonl", "l.ctm", "grids"].enumerated() {
      _ = try good("cpc-shard", [folder("corpus"), "--phones", folder(labels), "-o", folder("d\(i)")] + layout)
      try requireOwnLabels(folder("d\(i)"))
      _ = try good("cpc-shard", ["add", folder("plain"), "a\(i)=\(folder(labels))"])
      try requireOwnLabels(folder("plain"), "a\(i)")
      let compared = try good("cpc-align", ["compare", folder(labels), folder("l.jsonl"), "--json"])
      let report = try JSON(parsing: compared.text)
      #expect(report["utterances"]?.intValue == 4 && report["cells"]?["agreement"]?.doubleValue == 1)
    }
    let back = try lines(good("cpc-align", ["convert", folder("grids"), "--to", "jsonl"]).output)
    #expect(back.map { Name($0["id"]?.stringValue ?? "") } == ids.map { Name($0) })
    // Labels whose names are twins are two too.
    try File.writing(folder("set")).write("\(Self.e.composed)\n\(Self.e.decomposed)\nK\n\u{212a}\n")
    let cells = (0..<4).map { i in
      "{\"id\":\"\(ids[i])\",\"phones\":[[\"\([Self.e.composed, Self.e.decomposed, "K", "\u{212a}"][i])\",0,\(ends[i])]]}\n"
    }
    try File.writing(folder("units.jsonl")).write(cells.joined())
    let add = ["units=\(folder("units.jsonl"))", "--phone-set", folder("set")]
    _ = try good("cpc-shard", ["add", folder("plain")] + add)
    #expect(try PhoneRows.classes(folder("plain"), "units").map { $0.first } == [0, 1, 2, 3])
    try File.writing(folder("map")).write("\(Self.e.composed) AA\n\(Self.e.decomposed) AE\n\u{212a} AO\nK AH\n")
    let mapped = ["mapped=\(folder("units.jsonl"))", "--phone-map", folder("map")]
    _ = try good("cpc-shard", ["add", folder("plain")] + mapped)
    try requireOwnLabels(folder("plain"), "mapped")
  }

  @Test func kaldiAndPrefixesKeepThemApart() throws {
    try Folder.create(folder("kaldi"))
    let names = ["u\(Self.e.composed)", "u\(Self.e.decomposed)"]
    func table(_ name: String, _ value: (Int) -> String) throws {
      try File.writing(folder("kaldi/\(name)")).write(names.indices.map { "\(names[$0]) \(value($0))\n" }.joined())
    }
    try table("wav.scp") { folder("corpus/\(ids[$0]).flac") }
    try table("utt2spk") { "s\(names[$0])" }
    try table("text") { "TEXT \($0)" }
    _ = try good("cpc-shard", [folder("kaldi"), "--layout", "kaldi", "-o", folder("k")])
    let found = try lines(good("cpc-cat", [folder("k"), "--utterances", "--samples"]).output)
    #expect(found.map { $0["samples"]?.arrayValue?.count } == [samples[0].count, samples[1].count])
    #expect(try Dataset(opening: folder("k")).groups.count == 2)

    // Two inputs whose names are twins.
    for (i, name) in names.enumerated() {
      try Folder.create(folder("\(name)/s"))
      try AudioFile.write(samples[i], to: folder("\(name)/s/a.flac"))
    }
    let inputs = names.map { folder($0) }
    _ = try good("cpc-shard", inputs + ["--prefix-groups", "-o", folder("both")] + layout)
    #expect(try Dataset(opening: folder("both")).utteranceIDs().map { Name($0) } == names.map { Name("\($0)/s/a") })
  }

  @Test func webDatasetHasAll() throws {
    _ = try good("cpc-shard", [folder("corpus"), "-o", folder("d")] + layout)
    let tar = try good("cpc-cat", [folder("d"), "--webdataset"]).output
    try File.writing(folder("w.tar")).write(tar)
    let list = try runProcess("/usr/bin/tar", ["-tf", folder("w.tar"), "--quoting-style=literal"]).text
    #expect(Set(list.split(separator: "\n").filter { $0.hasSuffix(".json") }.map { Name($0) }).count == 7, "\(list)")
  }
}

/// The classes of a plane, by utterance.
enum PhoneRows {
  static func classes(_ dataset: String, _ plane: String) throws -> [[Int]] {
    let dataset = try Dataset(opening: dataset)
    return (0..<dataset.utteranceCount).map { utterance in
      dataset.records(ofUtterance: utterance).flatMap { record -> [Int] in
        let (shard, row) = dataset.locate(record)
        return shard.plane(plane)!.integers(row)
      }
    }
  }
}
