import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// The same speech in every layout and container gives the same records.
@Suite struct LayoutTests {
  private let folder: TemporaryFolder
  private let relaid: RelaidCorpus

  init() throws {
    folder = try TemporaryFolder()
    relaid = RelaidCorpus(try makeCorpus(folder("librispeech")))
  }

  /// Shards an input and compares every utterance with what went into it.
  private func expect(
    _ input: String, _ arguments: [String], hasText: Bool = true, comment: Comment? = nil,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let output = folder("out")
    let result = try runTool("cpc-shard", [input, "-o", output, "--force"] + arguments)
    #expect(result.status == 0, "\(result.messages)", sourceLocation: sourceLocation)
    let found = try utterances(of: output)
    #expect(found.count == relaid.utterances.count, comment, sourceLocation: sourceLocation)
    for (expected, (line, samples)) in zip(relaid.utterances, found) {
      #expect(samples == expected.samples, comment, sourceLocation: sourceLocation)
      #expect(line.group == expected.speaker, comment, sourceLocation: sourceLocation)
      #expect(line.text == (hasText ? expected.text : nil), comment, sourceLocation: sourceLocation)
    }
    // And by way of a manifest.
    let manifest = folder("m.jsonl")
    // A Kaldi folder's paths are looked for where --root says, and written so.
    let scan = try runTool("cpc-scan", [input, "-o", manifest, "--force"] + arguments)
    #expect(scan.status == 0, "\(scan.messages)", sourceLocation: sourceLocation)
    #expect(scan.messages.contains("without transcript") != hasText, sourceLocation: sourceLocation)
    let root = arguments.firstIndex(of: "--root").map { ["--root", arguments[$0 + 1]] } ?? []
    #expect(
      try runTool("cpc-shard", [manifest, "-o", folder("again"), "--force"] + root).status == 0,
      sourceLocation: sourceLocation)
    #expect(
      try Card.read(folder: output).shards.map(\.digest) == Card.read(folder: folder("again")).shards.map(\.digest),
      sourceLocation: sourceLocation)
  }

  @Test func librispeech() throws { try expect(folder("librispeech"), []) }

  @Test func speakerFolders() throws {
    try relaid.writeSpeakerFolders(folder("sf"))
    let layout = ["--layout", "speaker-folders"]
    try expect(folder("sf"), layout + ["--below", "."])
    let files = try members(folder("sf"))
    let below = files.map { ArchiveFile.Member("corpus/wav/" + $0.path, $0.bytes) }
    for (name, format, compression) in [
      ("a.tar", .ustar, .none), ("b.tar.gz", .pax, .gzip), ("c.zip", .zip, .none),
    ] as [(String, ArchiveFile.Format, ArchiveFile.Compression)] {
      try ArchiveFile.write(files, to: folder(name), format: format, compression: compression)
      try expect(folder(name), layout + ["--below", "."], comment: "\(name)")
      try ArchiveFile.write(below, to: folder("deep-\(name)"), format: format, compression: compression)
      try expect(folder("deep-\(name)"), layout + ["--below", "corpus/wav"], comment: "\(name)")
    }
    for input in ["sf", "a.tar"] {
      let unclear = try runTool("cpc-shard", [folder(input), "-o", folder("x")] + layout)
      #expect(unclear.status == 64 && unclear.messages.contains("--below 1272"), "\(unclear.messages)")
      #expect(Folder.kind(of: folder("x")) == nil)
    }
    let elsewhere = try runTool("cpc-shard", [folder("sf"), "-o", folder("x"), "--below", "wav"] + layout)
    #expect(elsewhere.status == 1 && elsewhere.messages.contains("looked for in --below wav"))
  }

  @Test func vctk() throws {
    let samples = SpeechCorpus.speech(count: 30_000, seed: 3)
    try Folder.create(folder("v/wav48_silence_trimmed/p225"))
    try Folder.create(folder("v/txt/p225"))
    for microphone in ["mic1", "mic2"] {
      try AudioFile.write(samples, to: folder("v/wav48_silence_trimmed/p225/p225_001_\(microphone).flac"))
    }
    try File.writing(folder("v/txt/p225/p225_001.txt")).write("Please call\nStella.\n")
    try ArchiveFile.write(try members(folder("v")), to: folder("v.zip"), format: .zip)
    for input in ["v", "v.zip"] {
      let result = try runTool(
        "cpc-shard",
        [folder(input), "--layout", "speaker-folders", "--below", "wav48_silence_trimmed", "-o", folder("d-\(input)")])
      #expect(result.status == 0, "\(result.messages)")
      let found = try utterances(of: folder("d-\(input)"))
      #expect(found.map(\.line.id) == ["p225/p225_001_mic1", "p225/p225_001_mic2"])
      #expect(found.allSatisfy { $0.line.text == "Please call Stella." && $0.line.group == "p225" })
      #expect(found.allSatisfy { $0.samples == samples })
    }
  }

  @Test func libriLight() throws {
    try relaid.writeLibriLight(folder("ll"))
    let layout = ["--layout", "libri-light"]
    try expect(folder("ll"), layout, hasText: false)
    let files = try members(folder("ll"))
    // In an archive the JSON may stand before its recording or after it.
    for (name, order) in [("a.tar", files), ("b.tar.gz", files.reversed()), ("c.zip", files)] {
      try ArchiveFile.write(
        order, to: folder(name), format: name == "c.zip" ? .zip : .ustar,
        compression: name == "b.tar.gz" ? .gzip : .none)
      let result = try runTool("cpc-shard", [folder(name), "-o", folder("d-\(name)")] + layout)
      #expect(result.status == 0, "\(result.messages)")
      let found = try utterances(of: folder("d-\(name)"))
      #expect(found.count == relaid.utterances.count)
      for chapter in Set(relaid.utterances.map(\.chapter)) {
        #expect(
          found.filter { $0.line.session == chapter }.map(\.samples)
            == relaid.utterances.filter { $0.chapter == chapter }.map(\.samples), "\(name)")
      }
    }
    // Without JSON, whole files.
    try ArchiveFile.write(files.filter { $0.path.hasSuffix(".flac") }, to: folder("w.tar"))
    #expect(try runTool("cpc-shard", [folder("w.tar"), "-o", folder("w")] + layout).status == 0)
    #expect(try utterances(of: folder("w")).map(\.line.id).first == "1272/1272100/rec")
  }

  @Test func kaldi() throws {
    try relaid.writeKaldi(folder("data"), root: folder.path)
    try expect(folder("data"), ["--layout", "kaldi", "--root", folder.path])
    // Without segments an utterance is a recording.
    #expect(unlink(folder("data/segments")) == 0 && unlink(folder("data/text")) == 0)
    try File.writing(folder("data/utt2spk")).write("1272-1272100 1272\n1272-1272101 1272\n")
    let lines = String(decoding: try File.contents(of: folder("data/wav.scp")), as: UTF8.self).split(separator: "\n")
    try File.writing(folder("data/wav.scp")).write(lines.prefix(2).joined(separator: "\n") + "\n")
    let result = try runTool("cpc-scan", ["data", "--layout", "kaldi"], in: folder.path)
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.text.hasPrefix(#"{"id":"1272-1272100","source":"audio/1272-1272100.wav","group":"1272","samples":"#))
  }

  @Test func wrongLayoutNamesTheRightOne() throws {
    try relaid.writeSpeakerFolders(folder("sf"))
    try relaid.writeLibriLight(folder("ll"))
    try relaid.writeKaldi(folder("data"), root: folder.path)
    for (input, layout) in [("ll", "libri-light"), ("data", "kaldi"), ("sf", "speaker-folders")] {
      let result = try runTool("cpc-shard", [folder(input), "-o", folder("x-\(input)")])
      #expect(result.status == 1)
      #expect(result.messages.contains("it looks like --layout \(layout)"), "\(result.messages)")
    }
    let kaldi = try runTool("cpc-shard", [folder("sf"), "--layout", "kaldi", "-o", folder("x")])
    #expect(kaldi.status == 1 && kaldi.messages.contains("no wav.scp") && kaldi.messages.contains("speaker-folders"))
    #expect(try runTool("cpc-shard", [folder("sf"), "--below", "x", "-o", folder("x")]).status == 64)
    try ArchiveFile.write(try members(folder("ll")), to: folder("ll.tar"))
    #expect(try runTool("cpc-scan", [folder("ll.tar"), "--layout", "kaldi"]).status == 64)
  }

  @Test func ofManyFilesThatDoNotFitSomeAreNamed() throws {
    try Folder.create(folder("wrong"))
    try Folder.create(folder("wrong/p225"))
    for i in 0..<20 { try File.writing(folder("wrong/p225/\(i).wav")).write("RIFF") }
    let result = try runTool("cpc-shard", [folder("wrong"), "-o", folder("x")])
    #expect(result.status == 1)
    let lines = result.messages.split(separator: "\n")
    #expect(lines.count == 7, "\(result.messages)")
    #expect(lines.dropLast(2).allSatisfy { $0.hasPrefix("skipped: ") && $0.contains(".wav: ") })
    #expect(lines.dropLast().last == "skipped: 15 more files or lines")
    #expect(lines.last?.contains("it looks like --layout speaker-folders") == true)
  }

  @Test func severalCorporaStayApart() throws {
    try relaid.writeKaldi(folder("data"), root: folder.path)
    #expect(
      try runTool("cpc-scan", [folder("data"), "--layout", "kaldi", "--root", folder.path, "-o", folder("k.jsonl")])
        .status == 0)
    let inputs = [folder("librispeech"), folder("k.jsonl")]
    let clash = try runTool("cpc-shard", inputs + ["-o", folder("clash")])
    #expect(clash.status == 1)
    #expect(clash.messages.contains("duplicate utterance id") && clash.messages.contains("--prefix-groups"))
    let apart = try runTool("cpc-shard", inputs + ["-o", folder("apart"), "--prefix-groups"])
    #expect(apart.status == 0, "\(apart.messages)")
    let found = try utterances(of: folder("apart"))
    let expected = relaid.utterances
    #expect(
      found.map(\.line.id) == expected.map { "librispeech/\($0.id)" } + expected.map { "k/\($0.id)" })
    #expect(
      found.map(\.line.group) == expected.map { "librispeech/\($0.speaker)" } + expected.map { "k/\($0.speaker)" })
    #expect(found.map(\.samples) == expected.map(\.samples) + expected.map(\.samples))
    #expect(found.map(\.line.text) == expected.map(\.text) + expected.map(\.text))
    #expect(try Card.read(folder: folder("apart")).facts["groups"]?.arrayValue?.first?["sex"]?.stringValue == "F")
    let twice = try runTool("cpc-shard", [inputs[0], inputs[0], "-o", folder("x"), "--prefix-groups"])
    #expect(twice.status == 64 && twice.messages.contains("called 'librispeech' too"))
    #expect(symlink("librispeech", folder("other")) == 0)
    let linked = try runTool("cpc-scan", [inputs[0], folder("other"), "--prefix-groups"])
    #expect(linked.status == 0 && linked.text.contains("\"group\":\"other/19\""), "\(linked.messages)")
    let manifests = try runTool("cpc-shard", [folder("k.jsonl"), folder("k.jsonl"), "-o", folder("y")])
    #expect(manifests.status == 1 && manifests.messages.contains("the first is in \(folder("k.jsonl"))"))
  }

  @Test func anEmptyInputAmongOthersIsNamed() throws {
    try Folder.create(folder("empty"))
    let (corpus, empty) = (folder("librispeech"), folder("empty"))
    #expect(try runTool("cpc-shard", [corpus, "-o", folder("one/d")]).status == 0)
    for (name, inputs) in [("first/d", [empty, corpus]), ("last/d", [corpus, empty])] {
      let result = try runTool("cpc-shard", inputs + ["-o", folder(name)])
      #expect(result.status == 1 && result.messages.contains("skipped: \(empty): empty corpus"), "\(result.messages)")
      #expect(
        try Card.read(folder: folder(name)).shards.map(\.digest)
          == Card.read(folder: folder("one/d")).shards.map(\.digest))
      #expect(try runTool("cpc-shard", inputs + ["-o", folder("x"), "--strict"]).status == 1)
    }
    let none = try runTool("cpc-shard", [empty, empty, "-o", folder("x")])
    #expect(none.status == 1 && none.messages.contains("error: \(empty): empty corpus"), "\(none.messages)")
    let dataset = try runTool("cpc-shard", [folder("one/d"), "-o", folder("x")])
    #expect(dataset.status == 1 && dataset.messages.contains("it is a dataset"), "\(dataset.messages)")
  }

  @Test func aSpeakerMayBeCalledLikeAFile() throws {
    try Folder.create(folder("sf/a.au"))
    try AudioFile.write(SpeechCorpus.speech(count: 30_000, seed: 3), to: folder("sf/a.au/x.wav"), format: .wav)
    try ArchiveFile.write(try members(folder("sf")), to: folder("sf.tar"))
    for input in ["sf", "sf.tar"] {
      let result = try runTool("cpc-scan", [folder(input), "--layout", "speaker-folders"])
      #expect(result.status == 0 && result.text.contains("\"group\":\"a.au\""), "\(result.messages)")
    }
  }

  @Test func aRecordingInWhichNobodySpeaksIsNamed() throws {
    try relaid.writeLibriLight(folder("ll"))
    try File.writing(folder("ll/1272/1272100/rec.json")).write("{\"voice_activity\":[]}")
    let result = try runTool("cpc-scan", [folder("ll"), "--layout", "libri-light"])
    #expect(result.status == 1 && result.messages.contains("skipped: 1272/1272100/rec: "), "\(result.messages)")
    #expect(result.messages.contains("nobody speaks in it"))
  }

  @Test func kaldiNamesThatLookAlikeAreDifferent() throws {
    let names = ["\u{e9}", "e\u{301}"]
    try Folder.create(folder("k"))
    for (i, name) in names.enumerated() {
      try AudioFile.write(SpeechCorpus.speech(count: 30_000 + i, seed: 3), to: folder("k/\(i).wav"), format: .wav)
      #expect(name.utf8.count == 2 + i)
    }
    try File.writing(folder("k/wav.scp")).write("\(names[0]) k/0.wav\n\(names[1]) k/1.wav\n")
    try File.writing(folder("k/utt2spk")).write("\(names[0]) a\n\(names[1]) b\n")
    let result = try runTool("cpc-scan", ["k", "--layout", "kaldi"], in: folder.path)
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.text.contains("\"samples\":30000") && result.text.contains("\"samples\":30001"))
  }

  private static let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

  @Test(.enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with real speech"))
  func realSpeechIsTheSameInEveryLayout() throws {
    let archive = try #require(Self.dataFolder) + "/librispeech-dev-clean-16.tar.gz"
    let unpack = try runProcess(
      "/bin/tar", ["-xzf", archive, "-C", folder.path, "--wildcards", "*/dev-clean/1272/*", "*/dev-clean/174/*"])
    #expect(unpack.status == 0, "\(unpack.messages)")
    let real = folder("LibriSpeech/dev-clean")
    let scan = try runTool("cpc-scan", [real])
    let utterances = try scan.text.split(separator: "\n").map { line in
      let line = try #require(try JSON(parsing: Array(line.utf8)).objectValue)
      let id = try #require(line["id"]?.stringValue)
      let path = "\(real)/\(try #require(line["member"]?.stringValue))"
      return RelaidCorpus.Utterance(
        id: id, speaker: try #require(line["group"]?.stringValue), chapter: try #require(line["session"]?.stringValue),
        text: try #require(line["text"]?.stringValue), samples: try AudioFile.read(path).samples)
    }
    #expect(utterances.count > 100)
    let relaid = RelaidCorpus(utterances)
    try relaid.writeSpeakerFolders(folder("sf"))
    try relaid.writeLibriLight(folder("ll"))
    try relaid.writeKaldi(folder("data"), root: folder.path)
    #expect(try runTool("cpc-shard", [real, "-o", folder("real")]).status == 0)
    let digests = try Card.read(folder: folder("real")).shards.map(\.digest)
    for (input, layout) in [("sf", "speaker-folders"), ("ll", "libri-light"), ("data", "kaldi")] {
      let below = input == "sf" ? ["--below", "."] : []
      let result = try runTool(
        "cpc-shard", [folder(input), "--layout", layout, "--root", folder.path, "-o", folder("d-\(input)")] + below)
      #expect(result.status == 0, "\(result.messages)")
      // Whole shards: samples, starts, groups and checksums.
      #expect(try Card.read(folder: folder("d-\(input)")).shards.map(\.digest) == digests, "\(layout)")
    }
  }
}
