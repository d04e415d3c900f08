import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Parts, merges and interrupted runs of manifests whose audio changes in between: nothing stale stays, nothing good is
/// given up for what cannot be made.
@Suite struct RemadeTests {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus
  private let flags = ["--shard-records", "4"]

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84, 61], utterancesPerChapter: 6, lengths: [45_000, 20_480, 61_440, 39_000])
    #expect(try runTool("cpc-scan", [corpus.folder, "-o", folder("m.jsonl")]).status == 0)
  }

  private func audio(_ utterance: Int) -> String { "\(corpus.folder)/\(corpus.utterances[utterance].path)" }

  private func shard(_ arguments: [String], manifest: String = "m.jsonl") throws -> ToolResult {
    try runTool("cpc-shard", [folder(manifest)] + flags + arguments)
  }

  private func part(_ number: Int, _ more: [String] = []) throws -> ToolResult {
    try shard(["--part", "\(number)/2", "-o", folder("p\(number)")] + more)
  }

  private func merge(_ output: String, _ more: [String] = []) throws -> ToolResult {
    try runTool(
      "cpc-shard",
      ["merge", folder("m.jsonl")] + flags + ["-o", folder(output)] + more + ["--parts", folder("p0"), folder("p1")])
  }

  private func lastShard(of part: String) throws -> String {
    let name = try #require(try Folder.names(in: folder("\(part)/shards")).last)
    return folder("\(part)/shards/\(name)")
  }

  private func damage(_ path: String) throws {
    var bytes = try File.contents(of: path)
    bytes[bytes.count / 2] ^= 1
    try File.writing(path).write(bytes)
  }

  @Test func aMergeThatGoesOnTakesWhatTheRemadePartsHold() throws {
    let good = try File.contents(of: audio(0))
    try AudioFile.write([Int16](repeating: 0, count: corpus.utterances[0].samples.count), to: audio(0))
    #expect(rename(audio(1), folder("away")) == 0)
    #expect(try part(0).status == 1)
    #expect(try part(1).status == 0)
    try damage(try lastShard(of: "p1"))
    let refused = try merge("m/d")
    #expect(refused.status == 1 && refused.messages.contains("make part 1/2 again"), "\(refused.messages)")
    try File.writing(audio(0)).write(good)
    #expect(rename(folder("away"), audio(1)) == 0)
    for number in 0..<2 { #expect(try part(number, ["--force"]).status == 0) }
    let merged = try merge("m/d")
    #expect(merged.status == 0 && !merged.messages.contains("skipped"), "\(merged.messages)")
    #expect(try shard(["-o", folder("w/d")]).status == 0)
    #expect(try tree(folder("m/d")) == tree(folder("w/d")))
  }

  @Test func aMergeNamesThePartOfAnotherManifest() throws {
    for number in 0..<2 { #expect(try part(number).status == 0) }
    let text = String(decoding: try File.contents(of: folder("m.jsonl")), as: UTF8.self)
    try File.writing(folder("m.jsonl")).write(
      text.replacing("\"id\":\"\(corpus.utterances[0].id)\"", with: "\"id\":\"x\""))
    let refused = try merge("d")
    #expect(refused.status == 1, "\(refused.messages)")
    #expect(refused.messages.contains("\(folder("p0")): ") && refused.messages.contains("make part 0/2 again"))
    #expect(try part(0, ["--force"]).status == 0)
    #expect(try merge("d").status == 0)
  }

  @Test func whatIsThereStaysUntilPartsAndInputsAreKnownToBeGood() throws {
    for number in 0..<2 { #expect(try part(number).status == 0) }
    #expect(try shard(["-o", folder("d")]).status == 0)
    let (parts, dataset) = (try [0, 1].map { try tree(folder("p\($0)")) }, try tree(folder("d")))
    // A part is no place for the whole.
    let onto = try merge("p0", ["--force"])
    #expect(onto.status == 64 && onto.messages.contains("it is part 0/2"), "\(onto.messages)")
    #expect(try part(0, ["--force", "--root", folder("nowhere")]).status == 64)
    #expect(try [0, 1].map { try tree(folder("p\($0)")) } == parts)
    try damage(try lastShard(of: "p1"))
    #expect(try merge("d", ["--force"]).status == 1)
    let text = String(decoding: try File.contents(of: folder("m.jsonl")), as: UTF8.self)
    try File.writing(folder("bad.jsonl")).write("{\"id\":\n" + text)
    #expect(try shard(["-o", folder("d"), "--force", "--strict"], manifest: "bad.jsonl").status == 1)
    #expect(try tree(folder("d")) == dataset)
  }

  @Test func prefixesAreThoseOfOneRun() throws {
    let prefix = ["--prefix-groups"]
    for number in 0..<2 { #expect(try part(number, prefix).status == 0) }
    let merged = try merge("m/d", prefix)
    #expect(merged.status == 0, "\(merged.messages)")
    #expect(try shard(["-o", folder("w/d")] + prefix).status == 0)
    #expect(try tree(folder("m/d")) == tree(folder("w/d")))
    #expect(try Card.read(folder: folder("m/d")).groups == ["m/61", "m/84"])
  }

  /// Files that come back are read when a run goes on; what it had decoded stays.
  @Test func aCuredFileIsReadWhenARunGoesOn() throws {
    let last = corpus.utterances.count - 1
    #expect(rename(audio(0), folder("away")) == 0)
    let tool = try toolPath("cpc-shard")
    let arguments = "- -o \"\(folder("k/d"))\" --root \"\(folder.path)\" --threads 4 \(flags.joined(separator: " "))"
    // The manifest stops before its last lines, and the run with it.
    let script = """
      mkdir "\(folder("k"))"; mkfifo "\(folder("pipe"))"; sleep 100 > "\(folder("pipe"))" & holder=$!
      "\(tool)" \(arguments) < "\(folder("pipe"))" & sharder=$!
      head -n \(last) "\(folder("m.jsonl"))" > "\(folder("pipe"))"
      for i in $(seq 400); do ls "\(folder("k/d"))"/shards/00002.* && break; sleep 0.05; done
      kill -9 $sharder $holder; wait
      """
    _ = try runProcess("/bin/bash", ["-c", script])
    #expect(Folder.kind(of: folder("k/d/\(Card.fileName)")) == nil)
    #expect(Folder.kind(of: folder("k/d/shards/00001.safetensors")) == .file)
    #expect(rename(folder("away"), audio(0)) == 0)
    func run(_ output: String) throws -> ToolResult {
      try runTool(
        "cpc-shard", ["-", "-o", folder(output), "--root", folder.path] + flags,
        input: File.contents(of: folder("m.jsonl")))
    }
    let rerun = try run("k/d")
    #expect(rerun.status == 0 && rerun.messages.contains("reused"), "\(rerun.messages)")
    #expect(try run("w/d").status == 0)
    #expect(try tree(folder("k/d")) == tree(folder("w/d")))
  }

  /// What a stopped run has made of a file is not taken for what the file holds now.
  @Test(arguments: ["folder", "archive", "manifest", "manifest of an archive"])
  func aFileThatChangesBeforeARunGoesOnIsReadAgain(input: String) throws {
    let source = input.contains("archive") ? folder("c.tar") : corpus.folder
    let bad = corpus.utterances.count - 1
    let good = try File.contents(of: audio(bad))
    func pack() throws {
      guard input.contains("archive") else { return }
      #expect(
        try runProcess("/bin/tar", ["--sort=name", "-cf", source, "test", "SPEAKERS.TXT"], in: corpus.folder).status
          == 0)
    }
    try pack()
    if input.begins(with: "manifest") {
      #expect(try runTool("cpc-scan", [source, "-o", folder("in.jsonl")]).status == 0)
    }
    func run(_ output: String) throws -> ToolResult {
      let corpus = input.begins(with: "manifest") ? folder("in.jsonl") : source
      return try runTool("cpc-shard", [corpus, "-o", folder(output), "--strict", "--threads", "2"] + flags)
    }
    try File.writing(audio(bad)).write(good.dropLast(good.count / 2))
    try pack()
    #expect(try run("k/d").status == 1)
    #expect(Folder.kind(of: folder("k/d/shards/00001.safetensors")) == .file)
    // Of the same length, as somebody who mends a recording may leave it.
    try File.writing(audio(bad)).write(good)
    let sound = try AudioFile.read(audio(0)).samples
    try AudioFile.write(sound.reversed(), to: audio(0))
    try pack()
    let again = try run("k/d")
    #expect(again.status == 0, "\(again.messages)")
    #expect(again.messages.contains("have changed since the interrupted run"), "\(again.messages)")
    #expect(again.messages.contains("reused"), "\(again.messages)")
    #expect(try run("w/d").status == 0)
    #expect(try tree(folder("k/d")) == tree(folder("w/d")))
  }

  /// A run of a manifest that its last file stops, and what happens before it is started again.
  @Test(arguments: ["nothing", "stamps lost", "stamps torn", "files away", "files touched", "a pipe", "a part"])
  func whatIsUnchangedIsKept(what: String) throws {
    let (bad, isPart) = (corpus.utterances.count - 1, what == "a part")
    let good = try File.contents(of: audio(bad))
    func run(_ output: String, strict: Bool = true) throws -> ToolResult {
      let flags =
        flags + ["--root", folder.path] + (strict ? ["--strict"] : []) + (isPart ? ["--part", "0/1"] : [])
      guard what == "a pipe" else {
        return try runTool("cpc-shard", [folder("m.jsonl"), "-o", folder(output)] + flags)
      }
      return try runTool("cpc-shard", ["-", "-o", folder(output)] + flags, input: File.contents(of: folder("m.jsonl")))
    }
    try File.writing(audio(bad)).write(good.dropLast(good.count / 2))
    #expect(try run("k/d").status == 1)
    let shards = folder("k/d/shards")
    // The same file, not another of the same content.
    func times() throws -> [String: String] {
      var times: [String: String] = [:]
      for name in try Folder.names(in: shards) { times[name] = File.stamp(of: "\(shards)/\(name)") }
      return times
    }
    let made = try times().filter { !$0.key.hasSuffix(".partial") }
    #expect(made.count >= 2)
    try File.writing(audio(bad)).write(good)
    let stamps = folder("k/d/.cpc-shard/stamps")
    switch what {
    case "stamps lost": #expect(unlink(stamps) == 0)
    case "stamps torn":
      let bytes = try File.contents(of: stamps)
      try File.writing(stamps).write(bytes.dropLast(5))
    case "files away": #expect(rename(corpus.folder, folder("away")) == 0)
    case "files touched", "a pipe":
      #expect(try runProcess("/usr/bin/touch", ["-d", "2001-02-03", audio(0)]).status == 0)
    default: break
    }
    let again = try run("k/d", strict: what != "files away")
    // What is away cannot be made, and what was made of it stays.
    if what == "files away" {
      #expect(again.status == 1 && again.messages.contains("reused \(made.count) shards"), "\(again.messages)")
      return
    }
    if what == "a pipe" {
      #expect(again.status == 1 && again.messages.contains("run the same command again"), "\(again.messages)")
    }
    let last = what == "a pipe" ? try run("k/d") : again
    #expect(last.status == 0, "\(last.messages)")
    let kept = try times().filter { made[$0.key] == $0.value }.count
    switch what {
    case "stamps lost": #expect(kept == 0)
    case "stamps torn", "files touched", "a pipe": #expect(kept == made.count - 1, "\(last.messages)")
    default: #expect(kept == made.count, "\(last.messages)")
    }
    #expect(try run("w/d").status == 0)
    #expect(try tree(folder("k/d")) == tree(folder("w/d")))
  }

  @Test func aFinishedPartTellsAgainWhatItTold() throws {
    #expect(rename(audio(0), folder("away")) == 0)
    let first = try part(0, ["--json"])
    #expect(rename(folder("away"), audio(0)) == 0)
    let again = try part(0, ["--json"])
    #expect(first.status == 1 && again.status == 1)
    for result in [first, again] {
      #expect(result.messages.contains("skipped: \(corpus.utterances[0].id): "), "\(result.messages)")
    }
    #expect(again.messages.contains("finished already; --force makes it again"))
    #expect(again.text == first.text && first.text.contains("\"padded_records\":"))
    #expect(!first.text.contains("\"padded_records\":0,"))
    #expect(try part(0, ["--force"]).status == 0)
  }

  @Test(.enabled(if: SmallDisk.mayMount, "no mount namespace here, so no small file system"))
  func partsThatMustBeCopiedNeedSpace() throws {
    for number in 0..<2 { #expect(try part(number).status == 0) }
    let tool = try toolPath("cpc-shard")
    let script = """
      mount -t tmpfs -o size=200k none /mnt || exit 99
      "\(tool)" merge "\(folder("m.jsonl"))" -o /mnt/d \(flags.joined(separator: " ")) --parts "\(folder("p0"))" "\(folder("p1"))"
      ls -A /mnt
      """
    let result = try runProcess("/usr/bin/unshare", ["-rm", "/bin/bash", "-c", script])
    #expect(result.messages.contains("the disk is too small: at least 2 MiB are needed, 0 MiB are free"))
    #expect(result.text == "" && result.status == 0, "\(result.messages)")
  }
}
