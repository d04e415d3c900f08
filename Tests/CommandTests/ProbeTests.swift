import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Probes and ABX as users call them, on features of which it is known what they tell.
@Suite struct ProbeTests {
  private let folder: TemporaryFolder
  private let ids: [String]
  private let isTest: [Bool]
  /// Of each utterance, the class of each cell.
  private let cells: [[Int]]

  init() throws {
    folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84, 1272, 19], chaptersPerSpeaker: 2, utterancesPerChapter: 5,
      lengths: [20_480, 30_000, 47_123, 61_440, 20_479])
    ids = corpus.utterances.map(\.id)
    isTest = ids.indices.map { $0 % 3 == 2 }
    var random = SeededGenerator(4)
    var cells: [[Int]] = []
    let phones = ["S", "AA", "T", "N", "SIL"]
    let lines = try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").enumerated().map { i, line in
      var object = try #require(try JSON(parsing: String(line)).objectValue)
      object["split"] = .string(i % 3 == 2 ? "test" : "train")
      object["number"] = .int(i % 4)
      var (time, intervals) = (0, [JSON]())
      var classes: [Int] = []
      let count = corpus.utterances[i].samples.count / 160
      while time < count {
        let end = min(count, time + Int.random(in: 3...9, using: &random))
        let phone = Int.random(in: 0..<phones.count, using: &random)
        intervals.append(.array([.string(phones[phone]), .real(Double(time) / 100), .real(Double(end) / 100)]))
        classes += Array(repeating: phone, count: end - time)
        time = end
      }
      object["phones"] = .array(intervals)
      cells.append(classes)
      return JSON.object(object).compact + "\n"
    }
    self.cells = cells
    let made = try runTool("cpc-shard", ["-o", folder("d"), "--root", "/"], input: Array(lines.joined().utf8))
    #expect(made.status == 0, "\(made.messages)")
    #expect(try runTool("cpc-shard", ["add", folder("d"), "number=key:number"]).status == 0)
  }

  /// Features that tell the class of the cell `shift` before, as text that Kaldi reads; those of test utterances times
  /// `factor`.
  private func writeFeatures(_ name: String, shift: Int = 0, factor: Double = 1, classes: [[Int]]? = nil) throws {
    var random = SeededGenerator(9)
    var text = ""
    for (i, id) in ids.enumerated() {
      text += "\(id)  ["
      let known = (classes ?? cells)[i]
      for t in known.indices {
        let row = (0..<5).map { k in
          let told = known.indices.contains(t - shift) && known[t - shift] == k ? 3.0 : 0
          return (told + Double.random(in: -1...1, using: &random)) * (isTest[i] ? factor : 1)
        }
        text += "\n  " + row.map { "\($0)" }.joined(separator: " ")
      }
      text += " ]\n"
    }
    try writeAtomically(to: folder(name)) { try $0.write(text) }
  }

  private func probe(_ arguments: [String]) throws -> [JSON] {
    let result = try runTool("cpc-probe", arguments + ["--json", "-q"])
    #expect(result.status == 0, "\(result.messages)")
    return try result.text.split(separator: "\n").map { try JSON(parsing: String($0)) }
  }

  private func foreign(_ name: String, _ more: [String] = []) throws -> [JSON] {
    try probe([folder("d"), "--from", folder(name), "--hop", "160"] + more)
  }

  /// The value of cells without a label is no class: neither of records that have some labels nor of those that have none.
  @Test func whatHasNoLabelIsNoClass() throws {
    func make(_ name: String, labelled: (Int) -> Bool) throws {
      let lines = try runTool("cpc-scan", [folder("corpus")]).text.split(separator: "\n").enumerated().map { i, line in
        var object = try #require(try JSON(parsing: String(line)).objectValue)
        // Two phones, and nothing after a second.
        let phones = [("S", 0.0, 0.3), ("AA", 0.3, 1.0)].map { JSON.array([.string($0), .real($1), .real($2)]) }
        if labelled(i) { object["phones"] = .array(phones) }
        return JSON.object(object).compact + "\n"
      }
      let made = try runTool("cpc-shard", ["-o", folder(name), "--root", "/"], input: Array(lines.joined().utf8))
      #expect(made.status == 0, "\(made.messages)")
    }
    try make("half") { $0 % 2 == 0 }
    let flags = ["--features", "mfcc", "--l2", "1e-2"]
    let result = try probe([folder("half")] + flags)[0]
    let classes = try #require(result["classes"]?.arrayValue).compactMap { $0.arrayValue?.first?.stringValue }
    #expect(classes.contains("S") && classes.contains("AA") && !classes.contains("255"), "\(classes)")
    let labelled = (0..<ids.count).filter { $0 % 2 == 0 }.count * 100
    let counted = ["training", "test"].map { result[$0]?["frames"]?.intValue ?? 0 }.reduce(0, +)
    #expect(counted == labelled)
    let hidden = try runTool(
      "cpc-probe", ["tsne", folder("half"), "--features", "mfcc", "--target", "phones", "--json"])
    #expect(hidden.status == 0 && !hidden.text.contains("\"255\""), "\(hidden.messages)")
    try make("none") { _ in false }
    let none = try runTool("cpc-probe", [folder("none")] + flags)
    #expect(none.status == 1 && none.messages.contains("labels nothing in it"), "\(none.messages)")
  }

  @Test func idsOfListsThatAreNotThereAreNamed() throws {
    try writeFeatures("f.txt")
    try File.writing(folder("train.txt")).write(ids.dropFirst(4).joined(separator: "\n") + "\nnobody\nnowhere\n")
    try File.writing(folder("test.txt")).write(ids.prefix(4).joined(separator: "\n") + "\n")
    let lists = ["--train-list", folder("train.txt"), "--test-list", folder("test.txt")]
    let result = try runTool(
      "cpc-probe", [folder("d"), "--from", folder("f.txt"), "--hop", "160", "--l2", "1e-2"] + lists)
    #expect(result.status == 0 && result.messages.contains("2 ids that d lacks: nobody"), "\(result.messages)")
  }

  @Test func whatFeaturesTellIsFound() throws {
    try writeFeatures("f.txt")
    let linear = try foreign("f.txt", ["--target", "phones"])[0]
    #expect(linear["kind"]?.stringValue == "probe" && linear["probe"]?.stringValue == "linear")
    #expect(linear["accuracy"]?.doubleValue ?? 0 > 0.97)
    let hidden = try foreign("f.txt", ["--probe", "hidden", "--width", "16"])[0]
    #expect(hidden["probe"]?.stringValue == "hidden-layer" && hidden["width"]?.intValue == 16)
    #expect(hidden["accuracy"]?.doubleValue ?? 0 > 0.95)
    // They know nothing of speakers.
    let others = try foreign("f.txt", ["--target", "speaker", "--target", "number", "--target", "session"])
    #expect(others.count == 3 && others.allSatisfy { $0["accuracy"]?.doubleValue ?? 1 < 0.7 })
    #expect(others[0]["utterance_accuracy"]?.doubleValue != nil)
  }

  @Test func labelsAreOfTheFramesTheyAreSaidToBeOf() throws {
    try writeFeatures("late.txt", shift: 2)
    let sweep = try foreign("late.txt", ["--label-offset", "-3..1"]).map { $0["accuracy"]?.doubleValue ?? 0 }
    #expect(sweep.count == 5 && sweep.firstIndex(of: sweep.max()!) == 1 && sweep[1] > 0.97, "\(sweep)")
  }

  @Test func nothingButTheResultKnowsTheTestPart() throws {
    try writeFeatures("f.txt")
    // Test utterances have other, huge features.
    try writeFeatures(
      "poisoned.txt", factor: -1e6, classes: cells.enumerated().map { i, row in isTest[i] ? row.map { 4 - $0 } : row })
    let (clean, poisoned) = (try foreign("f.txt")[0], try foreign("poisoned.txt")[0])
    for key in ["candidates", "fit", "training", "dev", "test", "majority"] {
      #expect(clean[key] == poisoned[key] && clean[key] != nil, "\(key)")
    }
    #expect(clean["accuracy"] != poisoned["accuracy"])
  }

  @Test func partsComeFromSplitsListsAndDraws() throws {
    try writeFeatures("f.txt")
    func list(_ name: String, _ wanted: Bool) throws {
      let chosen = ids.indices.filter { isTest[$0] == wanted }.map { "some/folder/\(ids[$0]).flac\n" }
      try writeAtomically(to: folder(name)) { try $0.write(chosen.joined()) }
    }
    try list("train.txt", false)
    try list("test.txt", true)
    let split = try foreign("f.txt")[0]
    let lists = try foreign("f.txt", ["--train-list", folder("train.txt"), "--test-list", folder("test.txt")])[0]
    #expect(split["accuracy"] == lists["accuracy"] && split["confusion"] == lists["confusion"])
    let drawn = try foreign("f.txt", ["--test-fraction", "0.4", "--probe-seed", "3"])[0]
    #expect(drawn["test"]?["utterances"]?.intValue == 12 && drawn["training"]?["utterances"]?.intValue == 18)
  }

  @Test func whoTrainedOnTestUtterancesIsTold() throws {
    func train(_ name: String, _ more: [String]) throws {
      let run = try runTool(
        "cpc-train",
        [
          folder("d"), "-o", folder(name), "--channels", "8", "--context", "6", "--updates", "2", "--batch", "2",
          "--quiet",
          "--valid-fraction", "0",
        ] + more)
      #expect(run.status == 0, "\(run.messages)")
    }
    try train("honest", [])
    #expect(try probe([folder("honest"), folder("d")])[0]["facts"]?["transductive"]?.stringValue == "no")
    let embed = try runTool("cpc-embed", [folder("honest"), folder("d"), "-o", folder("c")])
    #expect(embed.status == 0, "\(embed.messages)")
    let (direct, stored) = (try probe([folder("honest"), folder("d")])[0], try probe([folder("c")])[0])
    #expect(direct["confusion"] == stored["confusion"] && stored["facts"]?["transductive"]?.stringValue == "no")
    #expect(
      try runTool("cpc-split", [folder("d"), "--by", "utterance", "--fraction", "test=0.5", "--name", "other"]).status
        == 0)
    let other = try probe([folder("honest"), folder("d"), "--split-name", "other"])[0]
    #expect(other["facts"]?["transductive"]?.stringValue?.hasPrefix("yes: the checkpoint was trained on ") == true)
    // What a run began with may have heard them.
    try train("tuned", ["--init", folder("honest")])
    let tuned = try probe([folder("tuned"), folder("d")])[0]["facts"]?["transductive"]?.stringValue
    #expect(
      tuned?.hasPrefix("unknown: the run began with what \(folder("honest")) had learnt") == true, "\(tuned ?? "")")
  }

  @Test func itemsOfABXTravel() throws {
    try writeFeatures("f.txt")
    let arguments = ["abx", folder("d"), "--from", folder("f.txt"), "--hop", "160"]
    let own = try probe(arguments + ["--items-out", folder("x.item")])[0]
    #expect(own["kind"]?.stringValue == "abx" && own["within"]?["error_percent"]?.doubleValue ?? 100 < 40)
    let read = try probe(arguments + ["--items", folder("x.item")])[0]
    for key in ["within", "across", "items", "definition"] { #expect(own[key] == read[key], "\(key)") }
    let sliced = try probe(arguments + ["--definition", "libri-light"])[0]
    #expect(sliced["frames"]?.stringValue == "libri-light" && sliced["within"] != own["within"])
  }

  @Test func supervisedModelsAreTold() throws {
    let result = try probe([
      "supervised", folder("d"), "--channels", "8", "--context", "6", "--updates", "4", "--batch", "2", "--threads",
      "1",
      "--target", "phones",
    ])[0]
    #expect(result["facts"]?["features"]?.stringValue == "supervised" && result["test"]?["utterances"]?.intValue == 10)
    let again = try probe([
      "supervised", folder("d"), "--channels", "8", "--context", "6", "--updates", "4", "--batch", "2", "--threads",
      "1",
      "--target", "phones",
    ])[0]
    #expect(result == again)
  }

  @Test func resultsAreWrittenForOthers() throws {
    try writeFeatures("f.txt")
    let result = try runTool(
      "cpc-probe",
      [
        folder("d"), "--from", folder("f.txt"), "--hop", "160", "-o", folder("r.jsonl"), "--csv", folder("tables"),
        "--latex",
        "-q",
      ])
    #expect(result.status == 0 && result.text.contains(" & ") && result.text.hasSuffix("\\\\\n"), "\(result.messages)")
    let classes = String(decoding: try File.contents(of: folder("tables/phones-classes.csv")), as: UTF8.self)
    #expect(classes.hasPrefix("class,") && classes.contains("\r\nAA,"))
    let report = try runTool("cpc-report", [folder("r.jsonl"), "-o", folder("r.html")])
    #expect(report.status == 0, "\(report.messages)")
    let again = try runTool("cpc-probe", [folder("d"), "--features", "mfcc", "-o", folder("r.jsonl")])
    #expect(again.status == 1 && again.messages.contains("--force replaces it"), "\(again.messages)")
  }

  @Test(arguments: [
    (["d"], "not features"),
    (["d", "--from", "f.txt"], "--hop is needed"),
    (["d", "--from", "f.txt", "--hop", "320"], "--hop 16"),
    (["d", "--features", "mfcc", "--target", "mood"], "speaker"),
    (["d", "--features", "mfcc", "--split-name", "none"], "no split \"none\""),
    (["d", "--features", "mfcc", "--test-part", "valid"], "no part \"valid\""),
    (["d", "--features", "mfcc", "--hop", "160"], "--hop goes with --from"),
    (["d", "--features", "mfcc", "--label-offset", "3..1"], "a range"),
    (["d", "--features", "mfcc", "--l2", "a"], "is no strength"),
    (["d", "--features", "mfcc", "--width", "3"], "--width goes with --probe hidden"),
    (["d", "--features", "mfcc", "--train-list", "f.txt"], "go together"),
    (["d", "d", "--features", "mfcc"], "take no checkpoint"),
    (["abx", "d", "--features", "mfcc", "--items", "f.txt"], "f.txt"),
    (["abx", "d", "--features", "mfcc", "--labels", "number"], "no item"),
    (["supervised", "d", "--batch", "0"], "--batch must be"),
  ]) func wrongUsageIsNamed(_ words: [String], _ reason: String) throws {
    try writeFeatures("f.txt")
    let arguments = words.map { ["d", "f.txt"].contains($0) ? folder($0) : $0 }
    let result = try runTool("cpc-probe", arguments)
    #expect(result.status != 0 && result.messages.contains(reason), "\(result.messages)")
  }
}
