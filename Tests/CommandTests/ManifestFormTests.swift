import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Manifests and transcripts as other programs write them: compressed, with numbers as fractions, with marks and line
/// ends of other systems.
@Suite struct ManifestFormTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus
  private let manifest: [UInt8]

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 4)
    manifest = try runTool("cpc-scan", [corpus.folder, "--root", folder.path]).output
    try File.writing(folder("m.jsonl")).write(manifest)
    #expect(try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder("plain")]).status == 0)
  }

  private func good(_ tool: String, _ arguments: [String], input: [UInt8] = []) throws -> ToolResult {
    let result = try runTool(tool, arguments, input: input)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.messages)")
    return result
  }

  /// A dataset has the same records and the same list as the one of the plain manifest.
  private func requireSame(_ name: String) throws {
    for file in ["shards/00000.safetensors", "utterances.jsonl", "index.safetensors"] {
      #expect(try File.contents(of: folder("\(name)/\(file)")) == File.contents(of: folder("plain/\(file)")), "\(name)")
    }
  }

  private func compressed(_ kind: String, _ bytes: [UInt8]) throws -> String {
    let program = ["gz": ["gzip", "-c"], "zst": ["zstd", "-qc"], "xz": ["xz", "-c"], "bz2": ["bzip2", "-c"]][kind]!
    let result = try runProcess("/usr/bin/env", program, input: bytes)
    try #require(result.status == 0)
    try File.writing(folder("m.jsonl.\(kind)")).write(result.output)
    return folder("m.jsonl.\(kind)")
  }

  @Test(arguments: ["gz", "xz", "bz2"]) func compressedManifestsAreReadByEveryTool(kind: String) throws {
    let path = try compressed(kind, manifest)
    let bytes = try File.contents(of: path)
    _ = try good("cpc-shard", [path, "-o", folder("d")])
    try requireSame("d")
    _ = try good("cpc-shard", ["-", "--root", folder.path, "-o", folder("piped")], input: bytes)
    try requireSame("piped")
    for i in 0..<2 { _ = try good("cpc-shard", [path, "--part", "\(i)/2", "-o", folder("p\(i)")]) }
    _ = try good("cpc-shard", ["merge", path, "-o", folder("merged"), "--parts", folder("p0"), folder("p1")])
    try requireSame("merged")
    let wanted = try good("cpc-split", [folder("m.jsonl"), "--by", "utterance", "--fraction", "valid=0.5"]).output
    #expect(try good("cpc-split", [path, "--by", "utterance", "--fraction", "valid=0.5"]).output == wanted)
    #expect(
      try good("cpc-split", ["-", "--by", "utterance", "--fraction", "valid=0.5"], input: bytes).output == wanted)
    // Labels come compressed too.
    let id = corpus.utterances[0].id
    let line = "{\"id\":\"\(id)\",\"phones\":[[\"SIL\",0.0,0.5]]}\n"
    let labels = try compressed(kind, Array(line.utf8))
    _ = try good("cpc-shard", ["add", folder("plain"), "x=\(labels)"])
  }

  @Test func aBrokenCompressedManifestIsNamed() throws {
    let path = try compressed("gz", manifest)
    let bytes = try File.contents(of: path)
    try File.writing(path).write(Array(bytes.dropLast(bytes.count / 2)))
    for arguments in [
      ["cpc-shard", path, "-o", folder("d")], ["cpc-split", path, "--by", "utterance", "--fraction", "v=0.5"],
    ] {
      let result = try runTool(arguments[0], Array(arguments.dropFirst()))
      #expect(result.status == 1 && result.messages.contains(path), "\(result.messages)")
    }
    // An archive stays what it is, and something else is no manifest.
    try ArchiveFile.write(corpus.files(), to: folder("c.tar.gz"), compression: .gzip)
    _ = try good("cpc-shard", [folder("c.tar.gz"), "-o", folder("archive")])
    _ = try good("cpc-shard", ["-", "-o", folder("archive2")], input: File.contents(of: folder("c.tar.gz")))
    #expect(try runTool("cpc-shard", [compressed("xz", Array("hello\n".utf8)), "-o", folder("none")]).status == 1)
    #expect(try runTool("cpc-split", [folder("c.tar.gz"), "--by", "utterance", "--fraction", "v=0.5"]).status == 1)
  }

  @Test(arguments: ["%.0", "%e0", "%.000E+0", "%0e-1"]) func wholeNumbersMayBeFractions(form: String) throws {
    let lines = try String(decoding: manifest, as: UTF8.self).split(separator: "\n").map { text in
      var line = try #require(try JSON(parsing: String(text)).objectValue)
      for key in ["samples", "rate"] { line[key] = .number(form.replacing("%", with: line[key]!.compact)) }
      line["offset"] = .number("0.0")
      return JSON.object(line).compact + "\n"
    }
    try File.writing(folder("f.jsonl")).write(lines.joined())
    _ = try good("cpc-shard", [folder("f.jsonl"), "-o", folder("d")])
    try requireSame("d")
    _ = try good("cpc-shard", [folder("f.jsonl"), "--part", "0/1", "-o", folder("p0")])
    let split = try good("cpc-split", [folder("f.jsonl"), "--by", "utterance", "--fraction", "valid=0.5"])
    #expect(split.text.split(separator: "\n").allSatisfy { $0.contains("\"rate\":16000,") })
    for bad in ["93680.5", "1e30", "0.0", "-1.0", "true"] {
      let text = lines[0].replacing(/"samples":[^,]*/, with: "\"samples\":\(bad)")
      let result = try runTool(
        "cpc-shard", ["-", "--root", folder.path, "-o", folder("none")], input: Array(text.utf8))
      #expect(result.status == 1 && result.messages.contains("'samples'"), "\(bad): \(result.messages)")
    }
  }

  /// A byte order mark, and the line ends of three systems, in every text file.
  @Test(arguments: ["\n", "\r\n", "\r"]) func marksAndLineEnds(end: String) throws {
    func write(_ path: String, _ lines: [String], mark: Bool = true) throws {
      try Folder.create(Folder.parent(of: folder(path)))
      try File.writing(folder(path)).write((mark ? "\u{feff}" : "") + lines.map { $0 + end }.joined())
    }
    let text = String(decoding: manifest, as: UTF8.self).split(separator: "\n").map { String($0) }
    try write("x.jsonl", text)
    _ = try good("cpc-shard", [folder("x.jsonl"), "-o", folder("d")])
    try requireSame("d")
    _ = try good("cpc-shard", [folder("x.jsonl"), "--part", "0/1", "-o", folder("p0")])
    try write("list.txt", corpus.utterances.prefix(3).map(\.id) + ["# a comment", ""])
    let split = try good("cpc-split", [folder("x.jsonl"), "--list", "a=\(folder("list.txt"))"])
    #expect(split.messages.contains("a: 3 utterances, 5 without a part"), "\(split.messages)")

    // Transcripts: LibriSpeech's with a tab, a Kaldi folder, a file a text.
    for chapter in Set(corpus.utterances.map { Folder.parent(of: $0.path) }) {
      let mine = corpus.utterances.filter { Folder.parent(of: $0.path) == chapter }
      let name = "corpus/\(chapter)/\(mine[0].speaker)-\(mine[0].chapter).trans.txt"
      try write(name, mine.map { "\($0.id)\t\($0.text.replacing(" ", with: "\t")) " })
    }
    _ = try good("cpc-shard", [corpus.folder, "-o", folder("text")])
    #expect(
      try File.contents(of: folder("text/utterances.jsonl")) == File.contents(of: folder("plain/utterances.jsonl")))
    let wav = corpus.utterances.map { "\($0.id) \(corpus.folder)/\($0.path)" }
    try write("kaldi/wav.scp", wav)
    try write("kaldi/utt2spk", corpus.utterances.map { "\($0.id)\t\($0.speaker)" })
    try write("kaldi/text", corpus.utterances.map { "\($0.id) \($0.text.replacing(" ", with: "\t"))" })
    let kaldi = try good("cpc-scan", [folder("kaldi"), "--layout", "kaldi"]).text.split(separator: "\n")
    #expect(try kaldi.map { try JSON(parsing: String($0))["text"]?.stringValue } == corpus.utterances.map(\.text))
    #expect(try kaldi.map { try JSON(parsing: String($0))["id"]?.stringValue } == corpus.utterances.map(\.id))
    try Folder.create(folder("spk/s"))
    try AudioFile.write(corpus.utterances[0].samples, to: folder("spk/s/a.flac"))
    try write("spk/s/a.txt", ["HELLO\tTHERE", "", " YOU "])
    let one = try good("cpc-scan", [folder("spk"), "--layout", "speaker-folders"])
    #expect(try JSON(parsing: one.text)["text"]?.stringValue == "HELLO THERE YOU")

    // Alignments, their symbols, maps and sets; a lexicon.
    let id = corpus.utterances[0].id
    for (name, lines) in [
      ("l.ctm", ["\(id) 1 0 0.1 x"]), ("l.txt", ["\(id) x x"]),
      ("l.jsonl", [#"{"id":"\#(id)","phones":[["x",0,0.1]]}"#]),
    ] {
      try write(name, lines)
      try write("map", ["x S", "y T U"])
      let converted = try good("cpc-align", ["convert", folder(name), "--to", "jsonl", "--phone-map", folder("map")])
      #expect(converted.text.contains("\"S\"") && !converted.text.contains("x"), "\(converted.text)")
      try write("set", ["a", "x"])
      _ = try good("cpc-align", ["compare", folder(name), folder(name), "--phone-set", folder("set")])
    }
    try write(
      "l.TextGrid",
      "\"ooTextFile\" \"TextGrid\" 0 0.1 <exists> 1|\"IntervalTier\" \"phones\" ! comment|0 0.1 1 0 0.1 \"S\"".split(
        separator: "|"
      ).map { String($0) })
    #expect(try good("cpc-align", ["convert", folder("l.TextGrid"), "--to", "jsonl"]).text.contains("[\"S\",0,0.1]"))
    try write("phones.txt", ["<eps> 0", "S\t1"])
    try write("n.txt", ["\(id) 1 1 1"])
    let named = try good(
      "cpc-align", ["convert", folder("n.txt"), "--to", "kaldi", "--kaldi-phones", folder("phones.txt")])
    #expect(named.text == "\(id) 1 1 1\n")
    try write("lexicon", ["UTTERANCE\tS T", "OF AH", "CHAPTER K"])
    let aligned = try runTool(
      "cpc-align", [corpus.folder, "--lexicon", folder("lexicon"), "--iterations", "1", "--context-states", "0"])
    #expect(!aligned.messages.contains("error"), "\(aligned.messages)")
  }

  /// Names whose extensions are in capitals are read.
  @Test func capitalsInExtensions() throws {
    try Folder.create(folder("c/84/84100"))
    let utterance = corpus.utterances[4]
    #expect(utterance.speaker == "84" || utterance.speaker == "1272")
    let (speaker, chapter) = (utterance.speaker, utterance.chapter)
    try Folder.create(folder("c/\(speaker)/\(chapter)"))
    try AudioFile.write(utterance.samples, to: folder("c/\(speaker)/\(chapter)/\(utterance.id).FLAC"))
    try File.writing(folder("c/\(speaker)/\(chapter)/\(speaker)-\(chapter).TRANS.TXT")).write("\(utterance.id) HELLO\n")
    try File.writing(folder("c/speakers.txt")).write("\(speaker) | F | test | 1.5 | Somebody\n")
    _ = try good("cpc-shard", [folder("c"), "-o", folder("d")])
    let list = String(decoding: try File.contents(of: folder("d/utterances.jsonl")), as: UTF8.self)
    #expect(list.contains("\"id\":\"\(utterance.id)\"") && list.contains("\"text\":\"HELLO\""), "\(list)")
    #expect(String(decoding: try File.contents(of: folder("d/dataset.json")), as: UTF8.self).contains("Somebody"))
    try Folder.create(folder("s/a"))
    try AudioFile.write(utterance.samples, to: folder("s/a/x.WAV"), format: .wav)
    try File.writing(folder("s/a/x.TXT")).write("HELLO\n")
    try Folder.create(folder("g/a"))
    try File.writing(folder("g/a/x.TEXTGRID")).write(
      "\"ooTextFile\" \"TextGrid\" 0 0.1 <exists> 1 \"IntervalTier\" \"phones\" 0 0.1 1 0 0.1 \"S\"\n"
        .replacing("0.1", with: "\(Double(utterance.samples.count) / 16_000)"))
    let made = try good(
      "cpc-shard", [folder("s"), "--layout", "speaker-folders", "--phones", folder("g"), "-o", folder("e")])
    #expect(!made.messages.contains("without transcript"), "\(made.messages)")
    #expect(try PhoneRows.classes(folder("e"), "phones")[0].first == 2)
  }
}
