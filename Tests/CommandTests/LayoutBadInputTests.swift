import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// What only one layout can get wrong: its tables and its JSON. Bad files: see ``ZooTests``.
@Suite struct LayoutBadInputTests {
  private let folder: TemporaryFolder
  private let speech = SpeechCorpus.speech(count: 30_000, seed: 9)

  init() throws { folder = try TemporaryFolder() }

  private func encode(_ format: AudioFile.Format, rate: Int = 16_000, channels: Int = 1) throws -> [UInt8] {
    try AudioFile.encode(speech, format: format, rate: rate, channels: channels)
  }

  /// Runs at two thread counts and expects each of `bad` (name or id, reason) to be named and nothing else.
  private func expect(
    _ arguments: [String], good: [String], bad: [(name: String, reason: String)],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    var contents: [[String: [UInt8]]] = []
    for threads in ["1", "5"] {
      let output = folder("out")
      let result = try runTool("cpc-shard", arguments + ["-o", output, "--force", "--threads", threads])
      #expect(result.status == 1, sourceLocation: sourceLocation)
      // A transcript without audio is a warning.
      let lines = result.messages.replacing("cpc-shard: warning: ", with: "skipped: ").split(separator: "\n")
        .filter { $0.hasPrefix("skipped: ") }
      #expect(lines.count == bad.count, "\(result.messages)", sourceLocation: sourceLocation)
      for (name, reason) in bad {
        #expect(
          lines.contains { $0.contains(name) && $0.contains(reason) }, "\(name): \(reason)\n\(result.messages)",
          sourceLocation: sourceLocation)
      }
      let found = try utterances(of: output)
      #expect(
        found.filter { $0.line.rows > 0 }.map(\.line.id).sorted() == good.sorted(), sourceLocation: sourceLocation)
      #expect(try Card.read(folder: output).facts["counts"]?["skipped"]?.intValue == bad.count)
      contents.append(try content(output))
    }
    #expect(contents[0] == contents[1], sourceLocation: sourceLocation)
  }

  private func cut(_ bytes: [UInt8]) -> [UInt8] { Array(bytes[..<(bytes.count * 2 / 3)]) }

  @Test func libriLight() throws {
    try Folder.create(folder("ll/1/b"))
    func write(_ name: String, _ audio: [UInt8], _ json: String) throws {
      try File.writing(folder("ll/1/b/\(name).flac")).write(audio)
      try File.writing(folder("ll/1/b/\(name).json")).write(json)
    }
    let flac = try encode(.flac)
    try write("a", flac, #"{"voice_activity":[[0,0.5],[0.5,1.5],[1.6,1.60001],[1.7,9]]}"#)
    try write("b", flac, "{broken")
    try write("c", flac, #"{"voice_activity":[[0.5,0.4]]}"#)
    try write("d", cut(flac), #"{"voice_activity":[[0,0.5],[1.5,1.8]]}"#)
    try write("e", flac, "{}")
    try File.writing(folder("ll/1/b/f.wav")).write(try encode(.wav))
    try expect(
      [folder("ll"), "--layout", "libri-light"], good: ["1/b/a-0000", "1/b/a-0001", "1/b/d-0000", "1/b/e"],
      bad: [
        ("a-0002", "an empty piece"), ("a-0003", "after the end of the audio"), ("1/b/b", "not JSON"),
        ("1/b/c", "'voice_activity[0]'"), ("d-0001", "cut short"), ("f.wav", "does not fit the layout"),
      ])
    // A JSON that comes when its recording has gone.
    let flacs = ["a", "e"].map { ArchiveFile.Member("1/b/\($0).flac", flac) }
    let late = ArchiveFile.Member("1/b/a.json", Array(#"{"voice_activity":[[0,1]]}"#.utf8))
    try ArchiveFile.write(flacs + [late], to: folder("ll.tar"))
    try expect(
      [folder("ll.tar"), "--layout", "libri-light"], good: ["1/b/a", "1/b/e"], bad: [("a.json", "comes too late")])
  }

  @Test func kaldi() throws {
    try Folder.create(folder("data"))
    try AudioFile.write(speech, to: folder("a.wav"), format: .wav)
    try AudioFile.write(speech, to: folder("slow.wav"), format: .wav, rate: 8_000)
    try File.writing(folder("cut.wav")).write(cut(try encode(.wav)))
    func table(_ name: String, _ lines: [String]) throws {
      try File.writing(folder("data/\(name)")).write(lines.joined(separator: "\n") + "\n")
    }
    try table(
      "wav.scp",
      [
        "a a.wav", "cut cut.wav", "slow slow.wav", "gone gone.wav", "pipe sph2pipe -f wav x.sph -t 1:2 |",
        "a again.wav",
        "ark data.ark:123", "bare",
      ])
    let segments = [
      ("u1", "a 0 1"), ("u2", "a 1.0 -1"), ("u3", "a 1 9"), ("u4", "a x 2"), ("u5", "nowhere 0 1"), ("u6", "cut 0 1"),
      ("u7", "slow 0 1"), ("u8", "gone 0 1"), ("u9", "pipe 0 1"), ("v0", "a 0 1"), ("v1", "ark 0 1"),
      ("v2", "bare 0 1"),
      ("v3", "a 0 2.3"), ("v4", "a 1 0.5"),
    ]
    try table("segments", segments.map { "\($0.0) \($0.1)" })
    try table("utt2spk", segments.map(\.0).filter { $0 != "v0" }.map { "\($0) s" })
    try table("text", ["u1 HELLO", "nobody WORLD"])
    try expect(
      [folder("data"), "--layout", "kaldi", "--root", folder.path], good: ["u1", "u2", "v3"],
      bad: [
        ("wav.scp: line 6", "'a' again"), ("u3", "after the end"),
        ("u4", "not 'UTTERANCE RECORDING BEGIN END [CHANNEL]'"),
        ("u5", "'nowhere' is not in wav.scp"), ("u6", "cut short"), ("u7", "--resample 16000"),
        ("u8", "gone.wav cannot be opened"), ("u9", "is a command (sph2pipe -f wav x.sph -t 1:2 |)"),
        ("v0", "no speaker in utt2spk"), ("v1", "places in Kaldi archives"), ("v2", "has no file"),
        ("v4", "not 'UTTERANCE RECORDING BEGIN END [CHANNEL]'"), ("nobody", "a transcript without audio"),
      ])
    let found = try utterances(of: folder("out")).filter { $0.line.rows > 0 }
    // Up to half a second beyond the end is cut off.
    #expect(found.map(\.samples) == [Array(speech[..<16_000]), Array(speech[16_000...]), speech])
    for missing in ["utt2spk", "wav.scp"] {
      try Folder.remove(file: folder("data/\(missing)"))
      let result = try runTool("cpc-shard", [folder("data"), "--layout", "kaldi", "-o", folder("x")])
      #expect(result.status == 1 && result.messages.contains("no \(missing)"))
    }
  }

  @Test func manifestsOfConvertedAudio() throws {
    try Folder.create(folder("corpus/s"))
    try AudioFile.write(speech, to: folder("corpus/s/a.wav"), format: .wav, rate: 48_000, channels: 2)
    // cpc-scan refuses no rate.
    let scan = try runTool("cpc-scan", ["corpus", "--layout", "speaker-folders"], in: folder.path)
    #expect(
      scan.status == 0
        && scan.text == #"{"id":"s/a","source":"corpus","member":"s/a.wav","group":"s","samples":15000,"rate":48000}"#
          + "\n"
    )
    let arguments = ["-", "-o", folder("d"), "--root", folder.path]
    let refused = try runTool("cpc-shard", arguments, input: scan.output)
    #expect(refused.status == 1 && refused.messages.contains("--resample 16000 --mixdown"))
    let taken = try runTool("cpc-shard", arguments + ["--resample", "16000", "--mixdown"], input: scan.output)
    #expect(taken.status == 0, "\(taken.messages)")
    let line = try #require(try utterances(of: folder("d")).first?.line)
    #expect(line.units == 5_000 && line.rows == 1)
    let card = try Card.read(folder: folder("d"))
    #expect(card.facts["conversion"]?["resample"]?["quality"]?.stringValue == "VHQ")
    #expect(card.facts["command"]?.stringValue?.contains("--resample 16000 --mixdown") == true)
    #expect(try runTool("cpc-inspect", ["verify", folder("d")]).status == 0)
    #expect(try runTool("cpc-shard", arguments + ["--resample", "8000"], input: scan.output).status == 64)
  }

  @Test func conversionIsTheSameAtAnyThreadCount() throws {
    try Folder.create(folder("corpus/s"))
    for i in 0..<40 {
      try AudioFile.write(
        SpeechCorpus.speech(count: (20_000 + 999 * i) * (1 + i % 3), seed: UInt64(i)), to: folder("corpus/s/\(i).flac"),
        rate: [44_100, 48_000, 8_000, 16_000][i % 4], channels: 1 + i % 3)
    }
    let arguments = [folder("corpus"), "--layout", "speaker-folders", "--resample", "16000", "--mixdown"]
    var trees: [[String: [UInt8]]] = []
    for threads in ["1", "2", "7"] {
      let result = try runTool("cpc-shard", arguments + ["-o", folder("d"), "--force", "--threads", threads])
      #expect(result.status == 0, "\(result.messages)")
      trees.append(try tree(folder("d")))
    }
    #expect(trees[0] == trees[1] && trees[0] == trees[2])
  }
}
