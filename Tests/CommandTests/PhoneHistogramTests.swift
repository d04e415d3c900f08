import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// What the card counts of labels and of the phones of transcripts.
@Suite struct PhoneHistogramTests {
  private let folder: TemporaryFolder
  private let manifest: String
  /// Said with the phones of ``said``: the last word is none that English letters can spell.
  private static let text = "Yes, no YES - да"
  private static let said = ["Y": 2, "EH": 2, "S": 2, "N": 1, "OW": 1]

  /// Five utterances of up to four records: one without text, one without labels, all others with runs of phones that go
  /// on from record to record, and gaps.
  init() throws {
    folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84], utterancesPerChapter: 5,
      lengths: [61_441, 20_480, 30_000, 47_123, 70_000], transcripts: false)
    manifest = folder("m.jsonl")
    let lines = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      let seconds = Double(object["samples"]!.intValue!) / 16_000
      // One with a mark of a noise, which is SPN.
      if i != 2 { object["text"] = .string(i == 4 ? "[door slams] yes" : Self.text) }
      let phones: [(String, Double, Double)] = [
        ("SIL", 0, 0.2), ("S", 0.2, 0.5), ("SIL", 0.6, 1), ("SIL", 1, 1.1), ("AH", 1.1, seconds),
      ]
      if i != 1 {
        object["phones"] = .array(phones.map { .array([.string($0.0), .real($0.1), .real($0.2)]) })
      }
      return JSON.object(object).compact + "\n"
    }
    try File.writing(manifest).write(lines.joined())
  }

  private func shard(_ output: String, _ arguments: [String] = []) throws {
    let words = [manifest, "-o", folder(output), "--shard-records", "4"] + arguments
    let result = try runTool("cpc-shard", (arguments.first == "--parts" ? ["merge"] : []) + words)
    #expect(result.status == 0, "\(result.messages)")
  }

  private func facts(_ dataset: String) throws -> JSON { .object(try Card.read(folder: folder(dataset)).facts) }

  private func phoneSet(_ dataset: String) throws -> JSON {
    try #require(try facts(dataset)["phone_sets"]?.arrayValue?.first)
  }

  private func counts(_ facts: JSON, _ what: String) throws -> [String: Int] {
    let names = try #require(facts["classes"]?.arrayValue?.map { $0.stringValue! })
    let numbers = try #require(facts["histogram"]?[what]?.arrayValue?.map { $0.intValue! })
    #expect(names.count == numbers.count)
    return Dictionary(uniqueKeysWithValues: zip(names, numbers)).filter { $0.value > 0 }
  }

  /// Cells and runs of each class, counted one by one.
  private func counted(
    _ dataset: String, plane: String = "phones", names: [String], none: Int = 255
  ) throws -> (cells: [String: Int], segments: [String: Int]) {
    let dataset = try Dataset(opening: folder(dataset))
    var (cells, segments) = ([String: Int](), [String: Int]())
    for utterance in 0..<dataset.utteranceCount {
      let labels = dataset.records(ofUtterance: utterance).flatMap { record -> [Int] in
        let (shard, row) = dataset.locate(record)
        return shard.plane(plane)!.integers(row)
      }
      for (i, label) in labels.enumerated() where label != none {
        cells[names[label], default: 0] += 1
        if i == 0 || labels[i - 1] != label { segments[names[label], default: 0] += 1 }
      }
    }
    return (cells, segments)
  }

  @Test func countsCellsSegmentsAndTranscripts() throws {
    try shard("d")
    let set = try phoneSet("d")
    let names = try #require(set["classes"]?.arrayValue?.map { $0.stringValue! })
    #expect(names.count == 41 && names[0] == "SIL")
    let (cells, segments) = try counted("d", names: names)
    #expect(try counts(set, "cells") == cells)
    #expect(try counts(set, "segments") == segments)
    #expect(cells.values.reduce(0, +) == set["labelled_cells"]?.intValue)
    // What is at either side of a gap, or of two intervals of one phone, is known from the intervals: twice 20 + 50 cells
    // of silence in two runs, less where an utterance ends before.
    #expect(segments == ["SIL": 8, "S": 4, "AH": 4] && cells["S"] == 4 * 30 && cells["SIL"] == 4 * 70)
    // Of the three utterances with both labels and text.
    #expect(
      try counts(set, "transcripts")
        == Self.said.mapValues { 2 * $0 }.merging(["SPN": 1, "Y": 1, "EH": 1, "S": 1], uniquingKeysWith: +))
    let histogram = set["histogram"]
    #expect(histogram?["transcribed_utterances"] == .int(3) && histogram?["words"] == .int(11))
    #expect(histogram?["unknown_words"] == .int(2))
    #expect(try facts("d")["phone_sets"]?.arrayValue?.count == 1)
  }

  @Test func isTheSameHoweverADatasetIsMade() throws {
    try shard("whole/d")
    let whole = try tree(folder("whole/d"))
    for threads in ["1", "2", "7"] {
      try shard("\(threads)/d", ["--threads", threads])
      #expect(try tree(folder("\(threads)/d")) == whole)
    }
    for part in 0..<2 { try shard("part\(part)", ["--part", "\(part)/2"]) }
    try shard("d", ["--parts", folder("part0"), folder("part1")])
    #expect(try tree(folder("d")) == whole)
  }

  @Test func goesOnWhereAnInterruptedRunStopped() throws {
    try shard("whole/d")
    let last = folder("corpus/test/84/84100/84-84100-0004.flac")
    let audio = try File.contents(of: last)
    try File.writing(last).write(Array(audio.dropLast(2000)))
    let arguments = [manifest, "-o", folder("d"), "--shard-records", "4"]
    #expect(try runTool("cpc-shard", arguments + ["--strict"]).status == 1)
    try File.writing(last).write(audio)
    let again = try runTool("cpc-shard", arguments)
    #expect(again.status == 0 && again.messages.contains("reused"), "\(again.messages)")
    #expect(try tree(folder("d")) == tree(folder("whole/d")))
  }

  @Test func subsetsAndAddedPlanesAreCountedAnew() throws {
    try shard("d")
    let whole = try phoneSet("d")
    let names = whole["classes"]!.arrayValue!.map { $0.stringValue! }
    let plain = try File.contents(of: folder("d/dataset.json"))
    // The same labels beside themselves, and two with other classes, one of more than a byte.
    try File.writing(folder("two.txt")).write("sil\nspeech\n")
    try File.writing(folder("many.txt")).write((0..<400).map { "unit\($0)\n" }.joined())
    let ids = (0..<4).map { "84-84100-000\($0)" }
    try File.writing(folder("two.jsonl")).write(
      #"{"id":"\#(ids[0])","phones":[["sil",0,0.5],["speech",0.5,2.5]]}"# + "\n")
    try File.writing(folder("many.jsonl")).write(
      ids.map { #"{"id":"\#($0)","phones":[["unit399",0,0.5],["unit7",0.5,1]]}"# + "\n" }.joined())
    for arguments in [
      ["same=\(manifest)"], ["two=\(folder("two.jsonl"))", "--phone-set", folder("two.txt")],
      ["many=\(folder("many.jsonl"))", "--phone-set", folder("many.txt")],
    ] {
      let result = try runTool("cpc-shard", ["add", folder("d")] + arguments)
      #expect(result.status == 0, "\(result.messages)")
    }
    func overlay(_ name: String, of dataset: String) throws -> JSON {
      try #require(try facts(dataset)["overlays"]?.arrayValue?.first { $0["name"] == .string(name) })
    }
    #expect(try overlay("same", of: "d")["histogram"] == whole["histogram"])
    for (name, none) in [("two", 255), ("many", 65_535)] {
      let facts = try overlay(name, of: "d")
      let (cells, segments) = try counted(
        "d", plane: name, names: facts["classes"]!.arrayValue!.map { $0.stringValue! }, none: none)
      #expect(try counts(facts, "cells") == cells && !cells.isEmpty)
      #expect(try counts(facts, "segments") == segments)
      #expect(facts["histogram"]?["transcripts"] == nil)
    }

    try File.writing(folder("ids.txt")).write("\(ids[0])\n\(ids[1])\n\(ids[2])\n")
    #expect(
      try runTool("cpc-shard", ["select", folder("d"), "--ids", folder("ids.txt"), "-o", folder("some")]).status == 0)
    let (cells, segments) = try counted("some", names: names)
    for facts in [try phoneSet("some"), try overlay("same", of: "some")] {
      #expect(try counts(facts, "cells") == cells)
      #expect(try counts(facts, "segments") == segments)
      #expect(try counts(facts, "transcripts") == Self.said)
    }
    #expect(try counts(overlay("many", of: "some"), "segments") == ["unit7": 3, "unit399": 3])

    for name in ["same", "two", "many"] {
      #expect(try runTool("cpc-shard", ["remove", folder("d"), name]).status == 0)
    }
    #expect(try File.contents(of: folder("d/dataset.json")) == plain)
  }

  @Test func inspectPrintsATable() throws {
    try shard("d")
    let text = try runTool("cpc-inspect", [folder("d")]).text
    let rows = text.split(separator: "\n").map { $0.split(separator: " ").map { String($0) } }
    #expect(rows.contains(["phones", "cells", "segments", "transcripts", "ratio"]), "\(text)")
    let silence = try #require(rows.first { $0.first == "SIL" })
    #expect(silence.count == 3 && silence[2] == "%")
    // Four of eight segments that are not silence, five of 20 phones.
    #expect(rows.contains { $0.first == "S" && $0.suffix(5) == ["50.00", "%", "25.00", "%", "2.00"] }, "\(text)")
    #expect(rows.contains { $0.first == "OW" && $0.suffix(5) == ["0.00", "%", "10.00", "%", "0.00"] }, "\(text)")
    #expect(text.contains("without 2 of 11 words whose phones cannot be told"))
    let json = try JSON(parsing: runTool("cpc-inspect", [folder("d"), "--json"]).output)
    #expect(json["phone_sets"]?.arrayValue?.first == (try phoneSet("d")))

    // A card of an earlier version has none; absurd numbers are no crash.
    var card = try Card.read(folder: folder("d"))
    var set = try #require(try phoneSet("d").objectValue)
    for histogram: JSON? in [
      nil, .int(1),
      .object(["cells": .array([.int(Int.max), .string("x"), .number("1e400")]), "segments": .array([])]),
      .object(["cells": .array([.int(-1), .int(1)]), "segments": .array([.int(0)]), "transcripts": .array([.null])]),
    ] {
      set["histogram"] = histogram
      card.facts["phone_sets"] = .array([.object(set)])
      try card.write(folder: folder("d"))
      let result = try runTool("cpc-inspect", [folder("d")])
      #expect(result.status == 0 && result.text.contains("phones        cmu41"))
      #expect(histogram?["cells"] != nil || !result.text.contains("segments"))
    }
  }
}
