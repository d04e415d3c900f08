import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Alignments in the formats of other tools, through the tools.
@Suite struct PhoneLabelTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), utterancesPerChapter: 3, lengths: [20_480, 30_000, 47_123, 401])
  }

  private func write(_ name: String, _ text: String) throws -> String {
    try Folder.create(Folder.parent(of: folder(name)))
    try writeAtomically(to: folder(name)) { try $0.write(text) }
    return folder(name)
  }

  /// Kaldi's number of frames.
  private func frames(_ samples: Int) -> Int { (samples - 400) / 160 + 1 }

  /// A class for each frame, another one every seven frames.
  private func label(_ utterance: Int, _ frame: Int) -> Int { (utterance * 5 + frame / 7) % 41 }

  private func line(_ utterance: Int, frames: Int) -> String {
    ([corpus.utterances[utterance].id] + (0..<frames).map { "\(label(utterance, $0))" }).joined(separator: " ") + "\n"
  }

  /// The authors' labels, without utterance 1, last one first.
  private func labels(_ name: String = "phones.txt") throws -> String {
    try write(
      name,
      corpus.utterances.indices.reversed().filter { $0 != 1 }
        .map { line($0, frames: frames(corpus.utterances[$0].samples.count)) }.joined())
  }

  /// The phone plane of each utterance.
  private func planes(_ dataset: String, _ name: String = "phones") throws -> [[Int]] {
    let dataset = try Dataset(opening: dataset)
    return (0..<dataset.utteranceCount).map { utterance in
      dataset.records(ofUtterance: utterance).flatMap { record -> [Int] in
        let (shard, row) = dataset.locate(record)
        return shard.plane(name)!.integers(row)
      }
    }
  }

  private func expected(_ utterance: Int, asPublished: Bool = false) -> [Int] {
    let samples = corpus.utterances[utterance].samples.count
    let count = utterance == 1 ? 0 : frames(samples)
    return (0..<(samples + 20479) / 20480 * 128).map { t in
      let i = asPublished ? t : max(0, t - 1)
      return t < (samples + 159) / 160 && i < count ? label(utterance, i) : 255
    }
  }

  @Test func labelsGoIntoTheRecordsByTime() throws {
    let result = try runTool("cpc-shard", [corpus.folder, "--phones", labels(), "-o", folder("d"), "--json"])
    #expect(result.status == 0, "\(result.messages)")
    #expect(try planes(folder("d")) == corpus.utterances.indices.map { expected($0) })
    #expect(result.messages.contains("1 of 6 utterances without labels"))
    #expect(try JSON(parsing: result.output)["unlabelled"] == .int(1))
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)

    #expect(
      try runTool(
        "cpc-shard", [corpus.folder, "--phones", labels(), "--label-grid", "as-published", "-o", folder("p")]
      ).status == 0)
    #expect(try planes(folder("p")) == corpus.utterances.indices.map { expected($0, asPublished: true) })
  }

  @Test func everyWayInGivesTheSameRecords() throws {
    let text = try labels()
    #expect(try runTool("cpc-shard", [corpus.folder, "--phones", text, "-o", folder("d")]).status == 0)
    let wanted = try File.contents(of: folder("d/shards/00000.safetensors"))
    try ArchiveFile.write(
      [.init("__MACOSX/._phones.txt", [0]), .init("phones.txt", try File.contents(of: text))], to: folder("p.zip"),
      format: .zip)
    for (format, output) in [
      ("textgrid", "tg"), ("mfa-json", "mfa"), ("ctm", "x.ctm"), ("jsonl", "x.jsonl"), ("kaldi", "kaldi.txt"),
      ("cpc", "cpc.txt"),
    ] {
      let result = try runTool(
        "cpc-align",
        ["convert", text, "--to", format, "-o", folder(output)])
      #expect(result.status == 0, "\(format): \(result.messages)")
    }
    for input in ["p.zip", "tg", "mfa", "x.ctm", "x.jsonl", "kaldi.txt", "cpc.txt"] {
      let result = try runTool(
        "cpc-shard", [corpus.folder, "--phones", folder(input), "-o", folder("again"), "--force"])
      #expect(result.status == 0, "\(input): \(result.messages)")
      #expect(try File.contents(of: folder("again/shards/00000.safetensors")) == wanted, "\(input)")
    }
    // The authors' labels again, frame by frame.
    #expect(try File.contents(of: folder("cpc.txt")) == File.contents(of: text))
    // Out of the records again, in their order.
    let out = try runTool("cpc-align", ["convert", folder("d"), "--to", "cpc"])
    #expect(out.status == 0, "\(out.messages)")
    let lines = out.text.split(separator: "\n").map { $0.split(separator: " ") }
    #expect(
      lines.map { String($0[0]) } == corpus.utterances.indices.filter { $0 != 1 }.map { corpus.utterances[$0].id })
    for (line, utterance) in zip(lines, [0, 2, 3, 4, 5]) {
      let count = frames(corpus.utterances[utterance].samples.count)
      #expect(line.dropFirst().map { Int($0) } == (0..<count).map { label(utterance, $0) })
    }
    // Added to a dataset that is there, the same labels are the same plane.
    let added = try runTool("cpc-shard", ["add", folder("d"), "other=\(folder("p.zip"))"])
    #expect(added.status == 0, "\(added.messages)")
    #expect(try planes(folder("d"), "other") == planes(folder("d")))
    let compared = try runTool("cpc-align", ["compare", folder("d"), "\(folder("d")):other", "--json"])
    #expect(try JSON(parsing: compared.output)["cells"]?["agreement"]?.doubleValue == 1)
  }

  /// The corpus as a manifest with a phone for the whole of each utterance, each line changed.
  private func manifest(_ name: String, _ change: (Int, inout JSONObject) throws -> Void = { _, _ in }) throws -> String
  {
    let lines = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      let end = Double(corpus.utterances[i].samples.count) / 16000
      object["phones"] = .array([.array([.string("S"), .int(0), .real(end)])])
      try change(i, &object)
      return JSON.object(object).compact + "\n"
    }
    return try write(name, lines.joined())
  }

  @Test func aStoreOfLabelsReplacesThoseOfTheManifest() throws {
    let store = try write(
      "store.txt", line(0, frames: frames(20_480)) + line(2, frames: 3) + line(4, frames: frames(20_480)))
    let arguments = [try manifest("m.jsonl"), "--root", "/", "--phones", store, "--label-format", "cpc"]
    let result = try runTool("cpc-shard", arguments + ["-o", folder("d")])
    #expect(result.messages.contains("4 of 6 utterances without labels"), "\(result.messages)")
    let found = try planes(folder("d"))
    #expect(found[0] == expected(0) && found[4] == expected(4))
    for i in [1, 2, 3, 5] { #expect(found[i].allSatisfy { $0 == 255 }, "\(i)") }
  }

  @Test func badPhonesOfAManifestAreNamedAndTheAudioKept() throws {
    let bad: [Int: (String, String)] = [
      0: (#"[["S",0,2.5]]"#, "the labels end at 2.5 s"), 2: (#"[["S",0,1],["T",0.5,1.5]]"#, "overlap"),
      4: (#"[["QQ",0,1]]"#, "phone QQ at 0.0 s: not in the phone set"),
    ]
    let path = try manifest("m.jsonl") { i, object in
      if let (phones, _) = bad[i] { object["phones"] = try JSON(parsing: phones) }
    }
    let result = try runTool("cpc-shard", [path, "--root", "/", "-o", folder("d"), "--json"])
    #expect(result.status == 1)
    for (i, (_, reason)) in bad {
      let line = result.messages.split(separator: "\n").first { $0.contains(corpus.utterances[i].id) }
      #expect(line?.contains("\(path): line \(i + 1)") == true, "\(result.messages)")
      #expect(line?.contains(reason) == true, "\(result.messages)")
    }
    #expect(try JSON(parsing: result.output)["skipped"] == .int(3))
    let found = try planes(folder("d"))
    for i in corpus.utterances.indices where corpus.utterances[i].samples.count > 400 {
      #expect(!found[i].isEmpty && found[i].contains { $0 != 255 } == (bad[i] == nil), "\(i)")
    }
    #expect(try JSON(parsing: File.contents(of: folder("d/dataset.json")))["counts"]?["failed_utterances"] == .int(0))
    #expect(try runTool("cpc-shard", [path, "--root", "/", "-o", folder("s"), "--strict"]).status == 1)
  }

  @Test func whatHasNoLabelInItIsWithoutLabels() throws {
    let empty =
      "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n0\n1.28\n<exists>\n1\n\"IntervalTier\" \"phones\" 0 1.28 0\n"
    for i in 0..<2 {
      let whole = empty.replacing("1.28 0\n", with: "1.28 1\n0 1.28 \"S\"\n")
      _ = try write("tg/\(corpus.utterances[3 * i].id).TextGrid", i == 0 ? empty : whole)
    }
    let result = try runTool("cpc-shard", [corpus.folder, "--phones", folder("tg"), "-o", folder("d")])
    #expect(result.messages.contains(": the labels end at 1.28 s"), "\(result.messages)")
    #expect(result.messages.contains("it labels no cell"), "\(result.messages)")
  }

  @Test func aByteOrderMarkBeforeAManifestIsPassedOver() throws {
    let path = try manifest("m.jsonl")
    let marked = try write("b.jsonl", "\u{feff}" + String(decoding: File.contents(of: path), as: UTF8.self))
    for (input, output) in [(path, "d"), (marked, "b")] {
      let result = try runTool("cpc-shard", [input, "--root", "/", "-o", folder(output)])
      #expect(result.status == 0, "\(result.messages)")
    }
    #expect(try planes(folder("b")) == planes(folder("d")))
  }

  @Test func aDatasetWithoutTailsIsConverted() throws {
    #expect(
      try runTool("cpc-shard", [manifest("m.jsonl"), "--root", "/", "--tail", "drop", "-o", folder("d")]).status == 0)
    for arguments in [["--to", "jsonl"], ["--to", "textgrid", "-o", folder("t")], ["--to", "cpc", "--fill", "SIL"]] {
      let result = try runTool("cpc-align", ["convert", folder("d")] + arguments)
      #expect(result.status == 0, "\(arguments): \(result.messages)")
      #expect(result.messages.contains("5 utterances converted from a plane to "), "\(result.messages)")
    }
    // 30,000 samples are one record of 1.28 s.
    let text = try String(
      decoding: File.contents(of: folder("t/\(corpus.utterances[1].id).TextGrid")), as: UTF8.self)
    #expect(text.contains("xmax = 1.875\n") && text.contains("xmax = 1.28\n"), "\(text)")
  }

  @Test func aTrackOfAnotherLengthIsNamedAndItsAudioKept() throws {
    var text = line(0, frames: 127) + line(2, frames: frames(47_123)) + line(3, frames: 1)
    text += "\(corpus.utterances[4].id) 0 x 0\nelsewhere 0 0 0\n"
    let path = try write("bad.txt", text)
    let result = try runTool(
      "cpc-shard", [corpus.folder, "--phones", path, "--label-format", "cpc", "-o", folder("d")])
    #expect(result.status == 1)
    let id = corpus.utterances[0].id
    #expect(
      result.messages.contains(
        "\(id): \(path): line 1: 127 labels, the utterance of 20480 samples has 126 on the grid snip-edges"))
    #expect(result.messages.contains("line 4: \(corpus.utterances[4].id): x is no class"))
    #expect(result.messages.contains("it labels 1 utterance that the corpus lacks"))
    #expect(result.messages.contains("4 of 6 utterances without labels"))
    let found = try planes(folder("d"))
    #expect(found[0].allSatisfy { $0 == 255 } && found[4].allSatisfy { $0 == 255 })
    #expect(found[2] == expected(2) && found[3] == expected(3))
    let card = try JSON(parsing: File.contents(of: folder("d/dataset.json")))
    #expect(card["skipped"]?.arrayValue?.count == 2)
    #expect(card["counts"]?["failed_utterances"] == .int(0))
    let strict = try runTool(
      "cpc-shard", [corpus.folder, "--phones", path, "--label-format", "cpc", "-o", folder("s"), "--strict"])
    #expect(strict.status == 1 && Folder.kind(of: folder("s")) == nil)
  }

  @Test func anInterruptedRunGoesOnWithTheSameLabelsOnly() throws {
    let path = try labels()
    let arguments = [corpus.folder, "--phones", path, "--shard-records", "2", "-o", folder("d")]
    #expect(try runTool("cpc-shard", arguments.dropLast() + [folder("whole/d")]).status == 0)
    let last = "\(corpus.folder)/\(corpus.utterances.last!.path)"
    let audio = try File.contents(of: last)
    try File.writing(last).write(Array(audio.dropLast(2000)))
    #expect(try runTool("cpc-shard", arguments + ["--strict"]).status == 1)
    try File.writing(last).write(audio)
    let right = try File.contents(of: path)
    _ = try write("phones.txt", line(0, frames: 126))
    let other = try runTool("cpc-shard", arguments)
    #expect(other.status == 1 && other.messages.contains("--force"), "\(other.messages)")
    try File.writing(path).write(right)
    let again = try runTool("cpc-shard", arguments)
    #expect(again.status == 0 && again.messages.contains("reused"), "\(again.messages)")
    #expect(try tree(folder("d")) == tree(folder("whole/d")))
  }

  @Test func partsHaveTheLabelsOfTheWhole() throws {
    let manifest = folder("m.jsonl")
    #expect(try runTool("cpc-scan", [corpus.folder, "-o", manifest]).status == 0)
    let options = ["--phones", try labels(), "--shard-records", "2"]
    #expect(try runTool("cpc-shard", [manifest] + options + ["-o", folder("whole/d")]).status == 0)
    for part in 0..<2 {
      let result = try runTool("cpc-shard", [manifest] + options + ["--part", "\(part)/2", "-o", folder("\(part)")])
      #expect(result.status == 0, "\(result.messages)")
    }
    let merged = try runTool(
      "cpc-shard", ["merge", manifest] + options + ["-o", folder("d"), "--parts", folder("0"), folder("1")])
    #expect(merged.status == 0, "\(merged.messages)")
    #expect(try tree(folder("d")) == tree(folder("whole/d")))
  }

  @Test func streamsHaveTheLabelsToo() throws {
    let result = try runTool("cpc-shard", [corpus.folder, "--phones", labels(), "-o", "-"])
    #expect(result.status == 0)
    let items = try runTool("cpc-cat", ["-", "--record", "0"], input: result.output)
    #expect(try JSON(parsing: items.output)["phones"]?.arrayValue?.map { $0.intValue! } == expected(0))
  }

  @Test(arguments: [
    ["--phones", "x", "--phone-set", "y"], ["--phones", "-"], ["--label-grid", "cells"], ["--kaldi-phones", "x"],
    ["--phones", "x", "--label-grid", "other"],
  ])
  func wrongUsage(arguments: [String]) throws {
    #expect(try runTool("cpc-shard", ["-", "-o", folder("d")] + arguments).status == 64)
  }

  @Test func compareSaysWhatDiffers() throws {
    let a = try write("a.ctm", "u 1 0.00 0.10 SIL\nu 1 0.10 0.10 AH0_B\nu 1 0.20 0.20 S\nv 1 0.00 0.10 T\n")
    let b = try write("b.jsonl", #"{"id":"u","phones":[["sil",0,0.12],["AH",0.12,0.2],["S",0.2,0.3],["Z",0.3,0.4]]}"#)
    let result = try runTool("cpc-align", ["compare", a, b, "--json"])
    #expect(result.status == 0, "\(result.messages)")
    let json = try JSON(parsing: result.output)
    #expect(json["utterances_only_a"] == .int(1) && json["utterances_only_b"] == .int(0))
    let cells = json["cells"]
    #expect(cells?["both"] == .int(40) && cells?["equal"] == .int(28) && cells?["agreement"]?.doubleValue == 0.7)
    #expect(cells?["without_sil"] == .int(30) && cells?["equal_without_sil"] == .int(18))
    // SIL to AH is 20 ms late, AH to S in time; S to Z has no counterpart.
    let boundaries = json["boundaries"]
    #expect(boundaries?["matched"] == .int(2) && boundaries?["a"] == .int(2) && boundaries?["b"] == .int(3))
    #expect(boundaries?["bias_ms"]?.doubleValue == 10 && boundaries?["median_absolute_ms"]?.doubleValue == 10)
    #expect(boundaries?["within"]?["10_ms"]?.doubleValue == 0.5 && boundaries?["within"]?["20_ms"]?.doubleValue == 1)
    let s = try #require(json["phones"]?.arrayValue?.first { $0["name"] == .string("S") })
    #expect(s["cells_a"] == .int(20) && s["equal"] == .int(10) && s["onset_bias_ms"]?.doubleValue == 0)
    let z = try #require(json["confusion"]?["names"]?.arrayValue?.firstIndex(of: .string("Z")))
    #expect(json["confusion"]?["cells"]?.arrayValue?[2].arrayValue?[z] == .int(10))
    #expect(json["least_alike"]?.arrayValue?.first?["id"] == .string("u"))

    let text = try runTool("cpc-align", ["compare", a, "-"], input: File.contents(of: b)).text
    for words in ["1 compared, 1 only in A, 0 only in B", "70.0 % of the cells", "20 ms 100.0 %", "LEAST ALIKE"] {
      #expect(text.contains(words), "\(words): \(text)")
    }
    let other = try write("c.jsonl", #"{"id":"x","phones":[["S",0,1]]}"#)
    let nothing = try runTool("cpc-align", ["compare", a, other])
    #expect(nothing.status == 1 && nothing.messages.contains("no utterance in common"))
    #expect(try runTool("cpc-align", ["compare", "-", "-"]).status == 64)
  }

  @Test func ourCTMIsRecognised() throws {
    let source = try write("a.jsonl", #"{"id":"u","phones":[["SIL",0,1],["S",1,3],["T",3,4]]}"#)
    let ctm = try runTool("cpc-align", ["convert", source, "--to", "ctm"])
    #expect(ctm.text == "u 1 0 1 SIL\nu 1 1 2 S\nu 1 3 1 T\n")
    let back = try runTool("cpc-align", ["convert", "-", "--to", "jsonl"], input: ctm.output)
    #expect(back.text == #"{"id":"u","phones":[["SIL",0,1],["S",1,3],["T",3,4]]}"# + "\n")
    #expect(back.messages.contains("1 utterance converted from ctm to jsonl"))
    _ = try write("f/ali.txt", ctm.text)
    let compared = try runTool("cpc-align", ["compare", folder("f"), source])
    #expect(compared.status == 0 && compared.messages.contains("A is ctm, B is jsonl"), "\(compared.messages)")
  }

  @Test func utterancesThatComeTwiceAreNamed() throws {
    let line = #"{"id":"u","phones":[["S",0,1]]}"# + "\n"
    let twice = try write("a.jsonl", line + line + line.replacing("\"u\"", with: "\"v\""))
    for (format, output) in [("textgrid", "t"), ("ctm", "a.ctm")] {
      let result = try runTool("cpc-align", ["convert", twice, "--to", format, "-o", folder(output)])
      #expect(
        result.status == 1 && result.messages.contains("line 2: labelled twice, first in line 1"), "\(result.messages)")
      #expect(
        result.messages.contains("2 utterances converted from jsonl to \(format), 1 left out"), "\(result.messages)")
    }
    #expect(try String(decoding: File.contents(of: folder("a.ctm")), as: UTF8.self) == "u 1 0 1 S\nv 1 0 1 S\n")
    #expect(try Folder.names(in: folder("t")) == ["u.TextGrid", "v.TextGrid"])
  }

  @Test func oneMapOfPhonesServesLexiconsAndAlignments() throws {
    let map = try write("map", "X S\nʔ\nTS T S\n\"\" SIL\n")
    let a = try write("a.jsonl", #"{"id":"u","phones":[["X",0,1],["ʔ",1,2],["T",2,3]]}"#)
    let result = try runTool("cpc-align", ["convert", a, "--to", "ctm", "--phone-map", map])
    #expect(result.status == 0 && result.text == "u 1 0 1 S\nu 1 2 1 T\n", "\(result.messages)")
    let several = try write("b.jsonl", #"{"id":"u","phones":[["TS",0,1]]}"#)
    let refused = try runTool("cpc-align", ["compare", a, several, "--phone-map", map])
    #expect(refused.status == 1 && refused.messages.contains("line 1: the phone map makes 'TS' into 'T S'"))
  }

  @Test func convertRefusesWhatItCannotSay() throws {
    let text = try write(
      "a.jsonl", "{\"id\":\"a\",\"phones\":[[\"S\",0.5,1]]}\n{\"id\":\"b/c\",\"phones\":[[\"S\",0,1]]}\n")
    let result = try runTool("cpc-align", ["convert", text, "--to", "textgrid", "-o", folder("t")])
    #expect(result.status == 1)
    #expect(result.messages.contains("line 1: nothing is labelled from 0.0 to 0.5 s"))
    #expect(Folder.kind(of: folder("t/b/c.TextGrid")) == .file)
    let filled = try runTool("cpc-align", ["convert", text, "--to", "textgrid", "-o", folder("t"), "--fill", "SIL"])
    #expect(filled.status == 1 && Folder.kind(of: folder("t/a.TextGrid")) == .file)
    let again = try runTool("cpc-align", ["convert", text, "--to", "textgrid", "-o", folder("t"), "--fill", "SIL"])
    #expect(again.messages.contains("the file exists"))
    #expect(try runTool("cpc-align", ["convert", text, "--to", "textgrid"]).status == 64)
    // Of known lengths, labels that do not fit are named.
    let lengths = try write("m.jsonl", "{\"id\":\"a\",\"samples\":8000}\n{\"id\":\"b/c\",\"samples\":16000}\n")
    let fitted = try runTool("cpc-align", ["convert", text, "--to", "kaldi", "--lengths", lengths])
    #expect(fitted.status == 1 && fitted.messages.contains("the labels end at 1.0 s, the utterance at 0.5 s"))
    #expect(fitted.text == "b/c" + String(repeating: " S", count: 98) + "\n")
  }
}
