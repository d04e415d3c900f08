import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Label files in folders of speakers, as the Montreal Forced Aligner writes them, and labels that nothing comes of.
@Suite struct LabelTreeTests {
  private let folder: TemporaryFolder
  private let layout = ["--layout", "speaker-folders"]
  private static let ids = ["FAKS0/SA1", "FAKS0/SA2", "FCJF0/SA1", "FCJF0/sub/SA1"]
  private static let phones = ["AA", "AE", "AH", "AO"]
  private static let classes = [26, 36, 31, 9]

  init() throws {
    folder = try TemporaryFolder()
    for (i, id) in Self.ids.enumerated() {
      try Folder.create(Folder.parent(of: folder("c/\(id)")))
      try AudioFile.write(SpeechCorpus.speech(count: 20_480, seed: UInt64(i)), to: folder("c/\(id).wav"), format: .wav)
      try write("g/\(id).TextGrid", grid([(Self.phones[i], "0", "1.28")]))
    }
    // Folders in which the utterances' own names say all.
    #expect(try runTool("cpc-shard", [folder("c"), "--below", ".", "-o", folder("d")] + layout).status == 0)
  }

  private func write(_ path: String, _ text: String) throws {
    try Folder.create(Folder.parent(of: folder(path)))
    try File.writing(folder(path)).write(text)
  }

  private func grid(_ phones: [(String, String, String)]) -> String {
    let intervals = phones.map { "\($0.1) \($0.2) \"\($0.0)\"\n" }.joined()
    return
      "\"ooTextFile\" \"TextGrid\" 0 1.28 <exists> 1 \"IntervalTier\" \"phones\" 0 1.28 \(phones.count)\n\(intervals)"
  }

  private func good(_ tool: String, _ arguments: [String]) throws -> ToolResult {
    let result = try runTool(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.messages)")
    return result
  }

  private func requireOwn(_ dataset: String, _ plane: String = "phones") throws {
    let rows = try PhoneRows.classes(folder(dataset), plane)
    #expect(rows.map { Array(Set($0)) } == Self.classes.map { [$0] })
  }

  @Test func treesJoinByTheirPaths() throws {
    _ = try good("cpc-shard", [folder("c"), "--below", ".", "--phones", folder("g"), "-o", folder("e")] + layout)
    try requireOwn("e")
    _ = try good("cpc-shard", ["add", folder("d"), "mfa=\(folder("g"))"])
    try requireOwn("d", "mfa")
    // The folder may be named from further above, and the tree may be an archive.
    let members = try Self.ids.map {
      ArchiveFile.Member("out/g/\($0).TextGrid", try File.contents(of: folder("g/\($0).TextGrid")))
    }
    try ArchiveFile.write(members, to: folder("g.tar.gz"), compression: .gzip)
    for (i, labels) in [folder("g.tar.gz"), folder("wide")].enumerated() {
      if i == 1 {
        for id in Self.ids {
          try write(
            "wide/x/\(id).TextGrid", String(decoding: File.contents(of: folder("g/\(id).TextGrid")), as: UTF8.self))
        }
      }
      _ = try good("cpc-shard", ["add", folder("d"), "w\(i)=\(labels)"])
      try requireOwn("d", "w\(i)")
    }
  }

  @Test func treesAreWrittenBackTheSameWay() throws {
    _ = try good("cpc-shard", ["add", folder("d"), "mfa=\(folder("g"))"])
    for format in ["textgrid", "mfa-json"] {
      let out = folder("out-\(format)")
      _ = try good("cpc-align", ["convert", "\(folder("d")):mfa", "--to", format, "-o", out])
      for id in Self.ids {
        #expect(Folder.kind(of: "\(out)/\(id).\(format == "textgrid" ? "TextGrid" : "json")") == .file)
      }
      let back = try good("cpc-align", ["convert", out, "--to", "jsonl"]).text.split(separator: "\n")
      #expect(
        try back.map { try JSON(parsing: String($0))["id"]?.stringValue }.sorted { $0! < $1! } == Self.ids.sorted())
      let compared = try JSON(parsing: good("cpc-align", ["compare", out, "\(folder("d")):mfa", "--json"]).text)
      #expect(compared["utterances"]?.intValue == 4 && compared["cells"]?["agreement"]?.doubleValue == 1)
      // The names that are listed are those that are written.
      let lines = try good("cpc-align", ["convert", out, "--to", "ctm", "--lengths", folder("d")]).text
      #expect(Set(lines.split(separator: "\n").map { String($0.split(separator: " ")[0]) }) == Set(Self.ids))
    }
    for id in ["../x", "a//b", "a/.b", "/a", "a/", "."] {
      try write(
        "bad.jsonl",
        JSON.object(["id": .string(id), "phones": .array([.array([.string("S"), .int(0), .int(1)])])]).compact)
      let result = try runTool("cpc-align", ["convert", folder("bad.jsonl"), "--to", "textgrid", "-o", folder("bad")])
      #expect(result.status == 1 && result.messages.contains("no name of a file"), "\(id): \(result.messages)")
    }
  }

  /// The names alone would take one speaker's labels for the other's.
  @Test func oneFileNameUnderTwoSpeakersIsTwo() throws {
    for name in ["FAKS0", "FCJF0"] { try write("flat/\(name)/SA1.TextGrid", grid([("S", "0", "1.28")])) }
    try write("m.jsonl", #"{"id":"SA1","source":"c/FAKS0/SA1.wav","group":"g","samples":20480,"rate":16000}"# + "\n")
    let ambiguous = try runTool("cpc-shard", [folder("m.jsonl"), "--phones", folder("flat"), "-o", folder("a")])
    #expect(ambiguous.status == 1 && ambiguous.messages.contains("labelled twice"), "\(ambiguous.messages)")
    // Files of speakers that the dataset lacks label nobody else.
    try write("other/FXXX0/SA1.TextGrid", grid([("S", "0", "1.28")]))
    let other = try runTool("cpc-shard", ["add", folder("d"), "o=\(folder("other"))"])
    #expect(other.status == 1 && other.messages.contains("no utterance"), "\(other.messages)")
    try write("short/SA2.TextGrid", grid([("S", "0", "1.28")]))
    #expect(try runTool("cpc-shard", ["add", folder("d"), "o=\(folder("short"))"]).status == 1)
    #expect(try Dataset(opening: folder("d")).overlays.isEmpty)
  }

  @Test func overlapsAreCountedAndSaid() throws {
    for id in Self.ids {
      try write("r/\(id).TextGrid", grid([("S", "0", "0.50001"), ("T", "0.5", "1"), ("K", "1.004", "1.28")]))
    }
    let said = "4 overlaps and 4 gaps of less than 10 ms between phones: they went to the later phone"
    let added = try good("cpc-shard", ["add", folder("d"), "r=\(folder("r"))"])
    #expect(added.messages.contains(said), "\(added.messages)")
    let rows = try PhoneRows.classes(folder("d"), "r")
    let wanted = [Int](repeating: 2, count: 50) + .init(repeating: 4, count: 50) + .init(repeating: 6, count: 28)
    #expect(rows.allSatisfy { $0 == wanted })
    let card = String(decoding: try File.contents(of: folder("d/dataset.json")), as: UTF8.self)
    #expect(card.contains("\"overlaps\":4"))
    let made = try good(
      "cpc-shard", [folder("c"), "--below", ".", "--phones", folder("r"), "-o", folder("e")] + layout)
    #expect(made.messages.contains(said), "\(made.messages)")
    for arguments in [
      ["convert", folder("r"), "--to", "jsonl", "-o", folder("r.jsonl")], ["compare", folder("r"), "\(folder("d")):r"],
      ["convert", folder("r"), "--to", "textgrid", "-o", folder("again")],
    ] {
      let result = try good("cpc-align", arguments)
      #expect(result.messages.contains(said), "\(result.messages)")
    }
    // In a manifest too.
    let lines = try good("cpc-scan", [folder("c"), "--below", ".", "--root", folder.path] + layout).text.split(
      separator: "\n")
    let manifest = try lines.map { text in
      var line = try #require(try JSON(parsing: String(text)).objectValue)
      line["phones"] = try JSON(parsing: #"[["S",0,0.50001],["T",0.5,1],["K",1.004,1.28]]"#)
      return JSON.object(line).compact + "\n"
    }
    try write("m.jsonl", manifest.joined())
    let listed = try good("cpc-shard", [folder("m.jsonl"), "-o", folder("f")])
    #expect(listed.messages.contains(said), "\(listed.messages)")
    #expect(try PhoneRows.classes(folder("f"), "phones").allSatisfy { $0 == wanted })
    try write("m.jsonl", manifest[0].replacing("0.50001", with: "0.55"))
    let refused = try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("h")])
    #expect(refused.status == 1 && refused.messages.contains("overlap"), "\(refused.messages)")
  }

  /// Labels of which no cell takes one are no labels.
  @Test func whatLabelsNoCellIsRefused() throws {
    let empty = [
      ("a.TextGrid", grid([("S", "0", "0.004")])), ("b.jsonl", #"{"id":"FAKS0/SA1","phones":[]}"# + "\n"),
      ("c.jsonl", #"{"id":"FAKS0/SA1","phones":[["S",0.017,0.019]]}"# + "\n"),
      (
        "d.jsonl",
        "{\"id\":\"FAKS0/SA1\",\"cells\":[\([String](repeating: "null", count: 128).joined(separator: ","))]}\n"
      ),
      ("e.ctm", "FAKS0/SA1 1 0.5 0.0 S\n"),
    ]
    for (name, text) in empty {
      let path = name.hasSuffix("Grid") ? "x/FAKS0/SA1.TextGrid" : name
      try write(path, text)
      let labels = folder(name.hasSuffix("Grid") ? "x" : name)
      let added = try runTool("cpc-shard", ["add", folder("d"), "o=\(labels)"])
      #expect(added.status == 1 && added.messages.contains("labels no"), "\(name): \(added.messages)")
      #expect(try Dataset(opening: folder("d")).overlays.isEmpty)
      let made = try runTool(
        "cpc-shard", [folder("c"), "--below", ".", "--phones", labels, "-o", folder("e")] + layout)
      #expect(made.status == 1 && made.messages.contains("labels no"), "\(name): \(made.messages)")
      #expect(Folder.kind(of: folder("e")) == nil)
    }
    // Nothing joins.
    try write("n.jsonl", #"{"id":"nobody","phones":[["S",0,1]]}"# + "\n")
    let made = try runTool(
      "cpc-shard", [folder("c"), "--below", ".", "--phones", folder("n.jsonl"), "-o", folder("e")] + layout)
    #expect(
      made.status == 1 && made.messages.contains("labels no cell of the corpus") && made.messages.contains("nobody"))
    #expect(Folder.kind(of: folder("e/dataset.json")) == nil)
  }

  /// Two utterances that one label may be of, and no label that is of none.
  @Test func twoUtterancesOfOneLabelLeaveNoneOver() throws {
    try write("h/X/FAKS0/SA1.TextGrid", grid([("AA", "0", "1.28")]))
    let lines = ["FAKS0/SA1", "SA1"].map {
      #"{"id":"\#($0)","source":"c/FAKS0/SA1.wav","group":"g","samples":20480,"rate":16000}"# + "\n"
    }
    try write("m.jsonl", lines.joined())
    _ = try good("cpc-shard", [folder("m.jsonl"), "--phones", folder("h"), "-o", folder("e")])
    let card = try JSON(parsing: File.contents(of: folder("e/dataset.json")))
    #expect(card["phone_sets"]?.arrayValue?.first?["unknown_ids"]?.intValue == 0, "\(card)")
  }
}
