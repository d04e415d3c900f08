import Alignment
import Corpora
import FileIO
import Glibc
import Labels
import Manifests
import OrderedJSON
import TestSupport
import Testing

/// cpc-align as a user runs it.
@Suite struct ToolTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Speech with known phones, made by Tools/speech-corpus.
  static var speech: String? { getenv("CPC_SPEECH_CORPUS").map { String(cString: $0) } }

  private func lines(_ bytes: [UInt8]) throws -> [ManifestEntry] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { try ManifestEntry(parsing: Array($0)) }
  }

  @Test(.enabled(if: ToolTests.speech != nil, "CPC_SPEECH_CORPUS: no folder made by Tools/speech-corpus"))
  func alignsSpeechAtAnyThreadCount() throws {
    let speech = try #require(Self.speech)
    let corpus = "\(speech)/LibriSpeech"
    var outputs: [[UInt8]] = []
    for threads in 1...3 {
      let result = try runTool(
        "cpc-align",
        [
          corpus, "--threads", "\(threads)", "--save-model", folder("model\(threads)"), "--report",
          folder("report\(threads)"),
        ])
      #expect(result.status == 0, "\(result.messages)")
      outputs.append(result.output)
    }
    #expect(outputs[0] == outputs[1] && outputs[0] == outputs[2])
    for name in ["model", "report"] {
      let one = try File.contents(of: folder("\(name)1"))
      #expect(try one == File.contents(of: folder("\(name)2")) && one == File.contents(of: folder("\(name)3")))
    }

    // The saved model gives the same as the run that trained it.
    let again = try runTool("cpc-align", [corpus, "--model", folder("model1")])
    #expect(again.output == outputs[0])

    let entries = try lines(outputs[0])
    #expect(!entries.isEmpty)
    var (same, all) = (0, 0)
    for entry in entries {
      let phones = try #require(entry.phones)
      let cells = (entry.extent.count + 80) / 160
      #expect(phones.first?.begin == 0 && phones.last?.end == Double(cells) / 100)
      for (a, b) in zip(phones, phones.dropFirst()) { #expect(a.end == b.begin) }
      let path = "\(speech)/phones/synthetic/\(entry.group)/\(entry.session ?? "")/\(entry.id).phones"
      let truth = try String(decoding: File.contents(of: path), as: UTF8.self).split(separator: "\n").map {
        let fields = $0.split(separator: " ")
        return (label: String(fields[0]), end: try #require(Double(fields[2])))
      }
      for t in 0..<cells {
        let centre = (Double(t) + 0.5) / 100
        let found = phones.first { $0.begin <= centre && centre < $0.end }
        let real = truth.first { centre < $0.end }
        guard let real else { continue }
        all += 1
        if found?.label == real.label { same += 1 }
      }
    }
    #expect(Double(same) / Double(all) > 0.7, "\(same) of \(all) frames")
  }

  @Test func pipesIntoShards() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 6, lengths: [60_000, 47_123])
    try ArchiveFile.write(corpus.files(), to: folder("c.tar.gz"), format: .ustar, compression: .gzip)
    let bin = Folder.parent(of: try toolPath("cpc-align"))
    let result = try runProcess(
      "/bin/bash",
      [
        "-c",
        "cd \(folder.path); export PATH=\(bin):$PATH; cpc-scan c.tar.gz | cpc-align | cpc-shard -o d; echo ${PIPESTATUS[@]}",
      ])
    #expect(result.text == "0 0 0\n", "\(result.messages)")
    #expect(Folder.kind(of: folder("d/dataset.json")) == .file)
    // An archive on standard input can be read only once, and that is enough.
    let piped = try runTool("cpc-align", ["-"], input: try File.contents(of: folder("c.tar.gz")))
    #expect(piped.status == 0, "\(piped.messages)")
    #expect(try lines(piped.output).allSatisfy { $0.phones != nil })
  }

  @Test func namesWhatCannotBeAligned() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 4, lengths: [40_000])
    let manifest = try runTool("cpc-scan", [corpus.folder])
    var entries = try lines(manifest.output)
    entries[0].text = nil
    entries[1].text = "ПРИВЕТ"
    entries[2].text = Array(repeating: "UNDERSTANDING", count: 40).joined(separator: " ")
    entries[3].text = "…"
    var bytes: [UInt8] = []
    for entry in entries { entry.write(to: &bytes) }
    let result = try runTool("cpc-align", [], input: bytes)
    #expect(result.status == 1)
    let aligned = try lines(result.output)
    #expect(aligned.map(\.id) == entries.map(\.id))
    #expect(aligned.map { $0.phones != nil } == [false, false, false, false, true, true, true, true])
    for reason in ["no transcript", "not in Latin letters", "need more time", "no words"] {
      #expect(result.messages.contains(reason), "\(result.messages)")
    }
    #expect(try runTool("cpc-align", ["--strict"], input: bytes).status == 1)
  }

  @Test func piecesOfAFileAreAlignedAlone() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 2, lengths: [64_000])
    var entries = try lines(runTool("cpc-scan", [corpus.folder]).output)
    entries[0].offset = 16_000
    entries[0].length = 32_000
    var bytes: [UInt8] = []
    for entry in entries { entry.write(to: &bytes) }
    let result = try runTool("cpc-align", [], input: bytes)
    #expect(result.status == 0, "\(result.messages)")
    let phones = try #require(lines(result.output)[0].phones)
    #expect(phones.first?.begin == 0 && phones.last?.end == 2)
  }

  @Test func refuses() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"))
    try File.writing(folder("lexicon")).write("UTTERANCE AH QQ\n")
    try File.writing(folder("set")).write("A\nB\n")
    try File.writing(folder("there")).write("")
    // Through a link, so that nothing but the link could be replaced.
    #expect(symlink("/dev/null", folder("device")) == 0)
    for (arguments, status, reason) in [
      (["--lexicon", folder("lexicon")], 1, "line 1: the phone 'QQ'"), (["--phone-set", folder("set")], 1, "SIL"),
      (["--model", folder("lexicon")], 1, "safetensors"), (["--lexicon", folder("missing")], 1, "No such file"),
      (["-o", folder("there")], 1, "exists"), (["--report", folder("there")], 1, "exists"),
      (["--save-model", folder("no/m.st")], 1, "cannot create"), (["--save-model", "-"], 64, "file"),
      (["--save-model", folder("device"), "--force"], 1, "not a regular file"),
      (["-o", folder("x"), "--save-model", folder("x")], 64, "different files"), (["--report", "-"], 64, "-o"),
      (["-o", folder("x"), "--save-model", folder("./x")], 1, "create"),
      (["--save-model", folder("there")], 1, "exists"), (["--json"], 64, "-o"),
      (["--gaussians", "0"], 64, "gaussians"),
      (["--model", "x", "--train"], 64, "--model"), (["--phone-map", "x"], 64, "--lexicon"),
    ] as [([String], Int, String)] {
      let result = try runTool("cpc-align", [corpus.folder] + arguments)
      #expect(result.status == status, "\(arguments)")
      #expect(result.messages.contains(reason), "\(arguments): \(result.messages)")
      #expect(result.output.isEmpty)
    }
    #expect(try Folder.names(in: folder.path) == ["corpus", "device", "lexicon", "set", "there"])
    let silent = try SpeechCorpus(folder: folder("silent"), transcripts: false)
    let result = try runTool("cpc-align", [silent.folder])
    #expect(result.status == 1 && result.messages.contains("nothing to align"))
  }

  /// The manifest of a corpus with the texts changed.
  private func manifest(_ corpus: SpeechCorpus, text: String) throws -> [UInt8] {
    var bytes: [UInt8] = []
    for var entry in try lines(runTool("cpc-scan", [corpus.folder]).output) {
      entry.text = text
      entry.write(to: &bytes)
    }
    return bytes
  }

  @Test func refusesToTrainWithoutAnUtteranceThatIsLongEnough() throws {
    let long = Array(repeating: "UNDERSTANDING", count: 40).joined(separator: " ")
    for (length, text) in [(40_000, long), (480, "ONE TWO THREE FOUR"), (79, "ONE")] {
      let corpus = try SpeechCorpus(folder: folder("\(length)"), lengths: [length])
      let result = try runTool("cpc-align", [], input: manifest(corpus, text: text))
      #expect(result.status == 1, "\(length): \(result.messages)")
      #expect(result.messages.contains("no utterance is long enough for its transcript"), "\(result.messages)")
    }
  }

  @Test func trainsWithOneUtteranceAtLeast() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [60_000])
    let result = try runTool("cpc-align", [corpus.folder, "--train-hours", "0.0001"])
    #expect(result.status == 0, "\(result.messages)")
    #expect(try lines(result.output).allSatisfy { $0.phones != nil })
  }

  @Test func aDamagedModelIsRefused() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [60_000])
    let arguments = [corpus.folder, "--iterations", "2", "--context-states", "150", "--save-model", folder("m")]
    let trained = try runTool("cpc-align", arguments)
    #expect(trained.status == 0, "\(trained.messages)")
    let model = try File.contents(of: folder("m"))
    for name in ["weights", "gaussians", "roots", "nodes", "sets"].map({ "context.\($0)" }) {
      let found = try #require(model.firstRange(of: Array("\"\(name)\"".utf8)))
      var damaged = model
      damaged[found.upperBound - 2] = UInt8(ascii: "x")
      try File.writing(folder("x")).write(damaged)
      let result = try runTool("cpc-align", [corpus.folder, "--model", folder("x")])
      #expect(result.status == 1 && result.messages.contains("digest differs"), "\(name): \(result.messages)")
      let verified = try runTool("cpc-inspect", ["verify", folder("x")])
      #expect(verified.status == 1 && verified.text.contains("\(folder("x")): damaged"), "\(verified.text)")
    }
    #expect(try runTool("cpc-inspect", ["verify", folder("m")]).text.contains("m: intact (1 file"))
  }

  @Test func nothingAlignedHasNoLikelihood() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [60_000])
    #expect(
      try runTool("cpc-align", [corpus.folder, "--iterations", "2", "--save-model", folder("m"), "-o", folder("a")])
        .status == 0)
    let short = try SpeechCorpus(folder: folder("short"), lengths: [79])
    let result = try runTool(
      "cpc-align", ["--model", folder("m"), "--json", "-o", folder("o")], input: manifest(short, text: "ONE"))
    #expect(result.status == 1 && !result.messages.contains("likelihood"), "\(result.messages)")
    #expect(result.messages.contains("its 1 word needs more time than the 0.0049375 s"), "\(result.messages)")
    #expect(try JSON(parsing: result.output)["log_likelihood_per_frame"] == .null)
  }

  @Test func theNamesOfThePhonesDecideNotTheFile() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"), lengths: [60_000])
    try File.writing(folder("own.txt")).write(PhoneSet.cmu41.names.map { $0 + "\n" }.joined())
    let own = try runTool(
      "cpc-align", [corpus.folder, "--iterations", "2", "--phone-set", folder("own.txt"), "--save-model", folder("m")])
    #expect(own.status == 0, "\(own.messages)")
    #expect(try AlignmentModel(contentsOf: folder("m")).phoneSet.name == "own")
    #expect(try own.output == runTool("cpc-align", [corpus.folder, "--iterations", "2"]).output)
  }

  @Test func helpShowsWhatTheToolDoesByDefault() throws {
    for arguments in [["--help"], ["help"]] {
      let help = try runTool("cpc-align", arguments).text
      for words in [
        "compare", "convert", "--lexicon", "--save-model", "EXAMPLES", "cpc-scan dev-clean.tar.gz | cpc-align",
      ] {
        #expect(help.contains(words), "\(words)")
      }
    }
    #expect(!(try runTool("cpc-align", ["compare", "--help"]).text.contains("--save-model")))
  }

  @Test func whatKilledRunsLeftIsRemoved() throws {
    let corpus = try SpeechCorpus(folder: folder("corpus"))
    // No process can have the first number; the second runs; the others are somebody's files.
    let kept = ["m.\(getpid()).partial", "m.notes.partial", "other.2147483647.partial"]
    for name in kept + ["m.2147483647.partial"] { try File.writing(folder(name)).write("x") }
    #expect(try runTool("cpc-scan", [corpus.folder, "-o", folder("m")]).status == 0)
    #expect(try Folder.names(in: folder.path) == (kept + ["corpus", "m"]).sorted())
  }
}
