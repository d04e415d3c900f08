import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Input that nobody would write by mistake alone.
@Suite struct HostileInputTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus
  private let manifest: [JSONObject]

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 3)
    manifest = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").map {
      try #require(try JSON(parsing: String($0)).objectValue)
    }
  }

  /// Shards the manifest with one member of each line changed.
  private func shard(_ output: String, _ change: (Int, inout JSONObject) -> Void) throws -> ToolResult {
    let lines = manifest.enumerated().map { i, line in
      var line = line
      change(i, &line)
      return JSON.object(line).compact + "\n"
    }
    return try runTool("cpc-shard", ["-", "-o", output], input: Array(lines.joined().utf8))
  }

  @Test func aManifestMadeFromAnUtteranceListIsReadable() throws {
    #expect(
      try shard(folder("d")) { i, line in for key in ["shard", "row", "rows"] { line[key] = .int(7 + i) } }.status == 0)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(try runTool("cpc-cat", [folder("d"), "--utterances"]).status == 0)
  }

  @Test func absurdLengthsAreNamedAndTheRestGoesOn() throws {
    for samples in ["1000000000000000000", "4611686018427387904", "9223372036854775807", "1e30"] {
      let lines = manifest.enumerated().map { i, line in
        var line = line
        if i < 2 { line["samples"] = .number(samples) }
        return JSON.object(line).compact + "\n"
      }
      try File.writing(folder("m.jsonl")).write(lines.joined())
      let result = try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("d\(samples)"), "--root", "/"])
      #expect(result.status == 1)
      #expect(result.messages.contains("line 1") && result.messages.contains("line 2"), "\(result.messages)")
      #expect(try Dataset(opening: folder("d\(samples)")).recordCount > 0)
    }
  }

  @Test func piecesOfAFileAreUtterances() throws {
    let cut = manifest.flatMap { line in
      [(0, 5000), (5000, 9000)].map { offset, length in
        var piece = line
        piece["id"] = .string("\(line["id"]!.stringValue!)-\(offset)")
        piece["offset"] = .int(offset)
        piece["length"] = .int(length)
        return JSON.object(piece).compact + "\n"
      }
    }
    #expect(try runTool("cpc-shard", ["-", "-o", folder("d")], input: Array(cut.joined().utf8)).status == 0)
    let raw = try runTool("cpc-cat", [folder("d"), "--utterances", "--samples"]).text.split(separator: "\n")
    for (i, line) in raw.enumerated() {
      let samples = try JSON(parsing: String(line))["samples"]?.arrayValue?.compactMap(\.intValue)
      let expected = corpus.utterances[i / 2].samples[i % 2 == 0 ? 0..<5000 : 5000..<14000].map { Int($0) }
      #expect(samples == expected)
    }
    #expect(raw.count == 2 * manifest.count)
  }

  @Test func namesStayInsideTheFolderAndApart() throws {
    let ids = ["../\u{338}evil", "a/b", "..", "x y"]
    let result = try shard(folder("d")) { i, line in if i < ids.count { line["id"] = .string(ids[i]) } }
    #expect(result.status == 0)
    #expect(try runTool("cpc-cat", [folder("d"), "--utterances", "--wav", "-o", folder("out/wavs")]).status == 0)
    #expect(try Folder.names(in: folder("out")) == ["wavs"])
    #expect(try Folder.names(in: folder("out/wavs")).count == manifest.count)
    #expect(try shard(folder("e")) { i, line in line["id"] = .string(i < 2 ? ["a/b", "a_b"][i] : "\(i)") }.status == 0)
    #expect(try runTool("cpc-cat", [folder("e"), "--utterances", "--wav", "-o", folder("pair")]).status == 0)
    #expect(try Folder.names(in: folder("pair")).contains("a%2Fb.wav"))
    #expect(try Folder.names(in: folder("pair")).count == manifest.count)
  }

  /// A terminal must not obey the names of files.
  @Test func messagesHoldNoControlCharacters() throws {
    let good = try #require(corpus.files().first { $0.path.hasSuffix(".flac") })
    let bad = ArchiveFile.Member("x/84/84100/84-84100-\u{1b}[31m\n\u{7f}\u{9b}2J.flac", Array("no audio".utf8))
    try ArchiveFile.write([good, bad], to: folder("a.tar"), format: .pax)
    let result = try runTool("cpc-scan", [folder("a.tar")])
    #expect(result.status == 1)
    let lines = result.messages.split(separator: "\n").filter { $0.hasPrefix("skipped: ") }
    #expect(lines.count == 1 && lines[0].contains(#"\x1B[31m\x0A\x7F\x9B2J.flac"#), "\(lines)")
    let scalars = result.messages.unicodeScalars
    #expect(!scalars.contains { $0 != "\n" && $0.value < 0x20 || 0x7f..<0xa0 ~= $0.value })
  }

  @Test func namesThatLookAlikeAreDifferent() throws {
    let result = try shard(folder("d")) { i, line in
      line["id"] = .string(["é", "e\u{301}", "x", "y", "z", "w"][i])
      line["group"] = .string(["ü", "u\u{308}"][i % 2])
      line["split"] = .string("train")
    }
    #expect(result.status == 0)
    #expect(try Dataset(opening: folder("d")).groups.count == 2)
    #expect(try runTool("cpc-inspect", ["splits", folder("d")]).status == 0)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
  }

  @Test func forceKeepsTheOldDatasetIfThereIsNothingToPutInItsPlace() throws {
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    let before = try tree(folder("d"))
    try Folder.create(folder("empty"))
    for input in [folder("empty"), folder("d"), folder("missing")] {
      #expect(try runTool("cpc-shard", [input, "-o", folder("d"), "--force"]).status != 0)
      #expect(try tree(folder("d")) == before)
    }
  }

  @Test func aNamedPipeIsReadOnce() throws {
    try ArchiveFile.write(corpus.files(), to: folder("c.tar"), format: .ustar, compression: .none)
    let tool = try toolPath("cpc-shard")
    let command = """
      cd "\(folder.path)"; mkfifo pipe; cat c.tar > pipe & timeout 20 "\(tool)" pipe -o d
      """
    #expect(try runProcess("/bin/bash", ["-c", command]).status == 0)
    #expect(try Dataset(opening: folder("d")).utteranceCount == corpus.utterances.count)
  }

  @Test func splitsAddedAtTheSameTimeAreAllThere() throws {
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    let tool = try toolPath("cpc-split")
    let names = ["a", "b", "c", "d", "e", "f"]
    let command = names.map {
      "\"\(tool)\" \"\(folder("d"))\" --name \($0) --by utterance --fraction valid=0.5 -q &"
    }.joined(separator: " ")
    #expect(try runProcess("/bin/bash", ["-c", command + " wait"]).messages == "")
    #expect(try Dataset(opening: folder("d")).splitNames.sorted() == names)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
  }

  @Test func theCardNamesNoFolders() throws {
    var members = try corpus.files()
    let first = try #require(members.first { $0.path.hasSuffix(".flac") })
    members.append(ArchiveFile.Member("again/" + first.path, first.bytes))
    try ArchiveFile.write(members, to: folder("c.tar"), format: .ustar, compression: .none)
    #expect(try runTool("cpc-shard", [folder("c.tar"), "-o", folder("d")]).status == 1)
    let result = try shard(folder("e")) { i, line in
      if i == 0 { line["source"] = .string("/nowhere/x.tar") }
      if i == 1 { line["samples"] = .int(5) }
    }
    #expect(result.status == 1)
    for dataset in ["d", "e"] {
      let card = String(decoding: try File.contents(of: folder("\(dataset)/dataset.json")), as: UTF8.self)
      #expect(!card.contains(folder.path) && !card.contains("/nowhere"), "\(card)")
    }
  }

  @Test func absurdNumbersInACardAreNoCrash() throws {
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
    let good = try Card.read(folder: folder("d"))
    for key in ["samples", "records", "utterances"] {
      for value in [Int.max, Int.min, 1 << 62] {
        var card = good
        var counts = try #require(card.facts["counts"]?.objectValue)
        counts[key] = .int(value)
        card.facts["counts"] = .object(counts)
        card.facts["groups"] = .array(
          good.groups.map { .object(["name": .string($0), "samples": .int(value), "records": .int(value)]) })
        card.facts["phone_sets"] = .array([.object(["labelled_cells": .int(value), "unlabelled_cells": .int(value)])])
        try card.write(folder: folder("d"))
        for command in [[folder("d")], ["groups", folder("d")], ["splits", folder("d")], ["verify", folder("d")]] {
          #expect(try runTool("cpc-inspect", command).status < 2)
        }
      }
    }
    var card = good
    for i in card.files.indices { card.files[i].bytes = 1 << 62 }
    try card.write(folder: folder("d"))
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 1)
  }

  @Test func whatFollowsAStreamIsNamed() throws {
    let stream = try runTool("cpc-shard", [corpus.folder, "-o", "-"]).output
    #expect(try runTool("cpc-cat", ["-"], input: stream).status == 0)
    #expect(try runTool("cpc-cat", ["-"], input: stream + stream).status == 1)
    #expect(try runTool("cpc-cat", ["-"], input: stream + [0]).status == 1)
  }

  @Test func closedStreamsRuinNoFile() throws {
    try File.writing("\(corpus.folder)/\(corpus.utterances[0].path)").write("not audio")
    let tool = try toolPath("cpc-scan")
    _ = try runProcess("/bin/bash", ["-c", "\"\(tool)\" \"\(corpus.folder)\" -o \"\(folder("m.jsonl"))\" 2>&-"])
    let lines = String(decoding: try File.contents(of: folder("m.jsonl")), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == corpus.utterances.count - 1 && lines.allSatisfy { $0.hasPrefix("{\"id\"") })
  }
}
