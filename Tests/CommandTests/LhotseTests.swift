import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Manifests of lhotse, as it writes them, in and out.
@Suite struct LhotseTests {
  private let folder: TemporaryFolder
  private let left = SpeechCorpus.speech(count: 32_000, seed: 5)
  private let right = SpeechCorpus.speech(count: 32_000, seed: 6)

  init() throws {
    folder = try TemporaryFolder()
    try Folder.create(folder("lh"))
    try AudioFile.write(left, to: folder("m.wav"), format: .wav)
    try AudioFile.write(right, to: folder("n.flac"))
    try AudioFile.write(zip(left, right).flatMap { [$0, $1] }, to: folder("st.wav"), format: .wav, channels: 2)
  }

  private func write(_ name: String, _ lines: String...) throws {
    try Folder.create(folder("lh"))
    let text = Array((lines.joined(separator: "\n") + "\n").utf8)
    try writeAtomically(to: folder("lh/\(name)")) { try $0.write(name.hasSuffix(".gz") ? Gzip.stored(text) : text) }
  }

  private func source(_ path: String, _ channels: String = "[0]", type: String = "file") -> String {
    #"{"type": "\#(type)", "channels": \#(channels), "source": "\#(path)"}"#
  }

  private func recording(_ id: String, _ sources: String, more: String = "") -> String {
    #"{"id": "\#(id)", "sources": [\#(sources)], "sampling_rate": 16000, "num_samples": 32000, "duration": 2.0\#(more)}"#
  }

  private func run(_ tool: String, _ arguments: [String]) throws -> ToolResult {
    try runTool(tool, arguments, in: folder.path)
  }

  @Test func recordingsAndSupervisions() throws {
    try write(
      "c_recordings_train.jsonl.gz", recording("m", source("m.wav"), more: #", "channel_ids": [0]"#),
      recording("st", source("st.wav", "[0, 1]")), recording("two", source("m.wav") + ", " + source("n.flac", "[1]")),
      recording("nobody", source("n.flac")))
    try write(
      "c_supervisions_train.jsonl.gz",
      #"{"id": "m-1", "recording_id": "m", "start": 0.5, "duration": 1.00003, "channel": 0, "text": "ONE  TWO", "language": "English", "speaker": "s1", "gender": "F", "custom": {"age": 40}, "alignment": {"phone": [["SIL", 0.5, 0.3, null], ["AH0", 0.8, 0.7, 0.5]], "word": [["ONE", 0.8, 0.4, null]]}}"#,
      #"{"id": "m-0", "recording_id": "m", "start": 0, "duration": 0.5, "channel": 0, "speaker": "s1"}"#,
      #"{"id": "st-A", "recording_id": "st", "start": 0, "duration": 2.0, "channel": 0, "text": "LEFT"}"#,
      #"{"id": "st-B", "recording_id": "st", "start": 0, "duration": 2.0, "channel": 1, "speaker": "b"}"#,
      #"{"id": "two-1", "recording_id": "two", "start": 0, "duration": 2.0, "channel": 1, "speaker": "c"}"#,
      #"{"id": "gone", "recording_id": "x", "start": 0, "duration": 2.0, "channel": 0}"#,
      #"{"id": "both", "recording_id": "st", "start": 0, "duration": 2.0, "channel": [0, 1]}"#,
      #"{"id": "late", "recording_id": "m", "start": 1.9, "duration": 2.0, "channel": 0}"#, "[]")
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse", "-o", "m.jsonl"])
    for reason in [
      "'x' is not among the recordings", "several channels at once: [0,1]", "'late' is from 1.9 s for 2.0 s",
      "line 9: not a JSON object", "1 recording in no supervision, left out", "4 problems",
    ] { #expect(scan.messages.contains(reason), "\(reason): \(scan.messages)") }
    let lines = try String(decoding: File.contents(of: folder("m.jsonl")), as: UTF8.self).split(separator: "\n")
    #expect(
      lines.first
        == #"{"id":"m-1","source":"m.wav","group":"s1","session":"m","samples":32000,"rate":16000,"text":"ONE  TWO","phones":[["SIL",0,0.3],["AH0",0.3,1]],"offset":8000,"length":16000,"language":"English","gender":"F","age":40,"words":[["ONE",0.3,0.7]]}"#,
      "\(lines.first ?? "")")
    let made = try run("cpc-shard", ["m.jsonl", "-o", "d"])
    #expect(made.status == 0, "\(made.messages)")
    let found = try utterances(of: folder("d"))
    #expect(found.map(\.line.id) == ["m-1", "m-0", "st-A", "st-B", "two-1"])
    #expect(found.map(\.line.group) == ["s1", "s1", "st", "b", "c"])
    #expect(
      found.map(\.samples) == [Array(left[8_000..<24_000]), Array(left[..<8_000]), left, right, right])
    // The same directly.
    #expect(try run("cpc-shard", ["lh", "--layout", "lhotse", "-o", "e"]).status == 1)
    #expect(try utterances(of: folder("e")).map(\.samples) == found.map(\.samples))
    let files = ["lh/c_supervisions_train.jsonl.gz", "lh/c_recordings_train.jsonl.gz"]
    let again = try run("cpc-scan", files + ["--layout", "lhotse"])
    #expect(again.output == (try File.contents(of: folder("m.jsonl"))))
  }

  @Test func cuts() throws {
    func cut(_ id: String, _ start: Double, _ duration: Double, _ supervisions: String, _ recording: String) -> String {
      #"{"id": "\#(id)", "start": \#(start), "duration": \#(duration), "channel": 0, "supervisions": [\#(supervisions)], "recording": \#(recording), "type": "MonoCut"}"#
    }
    func said(_ start: Double, _ duration: Double, _ text: String, _ speaker: String = "s") -> String {
      #"{"id": "x", "recording_id": "m", "start": \#(start), "duration": \#(duration), "channel": 0, "text": "\#(text)", "speaker": "\#(speaker)", "alignment": {"phone": [["AA", \#(start + 0.5), \#(duration)]]}}"#
    }
    let good = recording("m", source("m.wav"))
    try write(
      "cuts.jsonl", cut("c1", 0.5, 1, said(0, 0.5, "A") + ", " + said(0.5, 0.5, "B"), good),
      cut("c2", 0.5, 0.5, said(0, 1, "TOO LONG"), good), cut("c3", 0, 2, "", good),
      cut("c4", 0, 2, said(0, 1, "A") + ", " + said(1, 1, "B", "t"), good), cut("c5", 0, 1, "", "null"),
      cut("c6", 0, 1, "", recording("m", source("cat m.wav", type: "command"))),
      cut("c7", 0, 1, "", recording("m", source("http://x/m.wav", type: "url"))),
      cut(
        "c8", 0, 1, "",
        recording("m", source("m.wav"), more: #", "transforms": [{"name": "Speed", "kwargs": {"factor": 0.9}}]"#)),
      #"{"id": "c9", "tracks": [], "type": "MixedCut"}"#,
      #"{"id": "d0", "duration": 1.0, "sampling_rate": 16000, "feat_value": -1, "type": "PaddingCut"}"#,
      cut("c1", 0, 1, "", good), cut("d1", 0, 1, "", recording("m", source("gone.wav"))),
      cut("d2", 0, 1, "", recording("m", source("st.wav", "[0, 1]"))))
    let scan = try run("cpc-scan", ["lh/cuts.jsonl", "--layout", "lhotse", "-o", "m.jsonl"])
    for reason in [
      "two speakers, s and t", "the cut 'c5' has no recording", "the type 'command'", "the type 'url'",
      "transforms, which are not applied: Speed", "a MixedCut, which is not read", "a PaddingCut, which is not read",
      "duplicate utterance id 'c1'", "gone.wav", "9 problems",
    ] { #expect(scan.messages.contains(reason), "\(reason): \(scan.messages)") }
    #expect(scan.status == 1)
    let lines = try String(decoding: File.contents(of: folder("m.jsonl")), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: Array($0.utf8)) }
    #expect(lines.map { $0["id"]?.stringValue } == ["c1", "c2", "c3", "d2"])
    #expect(lines.map { $0["text"]?.stringValue } == ["A B", nil, nil, nil])
    #expect(lines.map { $0["group"]?.stringValue } == ["s", "s", "m", "m"])
    #expect(
      lines.map { $0["phones"]?.compact }
        == [#"[["AA",0,0.5],["AA",0.5,1]]"#, #"[["AA",0,0.5]]"#, nil, nil])
    #expect(lines.map { $0["channel"]?.intValue } == [nil, nil, nil, 1])
  }

  @Test func whatIsNone() throws {
    try write("r.jsonl", recording("m", source("m.wav")))
    // Without supervisions a recording is an utterance.
    let alone = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    #expect(
      alone.status == 0
        && alone.text == #"{"id":"m","source":"m.wav","group":"m","samples":32000,"rate":16000}"# + "\n",
      "\(alone.text)\(alone.messages)")
    let ours = try run("cpc-shard", ["lh/r.jsonl", "-o", "x"])
    #expect(ours.status == 1 && ours.messages.contains("it looks like --layout lhotse"), "\(ours.messages)")
    let named = try run("cpc-scan", ["lh"])
    #expect(named.status == 1 && named.messages.contains("it looks like --layout lhotse"), "\(named.messages)")
    let file = try run("cpc-scan", ["lh/r.jsonl"])
    #expect(file.status == 64 && file.messages.contains("read it with --layout lhotse"), "\(file.messages)")
    try write("cuts.jsonl", #"{"id": "c", "type": "MonoCut"}"#)
    #expect(try run("cpc-scan", ["lh", "--layout", "lhotse"]).status == 64)
    try write("cuts.jsonl", "")
    try write(
      "r.jsonl",
      #"{"id": "m", "sources": [{"type": "url", "channels": [0], "source": "http://x/m.wav"}], "sampling_rate": 16000, "num_samples": 9, "duration": 1.0}"#
    )
    let refused = try run("cpc-scan", ["lh/r.jsonl", "--layout", "lhotse"])
    #expect(refused.status == 1 && refused.messages.contains("nothing in it can be read"), "\(refused.messages)")
    try Folder.create(folder("empty"))
    let empty = try run("cpc-scan", ["empty", "--layout", "lhotse"])
    #expect(empty.status == 1 && empty.messages.contains("empty corpus"), "\(empty.messages)")
  }

  @Test func outAndInAgain() throws {
    try File.writing(folder("m.jsonl")).write(
      #"{"id":"s/a","source":"m.wav","group":"s","session":"x","samples":32000,"rate":16000,"text":"HI","phones":[["SIL",0,0.1],["HH",0.1,0.35],["AY1",0.5,2]],"age":3,"words":[["HI",0.1,2]]}"#
        + "\n" + #"{"id":"b","source":"n.flac","group":"t","samples":32000,"rate":16000}"# + "\n")
    #expect(try run("cpc-shard", ["m.jsonl", "-o", "d"]).status == 0)
    let out = try run("cpc-cat", ["d", "--lhotse", "-o", "out"])
    #expect(out.status == 0, "\(out.messages)")
    let lines = try String(decoding: File.contents(of: folder("out/cuts.jsonl")), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: Array($0.utf8)) }
    let supervision = lines[0]["supervisions"]!.arrayValue![0]
    #expect(
      supervision["alignment"]!.compact
        == #"{"phone":[["SIL",0,0.1],["HH",0.1,0.25],["AY",0.5,1.5]],"word":[["HI",0.1,1.9]]}"#,
      "\(supervision.compact)")
    #expect(supervision["custom"]!.compact == #"{"age":3,"session":"x"}"#)
    #expect(lines[1]["supervisions"]!.arrayValue![0]["alignment"] == nil)
    let back = try run("cpc-shard", ["out", "--layout", "lhotse", "-o", "e"])
    #expect(back.status == 0, "\(back.messages)")
    let (before, after) = (try content(folder("d")), try content(folder("e")))
    #expect(before.keys.sorted() == after.keys.sorted())
    for (name, bytes) in before where !name.hasSuffix(".json") {
      #expect(bytes == after[name], "\(name)")
    }
    #expect(try run("cpc-cat", ["d", "--lhotse", "-o", "out"]).status == 1)
    #expect(try run("cpc-cat", ["d", "--lhotse"]).status == 64)
  }

  @Test func whatHasBeenLostBefore() throws {
    try write("r.jsonl", recording("m", source("m.wav")), recording("m", source("n.flac")))
    try write(
      "s.jsonl", "not JSON",
      #"{"id": "a", "recording_id": "m", "start": 0, "duration": 1.0, "channel": 0, "custom": {"source": "x", "age": 4}}"#
    )
    try write("f.jsonl", #"{"storage_type": "lilcom_files", "recording_id": "m"}"#)
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    #expect(scan.messages.contains("r.jsonl: line 2: the recording 'm' again"), "\(scan.messages)")
    #expect(scan.messages.contains("s.jsonl: line 1: not JSON"), "\(scan.messages)")
    #expect(
      scan.text.contains(#""source":"m.wav""#) && scan.text.contains(#""age":4,"custom":{"source":"x"}"#),
      "\(scan.text)")
    #expect(!scan.messages.contains("f.jsonl"))
    for other in ["f.jsonl", "o.jsonl"] {
      try write("o.jsonl", "neither")
      let named = try run("cpc-scan", ["lh/r.jsonl", "lh/s.jsonl", "lh/\(other)", "--layout", "lhotse"])
      #expect(named.status == 1 && named.messages.contains("\(other): no line is a recording"), "\(named.messages)")
    }
    let pipe = try run("cpc-scan", ["-", "--layout", "lhotse"])
    #expect(pipe.status == 64 && pipe.messages.contains("write it to a file"), "\(pipe.messages)")
  }

  @Test func placesOfWhatIsMissing() throws {
    try write("r.jsonl", recording("m", source("gone.wav")), recording("n", source("short.wav")))
    try AudioFile.write(Array(left[..<100]), to: folder("short.wav"), format: .wav)
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    #expect(scan.messages.contains("r.jsonl: line 1: gone.wav: it is not there"), "\(scan.messages)")
    #expect(scan.messages.contains("--root DIR names another"), "\(scan.messages)")
    #expect(scan.messages.contains("r.jsonl: line 2: short.wav: 100 samples at 16000 Hz"), "\(scan.messages)")
  }

  @Test func alignmentsBeyondTheirSupervision() throws {
    try write("r.jsonl", recording("m", source("m.wav")))
    try write(
      "s.jsonl",
      #"{"id": "a", "recording_id": "m", "start": 0.5, "duration": 1.0, "channel": 0, "alignment": {"phone": [["B", 1.0, 1.0], ["A", 0.3, 0.7], ["X", 0.1, 0.4], ["Y", 1.5, 0.1]], "word": [["W", 0.4, 0.3]], "subword": [["w", 0.5, 0.1]]}}"#
    )
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    #expect(scan.text.contains(#""phones":[["A",0,0.5],["B",0.5,1]]"#), "\(scan.text)")
    #expect(scan.text.contains(#""words":[["W",0,0.2]]"#), "\(scan.text)")
    for note in [
      "3 labels of alignments clipped", "2 labels of alignments outside", "1 alignment of neither",
    ] { #expect(scan.messages.contains(note), "\(note): \(scan.messages)") }
  }

  @Test func whatEndsAfterItsRecordingIsCounted() throws {
    try write("r.jsonl", recording("m", source("m.wav")))
    try write(
      "s.jsonl", #"{"id": "a", "recording_id": "m", "start": 1.0, "duration": 1.4, "channel": 0}"#,
      #"{"id": "b", "recording_id": "m", "start": 0.5, "duration": 1.6, "channel": 0}"#,
      #"{"id": "c", "recording_id": "m", "start": 0.5, "duration": 1.50004, "channel": 0}"#)
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    #expect(scan.status == 0 && scan.text.contains(#""offset":16000,"length":16000"#), "\(scan.text)")
    #expect(scan.messages.contains("2 supervisions with an end after that of the recording"), "\(scan.messages)")
    try write("s.jsonl", #"{"id": "a", "recording_id": "m", "start": 1.0, "duration": 1.4, "channel": 0}"#)
    let made = try run("cpc-shard", ["lh", "--layout", "lhotse", "-o", "late"])
    #expect(made.messages.contains("1 supervision with an end after"), "\(made.messages)")
  }

  /// The place of a channel in the recording's list is its place in the file only where the file has as many.
  @Test func channelsThatTheFileDoesNotHave() throws {
    try write(
      "r.jsonl", recording("m", source("m.wav", "[0, 1]")), recording("st", source("st.wav", "[1]")),
      recording("n", source("n.flac", "[1]")))
    func said(_ id: String, _ channel: Int) -> String {
      #"{"id": "\#(id)\#(channel)", "recording_id": "\#(id)", "start": 0, "duration": 1, "channel": \#(channel)}"#
    }
    try write("s.jsonl", said("m", 0), said("m", 1), said("st", 1), said("n", 1))
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse"])
    for line in 1...2 {
      let reason = "s.jsonl: line \(line): m.wav: it has 1 channel, and the recording 'm' names 2 in it"
      #expect(scan.messages.contains(reason), "\(scan.messages)")
    }
    #expect(
      scan.messages.contains("line 3: st.wav: it has 2 channels, and the recording 'st' names 1 in it"),
      "\(scan.messages)")
    #expect(scan.text.split(separator: "\n").count == 1 && scan.text.contains(#""id":"n1""#), "\(scan.text)")
  }

  @Test func phonesOfBothChannels() throws {
    try write("r.jsonl", recording("st", source("st.wav", "[0, 1]")))
    try write(
      "s.jsonl",
      #"{"id": "a", "recording_id": "st", "start": 0, "duration": 2.0, "speaker": "s", "alignment": {"phone": [["A", 0, 1]], "word": [["W", 0, 1]]}}"#
    )
    let scan = try run("cpc-scan", ["lh", "--layout", "lhotse", "--channel", "each"])
    #expect(scan.status == 1 && scan.messages.contains("phones and words of a recording"), "\(scan.messages)")
    #expect(scan.text.contains(#""group":"s-2""#) && !scan.text.contains("phones") && !scan.text.contains("words"))
  }

  @Test func whatCannotGoOut() throws {
    try File.writing(folder("m.jsonl")).write(
      #"{"id":"a","source":"m.wav","group":"s","samples":32000,"rate":16000,"age":3}"# + "\n")
    #expect(try run("cpc-shard", ["m.jsonl", "-o", "d"]).status == 0)
    #expect(try run("cpc-cat", ["d", "--lhotse", "--utterance", "zz", "-o", "none"]).status != 0)
    #expect(Folder.kind(of: folder("none")) == nil)
    try File.writing(folder("l.jsonl")).write(#"{"id":"a","phones":[["W",0,1]]}"# + "\n")
    try File.writing(folder("set.txt")).write("W\n")
    let add = try run("cpc-shard", ["add", "d", "word=l.jsonl", "--phone-set", "set.txt"])
    #expect(add.status == 0, "\(add.messages)")
    let out = try run("cpc-cat", ["d", "--lhotse", "-o", "none"])
    #expect(out.status == 64 && out.messages.contains("the added plane 'word'"), "\(out.messages)")
    #expect(Folder.kind(of: folder("none")) == nil)
  }
}
