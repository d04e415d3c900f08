import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Planes added to a dataset that is there: `cpc-shard add` and `remove`.
@Suite struct PlaneTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try makeCorpus(folder("corpus"))
    #expect(try shard([corpus.folder, "-o", folder("d"), "--shard-records", "7"]).status == 0)
  }

  private func shard(_ arguments: [String], input: [UInt8] = []) throws -> ToolResult {
    try runTool("cpc-shard", arguments, input: input)
  }

  private func write(_ name: String, _ text: String) throws -> String {
    try writeAtomically(to: folder(name)) { try $0.write(text) }
    return folder(name)
  }

  /// One class for a tenth of a second each, in an order that the seed draws, without every fourth utterance; and the
  /// phone set.
  private func alignment(_ name: String, classes: Int, seed: UInt64) throws -> (labels: String, phoneSet: String) {
    var random = SeededGenerator(seed)
    let lines = corpus.utterances.enumerated().filter { $0.offset % 4 != 3 }.map { _, utterance in
      let end = Double(utterance.samples.count) / 16000
      let phones = stride(from: 0, to: end, by: 0.1).map { begin in
        let label = "p\(Int.random(in: 0..<classes, using: &random))"
        return JSON.array([.string(label), .real(begin), .real(min(end, begin + 0.1))])
      }
      return JSON.object(["id": .string(utterance.id), "phones": .array(phones)]).compact + "\n"
    }
    return (
      try write("\(name).jsonl", lines.shuffled(using: &random).joined()),
      try write("\(name).txt", (0..<classes).map { "p\($0)\n" }.joined())
    )
  }

  private func add(_ name: String, classes: Int, seed: UInt64, _ options: [String] = []) throws -> ToolResult {
    let (labels, phoneSet) = try alignment(name, classes: classes, seed: seed)
    return try shard(["add", folder("d"), "\(name)=\(labels)", "--phone-set", phoneSet] + options)
  }

  @Test func twoAlignmentsWithTwoPhoneSetsAndAKey() throws {
    let before = try tree(folder("d"))
    #expect(try add("a", classes: 40, seed: 1).status == 0)
    let second = try add("b", classes: 300, seed: 2, ["--json"])
    #expect(second.status == 0)
    #expect(second.messages.contains("added b, U16 [N, 128]; 300 classes of b; "))
    #expect(second.messages.contains("6 of 18 utterances without labels"))
    #expect(try JSON(parsing: second.output)["unlabelled_utterances"] == .int(6))
    #expect(try shard(["add", folder("d"), "total=key:samples"]).status == 0)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    let card = try runTool("cpc-inspect", [folder("d")]).text
    for words in ["a, U8 [N, 128]: a, 40 classes", "b, U16 [N, 128]: b, 300 classes", "total, I32 [N]: 'samples'"] {
      #expect(card.contains(words), "\(words)")
    }

    // The same cells as from a manifest with these phones.
    let wanted = try String(decoding: File.contents(of: folder("a.jsonl")), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
    let lines = try runTool("cpc-cat", [folder("d"), "--utterances"]).text.split(separator: "\n")
    #expect(lines.count == corpus.utterances.count)
    for (line, utterance) in zip(try lines.map({ try JSON(parsing: String($0)) }), corpus.utterances) {
      #expect(line["total"]?.intValue == utterance.samples.count)
      // Of one sample there is no centre of a cell.
      guard let phones = wanted.first(where: { $0["id"]?.stringValue == utterance.id })?["phones"]?.arrayValue,
        utterance.samples.count > 80
      else {
        #expect(line["a"] == nil && line["b"] == nil)
        continue
      }
      let cells = try #require(line["a"]?.arrayValue)
      #expect(cells.count == (utterance.samples.count + 159) / 160)
      for (t, cell) in cells.enumerated() {
        let centre = Double(160 * t + 80) / 16000
        let phone = phones.last { $0.arrayValue![1].doubleValue! <= centre + 1e-9 }
        let isCovered = centre < Double(utterance.samples.count) / 16000
        #expect(isCovered ? "p\(cell.intValue!)" == phone?.arrayValue?[0].stringValue : cell == .int(255))
      }
    }
    let record = try JSON(parsing: runTool("cpc-cat", [folder("d"), "--record", "0"]).output)
    #expect(record["b"]?.arrayValue?.count == 128 && record["total"] == .int(20480))

    for name in ["b", "total", "a"] { #expect(try shard(["remove", folder("d"), name]).status == 0) }
    #expect(try tree(folder("d")) == before)
  }

  @Test func aPlaneIsReplacedOnlyByForce() throws {
    #expect(try add("a", classes: 40, seed: 1).status == 0)
    let first = try tree(folder("d"))
    let again = try add("a", classes: 40, seed: 2)
    #expect(again.status == 1 && again.messages.contains("--force"))
    #expect(try tree(folder("d")) == first)
    #expect(try add("a", classes: 40, seed: 2, ["--force"]).status == 0)
    #expect(try tree(folder("d")) != first)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(try add("a", classes: 40, seed: 1, ["--force"]).status == 0)
    #expect(try tree(folder("d")) == first)
  }

  @Test func whatIsWrongIsNamedAndLeftOut() throws {
    let before = try tree(folder("d"))
    let ids = corpus.utterances.map(\.id)
    let phoneSet = try write("set.txt", "x\ny\n")
    let bad = try write(
      "bad.jsonl",
      """
      {"id":"\(ids[0])","phones":[["x",0,0.5],["y",0.5,1.0]]}
      {"id":"\(ids[1])","phones":[["q",0,0.5]]}
      {"id":"\(ids[2])","phones":[["x",0,9.5]]}
      {"id":"nobody","phones":[["x",0,0.5]]}
      {"id":"\(ids[0])","phones":[["x",0,0.5]]}
      {"id":"\(ids[4])","cells":["x","x"]}
      {"id"
      """)
    let arguments = ["add", folder("d"), "n=\(bad)", "--phone-set", phoneSet]
    let strict = try shard(arguments + ["--strict"])
    #expect(strict.status == 1 && strict.messages.contains("line 2, phone q"))
    #expect(try tree(folder("d")) == before)
    let result = try shard(arguments)
    #expect(result.status == 1)
    for words in [
      "\(ids[1]): \(bad): line 2, phone q at 0.0 s: not in the phone set set (--phone-map renames phones; cpc-shard add takes",
      "\(ids[2]): \(bad): line 3: the labels end at 9.5 s", "1 id that is not in \(folder("d")): nobody",
      "\(ids[0]): \(bad): line 5: labelled twice, first in line 1",
      "\(ids[4]): \(bad): line 6: 2 labels, the utterance of 61440 samples has 384",
      "line 7: not JSON", "17 of 18 utterances without labels; 5 skipped; 1 of utterances that it lacks",
    ] {
      #expect(result.messages.contains(words), "\(words)\n\(result.messages)")
    }
    #expect(try Dataset(opening: folder("d")).overlays[0].statistics["skipped"] == .int(5))

    // Nothing that fits, nothing added.
    let other = try write("other.jsonl", "{\"id\":\"nobody\",\"phones\":[]}\n")
    let none = try shard(["add", folder("d"), "m=\(other)", "--allow-unknown-ids"])
    #expect(none.status == 1 && none.messages.contains("nothing was added"))
    #expect(try Dataset(opening: folder("d")).overlays.map(\.name) == ["n"])
    let more = try write("more.jsonl", "{\"id\":\"nobody\",\"phones\":[]}\n{\"id\":\"\(ids[0])\",\"phones\":[]}\n")
    // What labels nothing is named, wherever it comes from.
    #expect(
      try shard(["add", folder("d"), "m=-", "--allow-unknown-ids"], input: File.contents(of: more)).status == 1)
    #expect(try Folder.names(in: folder("d/shards")).allSatisfy { !$0.hasPrefix(".") && !$0.hasSuffix("partial") })
  }

  @Test func keysMustBeIntegers() throws {
    for (source, words) in [("key:nothing", "no utterance has a key"), ("key:text", "not an integer")] {
      let result = try shard(["add", folder("d"), "k=\(source)"])
      #expect(result.status == 1 && result.messages.contains(words))
    }
    // Values beyond 32 bits, and none.
    let manifest = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      if i != 1 { object["number"] = .int(i == 0 ? 1 << 40 : -i) }
      return JSON.object(object).compact + "\n"
    }
    let path = try write("m.jsonl", manifest.joined())
    #expect(try shard([path, "--root", "/", "-o", folder("e")]).status == 0)
    #expect(try shard(["add", folder("e"), "number=key:number"]).messages.contains("I64 [N]; 1 of 18 utterances"))
    let lines = try runTool("cpc-cat", [folder("e"), "--utterances"]).text.split(separator: "\n")
    let numbers = try lines.map { try JSON(parsing: String($0))["number"]?.intValue }
    #expect(numbers == (0..<18).map { $0 == 1 ? nil : $0 == 0 ? 1 << 40 : -$0 })
  }

  @Test(arguments: [
    ["add", "x=f"], ["add", "D", "x"], ["add", "D", "x="], ["add", "D", "x=key:"], ["add", "D", "=f"], ["add", "D"],
    ["add", "-", "x=f"], ["add", "D", "samples=f"], ["add", "x=f", "D"], ["add", "D", "x=f", "E"],
    ["add", "D", "x=key:samples", "--tier", "t"], ["add", "D", "x=key:samples", "--phone-set", "f"],
    ["add", "D", "x=key:samples", "--allow-unknown-ids"], ["remove", "x"], ["remove", "D"], ["remove", "-", "x"],
    ["remove", "D", "x", "y"],
  ])
  func wrongUsage(arguments: [String]) throws {
    let result = try shard(arguments.map { $0 == "D" ? folder("d") : $0 })
    #expect(result.status == 64, "\(arguments): \(result.messages)")
  }

  /// Killed at random moments, the dataset is as before or has the plane; the next run cleans up and ends with the same
  /// bytes.
  @Test(arguments: [false, true]) func aKilledAddLeavesTheOldStateOrTheNew(isReplacing: Bool) throws {
    let (labels, phoneSet) = try alignment("a", classes: 40, seed: 1)
    if isReplacing { #expect(try add("a", classes: 40, seed: 9).status == 0) }
    let old = try tree(folder("d"))
    // The other alignment had the same name.
    _ = try alignment("a", classes: 40, seed: 1)
    let arguments = ["add", folder("d"), "a=\(labels)", "--phone-set", phoneSet] + (isReplacing ? ["--force"] : [])
    #expect(try shard(arguments).status == 0)
    let new = try tree(folder("d"))
    // What files the dataset has, whatever they are called for the moment.
    func digests(_ card: [UInt8]) throws -> [String] {
      try Card(parsing: card, path: "card").files.map(\.digest).sorted()
    }
    let (oldDigests, newDigests) = (try digests(old[Card.fileName]!), try digests(new[Card.fileName]!))
    let rerun = arguments.map { $0 == folder("d") ? folder("k") : $0 }
    let words = rerun.map { "\"\($0)\"" }.joined(separator: " ")
    var random = SeededGenerator(isReplacing ? 3 : 4)
    var (before, after, messy) = (0, 0, 0)
    try writeAll(old, to: folder("k"))
    let start = monotonicSeconds()
    #expect(try shard(rerun).status == 0)
    let duration = monotonicSeconds() - start
    for _ in 0..<30 {
      try writeAll(old, to: folder("k"))
      let delay = Double.random(in: 0...duration, using: &random)
      let tool = try toolPath("cpc-shard")
      let command =
        "\"\(tool)\" \(words) 2>/dev/null & sleep \(delay); kill -9 $! 2>/dev/null; wait $! 2>/dev/null; true"
      _ = try runProcess("/bin/bash", ["-c", command])
      let verification = try Dataset.verify(folder("k"))
      #expect(verification.isGood, "\(verification.problems)")
      let state = try tree(folder("k"))
      let found = try digests(state[Card.fileName]!)
      #expect(found == oldDigests || found == newDigests)
      if found == oldDigests { before += 1 } else { after += 1 }
      if state != old, state != new { messy += 1 }
      // Opening the dataset for any change cleans up; the same command again ends with the same bytes.
      _ = try DatasetUpdate(folder("k"))
      #expect(try tree(folder("k")) == (found == oldDigests ? old : new))
      #expect(try shard(rerun + ["--force"]).status == 0)
      #expect(try tree(folder("k")) == new)
    }
    print(
      "30 kills (\(isReplacing ? "replacing" : "adding")): \(before) before, \(after) after, \(messy) left something")
    #expect(before > 0)
  }

  /// Makes a folder hold these files and nothing else.
  private func writeAll(_ files: [String: [UInt8]], to target: String) throws {
    _ = try runProcess("/bin/rm", ["-rf", target])
    for (path, bytes) in files {
      try Folder.create(Folder.parent(of: "\(target)/\(path)"))
      try File.writing("\(target)/\(path)").write(bytes)
    }
  }
}
