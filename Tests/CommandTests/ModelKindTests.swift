import FileIO
import Glibc
import OrderedJSON
import TestSupport
import Testing

/// Models of images and of texts, by the tools: what runs of audio are tested for, on records of other kinds.
@Suite struct ModelKindTests {
  private let folder: TemporaryFolder

  /// A kind of records, flags that make some, and those of a run that takes a second.
  enum Kind: String, CaseIterable, CustomTestStringConvertible {
    case images
    case texts

    var testDescription: String { rawValue }
    var corpus: KindCorpus { self == .images ? .images : .texts }

    func making(_ folder: String) -> [String] {
      self == .images ? ["--size", "36"] : corpus.making(folder)
    }

    var model: [String] {
      switch self {
      case .images: ["--depth", "18", "--width", "4", "--context", "4", "--context-depth", "2", "--steps-ahead", "3"]
      case .texts: ["--embedding", "6", "--kernel", "3", "--channels", "8", "--context", "5", "--steps-ahead", "2"]
      }
    }
  }

  private static let run = [
    "--batch", "4", "--valid-fraction", "0.3", "--valid-batches", "2", "--log-every", "3", "--checkpoint-every", "2",
    "--valid-every", "5", "--threads", "1", "--keep", "2", "--num-negatives", "6", "--accumulate", "2", "-q",
  ]

  init() throws { folder = try TemporaryFolder() }

  private func good(_ tool: String, _ arguments: [String]) throws -> ToolResult {
    let result = try runTool(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.messages)")
    return result
  }

  /// A dataset without the corpus's damaged file.
  private func dataset(_ kind: Kind) throws -> String {
    let damaged = try kind.corpus.write(to: folder("c"))
    try Folder.remove(file: folder("c/\(damaged)"))
    _ = try good("cpc-shard", [folder("c")] + kind.corpus.flags + kind.making(folder("c")) + ["-o", folder("d"), "-q"])
    return folder("d")
  }

  @Test(arguments: Kind.allCases) func runsThatStopEndWithTheSameBytes(_ kind: Kind) throws {
    let data = try dataset(kind)
    func train(_ run: String, _ more: [String]) throws -> ToolResult {
      try runTool(
        "cpc-train", [data, "-o", folder(run), "--updates", "8", "--resume"] + kind.model + Self.run + more)
    }
    #expect(try train("whole", []).status == 0)
    for precision in ["fp32", "bf16"] {
      let (whole, parts) = ("whole-\(precision)", "parts-\(precision)")
      #expect(try train(whole, ["--precision", precision]).status == 0)
      var starts = 0
      while true {
        // Less than an update takes: each process makes one batch, or one update.
        let result = try train(parts, ["--precision", precision, "--stop-after", "1e-9"])
        starts += 1
        guard result.status == 75, starts < 100 else {
          #expect(result.status == 0, "\(result.messages)")
          break
        }
      }
      #expect(starts > 4)
      #expect(
        try tree(folder(whole)).filter { $0.key != "timing.jsonl" }
          == tree(folder(parts)).filter { $0.key != "timing.jsonl" })
    }
    #expect(
      try File.contents(of: folder("whole/log.jsonl")) == File.contents(of: folder("whole-fp32/log.jsonl")))
    _ = try good("cpc-inspect", ["verify", folder("whole"), "-q"])
  }

  /// Killed at any moment, or asked to stop, and begun again until it ends.
  @Test(arguments: Kind.allCases, [SIGKILL, SIGTERM]) func killedRunsEndWithTheSameBytes(
    _ kind: Kind, _ signal: CInt
  ) throws {
    let data = try dataset(kind)
    func arguments(_ run: String) -> [String] {
      [data, "-o", folder(run), "--updates", "24", "--resume"] + kind.model + Self.run
    }
    let start = monotonicSeconds()
    #expect(try runTool("cpc-train", arguments("whole")).status == 0)
    let duration = monotonicSeconds() - start
    var random = SeededGenerator(UInt64(signal))
    var ends = 0
    for round in 0..<20 where ends < 12 {
      var status = 1
      while status != 0 {
        let process = try StartedProcess(toolPath("cpc-train"), arguments("run\(round)"))
        usleep(UInt32(1e6 * duration * Double.random(in: 0.05...1, using: &random)))
        process.send(signal)
        let result = try process.wait()
        status = result.status
        if status != 0 { ends += 1 }
        #expect(
          [0, 75, 128 + Int(SIGKILL), 128 + Int(SIGTERM)].contains(status), "\(status): \(result.messages)")
        if ends > 100 { break }
      }
      #expect(
        try tree(folder("whole")).filter { $0.key != "timing.jsonl" }
          == tree(folder("run\(round)")).filter { $0.key != "timing.jsonl" })
    }
    #expect(ends >= 12)
  }

  @Test(arguments: Kind.allCases) func everyStrategyTrains(_ kind: Kind) throws {
    let data = try dataset(kind)
    for strategy in ["mixed-group", "same-group", "mixed-group-excl", "same-group-excl", "current-sequence"] {
      let run = folder(strategy)
      let count = kind == .texts && strategy == "current-sequence" ? "2" : "6"
      _ = try good(
        "cpc-train",
        [data, "-o", run, "--updates", "3", "--negatives", strategy] + kind.model + Self.run + [
          "--num-negatives", count,
        ])
      let log = try File.contents(of: "\(run)/log.jsonl").split(separator: 0x0a)
      let line = try JSON(parsing: Array(log[0]))
      let groups = line["speakers_per_batch"]?.doubleValue ?? 0
      #expect(strategy.hasPrefix("same") ? groups == 1 : groups > 1, "\(strategy): \(groups)")
    }
  }

  @Test(arguments: Kind.allCases) func streamsTrainToo(_ kind: Kind) throws {
    _ = try dataset(kind)
    let making = ([folder("c")] + kind.corpus.flags + kind.making(folder("c"))).joined(separator: " ")
    let training = (kind.model + Self.run).joined(separator: " ")
    let streamed = try runProcess(
      "/bin/sh",
      [
        "-c", "\"$0\" \(making) -o - -q | \"$1\" - -o \"$2\" --updates 4 --buffer 12 \(training)",
        try toolPath("cpc-shard"), try toolPath("cpc-train"), folder("run"),
      ])
    #expect(streamed.status == 0, "\(streamed.text)")
  }

  @Test(arguments: Kind.allCases) func featuresAreOfEachUnit(_ kind: Kind) throws {
    let data = try dataset(kind)
    _ = try good("cpc-train", [data, "-o", folder("run"), "--updates", "2"] + kind.model + Self.run)
    _ = try good("cpc-embed", [folder("run"), data, "-o", folder("e"), "-q"])
    _ = try good("cpc-embed", [folder("run"), data, "-o", folder("f"), "-q", "--threads", "1", "--layer", "z"])
    #expect(try content(folder("e")) == content(folder("f")), "z is what is taken, at any number of threads")
    _ = try good("cpc-inspect", ["verify", folder("e"), "-q"])
    let cards = try ["d", "e"].map { try JSON(parsing: File.contents(of: folder("\($0)/dataset.json"))) }
    #expect(cards[1]["kind"]?.stringValue == "features")
    #expect(cards[0]["counts"]?["records"]?.intValue == cards[1]["counts"]?["records"]?.intValue)
    #expect(cards[0]["groups"] == cards[1]["groups"])
    // A model that has learnt nothing is another one.
    _ = try good("cpc-embed", [data, "--random-init", folder("run"), "-o", folder("r"), "-q"])
    #expect(try content(folder("e")) != content(folder("r")))
    let probe = try good(
      "cpc-probe", [folder("e"), "--target", "group", "--test-fraction", "0.4", "--l2", "1e-2", "--progress", "none"])
    #expect(probe.text.contains(kind == .images ? "images told right" : "sentences told right"), "\(probe.text)")
    if kind == .images {
      for floor in ["pixels", "colours"] {
        let result = try good(
          "cpc-probe",
          [
            data, "--features", floor, "--target", "label", "--test-fraction", "0.4", "--l2", "1e-2", "--progress",
            "none",
          ])
        #expect(result.text.contains(#/always (ant|bee|cat|dog)/#), "\(result.text)")
      }
    }
  }

  @Test func sentencesHaveVectors() throws {
    let data = try dataset(.texts)
    _ = try good("cpc-train", [data, "-o", folder("run"), "--updates", "2"] + Kind.texts.model + Self.run)
    let embedded = try runTool(
      "cpc-embed", [folder("run"), "-", "--text", "--kaldi-text", "-o", "-"],
      input: Array("One two.\n\nTwo one, xyz three\n".utf8))
    #expect(embedded.status == 0, "\(embedded.messages)")
    let rows = embedded.text.split(separator: "\n").dropFirst()
    #expect(rows.count == 3 && rows.dropFirst().first!.split(separator: " ").allSatisfy { Double($0) == 0 })
    #expect(embedded.messages.contains("3 sentences") && embedded.messages.contains("1 sentence without any"))
    // Words that the model was not trained on, from vectors in which two of its own are.
    try File.writing(folder("v.txt")).write("4 2\none 1 0\ntwo 0 1\nthree 1 1\nxyz 0.5 0.5\n")
    let labelled = (0..<40).map { "\($0 % 2)\t\($0 % 2 == 0 ? "one" : "two") three w\($0)\n" }.joined()
    try File.writing(folder("set.tsv")).write(labelled)
    let transfer = try good(
      "cpc-probe", ["transfer", folder("set.tsv"), "--model", folder("run"), "--vectors", folder("v.txt")])
    for row in [
      "majority class", "mean of random vectors", "mean of given vectors", "mean of CPC's", "CPC, more words",
    ] {
      #expect(transfer.text.contains(row), "\(transfer.text)")
    }
  }

  @Test func flagsAreOfTheirKind() throws {
    let data = try dataset(.images)
    for (flags, message) in [
      (["--kernel", "3"], "--kernel is no setting of a model of the kind image"),
      (["--channels", "8"], "--channels is no setting of a model of the kind image"),
      (["--window", "20480"], "--window is for audio"), (["--depth", "19"], "--depth 19 is none of"),
      (["--crop-size", "64"], "--crop-size must be from"), (["--steps-ahead", "9"], "--steps-ahead must be from"),
      (["--row-skip", "7"], "--row-skip must be from"), (["--crop", "random"], "--crop random is for audio"),
    ] {
      let result = try runTool("cpc-train", [data, "-o", folder("run")] + flags)
      #expect(result.status == 64 && result.messages.contains(message), "\(flags): \(result.messages)")
    }
  }

  /// What --preset's help says is what it does.
  @Test(arguments: Kind.allCases) func presetsAreTheirFlags(_ kind: Kind) throws {
    let data = try dataset(kind)
    let help = try runTool("cpc-train", ["--help"]).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let name = kind == .images ? "Of images: " : "Of texts: "
    let start = try #require(help.firstRange(of: name))
    let flags = help[start.upperBound...].prefix { $0 != "." }.split(separator: " ").map { String($0) }
    let small = ["--batch", "4", "--updates", "1", "--threads", "1", "-q"]
    let narrow = kind == .images ? ["--width", "4"] : ["--channels", "8", "--context", "8"]
    let configurations = try [("preset", ["--preset", "small"]), ("flags", flags)].map { name, flags in
      _ = try good(
        "cpc-train",
        [data, "-o", folder(name)] + flags + small + narrow + (kind == .texts ? ["--steps-ahead", "2"] : []))
      return try JSON(parsing: File.contents(of: folder("\(name)/config.json")))
    }
    #expect(configurations[0] == configurations[1])
  }
}
