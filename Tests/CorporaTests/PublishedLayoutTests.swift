import Audio
import Corpora
import FileIO
import Manifests
import Members
import TestSupport
import Testing

/// Corpora as they are published: the same from a folder and from its archive.
struct PublishedLayoutTests {
  let temporary: TemporaryFolder
  private static let samples = SpeechCorpus.speech(count: 20_480, seed: 1)

  init() throws { temporary = try TemporaryFolder() }

  private func audio(_ format: AudioFile.Format, rate: Int = 16_000) throws -> [UInt8] {
    try AudioFile.encode(Self.samples, format: format, rate: rate)
  }

  private func member(_ path: String, _ text: String) -> ArchiveFile.Member { .init(path, Array(text.utf8)) }

  private func unpack(_ files: [ArchiveFile.Member], _ name: String = "corpus") throws {
    for file in files {
      let path = temporary("\(name)/\(file.path)")
      try Folder.create(Folder.parent(of: path))
      try write(file.bytes, to: path)
    }
  }

  private func walk(_ layout: Layout, _ inputs: String...) throws -> Walked {
    let options = CorpusOptions(layout: layout, conversion: nil)
    return try Walked(try Corpus.opening(inputs.map { temporary($0) }, options: options).corpus)
  }

  /// `ID GROUP SESSION SPLIT TEXT` of everything, in the order of ids.
  private func rows(_ walked: Walked) -> [String] {
    walked.utterances.map(\.entry).map { entry in
      [entry.id, entry.group, entry.session, entry.split, entry.text ?? walked.texts[entry.id]].map { $0 ?? "-" }
        .joined(separator: " ")
    }.sorted()
  }

  /// The same rows from the folder, from archives with the files in both orders, and by cpc-scan.
  private func expect(
    _ layout: Layout, _ files: [ArchiveFile.Member], _ expected: [String], problems: [String] = [],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try unpack(files)
    try ArchiveFile.write(files, to: temporary("a.tar.gz"), compression: .gzip)
    try ArchiveFile.write(files.reversed(), to: temporary("b.zip"), format: .zip)
    for input in ["corpus", "a.tar.gz", "b.zip"] {
      let walked = try walk(layout, input)
      #expect(rows(walked) == expected, "\(input)", sourceLocation: sourceLocation)
      #expect(walked.problems.count == problems.count, "\(input): \(walked.complaints)", sourceLocation: sourceLocation)
      for problem in problems {
        #expect(
          walked.complaints.contains { $0.contains(problem) }, "\(input): \(walked.complaints)",
          sourceLocation: sourceLocation)
      }
      let scan = try runTool("cpc-scan", [temporary(input), "--layout", layout.rawValue])
      // A transcript without audio is a warning.
      let isGood = problems.allSatisfy { $0.hasSuffix("a transcript without audio") }
      #expect(scan.status == (isGood ? 0 : 1), "\(scan.messages)", sourceLocation: sourceLocation)
      let entries = try scan.text.split(separator: "\n").map { try ManifestEntry(parsing: Array($0.utf8)) }
      #expect(entries.map(\.id).sorted() == expected.map { String($0.split(separator: " ")[0]) })
    }
    // Another layout by mistake.
    if layout == .flat { return }
    for input in ["corpus", "a.tar.gz"] {
      let scan = try runTool("cpc-scan", [temporary(input)])
      #expect(
        scan.status == 1 && scan.messages.contains("it looks like --layout \(layout.rawValue))"), "\(scan.messages)",
        sourceLocation: sourceLocation)
    }
  }

  @Test func flat() throws {
    let files = [
      ArchiveFile.Member("a.wav", try audio(.wav)), member("a.txt", "Some words.\n"),
      .init("x/b.flac", try audio(.flac)),
      .init("x/y/c.mp3", try audio(.mp3)), member("x/y/readme.md", "hello"),
    ]
    try unpack(files)
    try ArchiveFile.write(files, to: temporary("corpus.tar"))
    for input in ["corpus", "corpus.tar"] {
      let walked = try walk(.flat, input)
      #expect(rows(walked) == ["a corpus - - Some words.", "x/b x - - -", "x/y/c x/y - - -"] && walked.problems == [])
    }
    try unpack([.init("a.flac", try audio(.flac))])
    let twice = try walk(.flat, "corpus")
    #expect(twice.complaints.count == 1 && twice.complaints[0].contains("duplicate utterance id"))
  }

  @Test func singleRecordings() throws {
    try unpack([
      .init("a.wav", try audio(.wav)), member("a.txt", "Some words.\n"), .init("b.flac", try audio(.flac)),
      .init("noname", try audio(.flac)), .init("empty.wav", []),
    ])
    let walked = try walk(.flat, "corpus/a.wav", "corpus/b.flac", "corpus/noname", "corpus/empty.wav")
    #expect(rows(walked) == ["a corpus - - Some words.", "b corpus - - -", "noname corpus - - -"])
    #expect(walked.complaints == ["\(temporary("corpus/empty.wav")): the file is empty"])
    #expect(walked.utterances[0].entry.source == temporary("corpus/a.wav"))
    #expect(walked.utterances[0].entry.member == nil)
    let result = try runTool("cpc-scan", ["a.wav", "b.flac", "--layout", "flat"], in: temporary("corpus"))
    #expect(result.status == 0 && result.text.contains(#"{"id":"a","source":"a.wav","group":"corpus","#))
    try write(result.text, to: temporary("corpus/m.jsonl"))
    #expect(try Walked(manifest: temporary("corpus/m.jsonl")).ids == ["a", "b"])
    let mistaken = try runTool("cpc-scan", ["a.wav"], in: temporary("corpus"))
    #expect(mistaken.status == 1 && mistaken.messages.contains("--layout flat"), "\(mistaken.messages)")
  }

  @Test func ljspeech() throws {
    let table = "LJ001-0001|Printing, 1st|Printing, first\nLJ001-0002|raw only|\nLJ002-0001|Gone|Gone\nno bars\n"
    try expect(
      .ljspeech,
      [
        .init("LJSpeech-1.1/wavs/LJ001-0001.wav", try audio(.wav, rate: 22_050)),
        .init("LJSpeech-1.1/wavs/LJ001-0002.wav", try audio(.wav, rate: 22_050)),
        .init("LJSpeech-1.1/wavs/LJ003-0001.wav", try audio(.wav, rate: 22_050)),
        member("LJSpeech-1.1/metadata.csv", table), member("LJSpeech-1.1/README", "hello"),
      ],
      [
        "LJ001-0001 LJ 001 - Printing, first", "LJ001-0002 LJ 001 - raw only", "LJ003-0001 LJ 003 - -",
      ], problems: ["metadata.csv: a transcript without audio", "metadata.csv: line 4: not 'ID|TEXT|NORMALISED TEXT'"])
    #expect(try walk(.ljspeech, "corpus").withoutTranscript == 1)
    try unpack([.init("copy/LJ001-0001.wav", try audio(.wav))])
    #expect(try walk(.ljspeech, "corpus").complaints.contains { $0.contains("duplicate utterance id") })
  }

  @Test func libritts() throws {
    let place = "LibriTTS/dev-clean/84/121123/84_121123_000007_00000"
    try expect(
      .libritts,
      [
        .init("\(place)1.wav", try audio(.wav, rate: 24_000)), member("\(place)1.original.txt", "Mr. X"),
        member("\(place)1.normalized.txt", "Mister X"), .init("\(place)2.wav", try audio(.wav, rate: 24_000)),
        member("\(place)3.normalized.txt", "Nobody"), member("LibriTTS/dev-clean/84/121123/84_121123.trans.tsv", "x"),
      ],
      ["84_121123_000007_000001 84 121123 - Mister X", "84_121123_000007_000002 84 121123 - -"],
      problems: ["84_121123_000007_000003.normalized.txt: a transcript without audio"])
    let entry = try walk(.libritts, "corpus").utterances[0].entry
    #expect(entry.extent == .audio(samples: 20_480, rate: 24_000))
  }

  @Test func timit() throws {
    try expect(
      .timit,
      [
        .init("TIMIT/TRAIN/DR1/FCJF0/SA1.WAV", try audio(.sphere)),
        .init("TIMIT/TRAIN/DR1/FCJF0/SA1.WAV.wav", try audio(.wav)),
        member("TIMIT/TRAIN/DR1/FCJF0/SA1.TXT", "0 46797 She had your dark suit.\n"),
        member("TIMIT/TRAIN/DR1/FCJF0/SA1.PHN", "0 3050 h#\n"),
        .init("timit/test/dr2/mwew0/sa1.wav", try audio(.sphere)),
        member("timit/test/dr2/mwew0/sa1.txt", "0 40000 She had.\n"),
        .init("timit/test/dr2/mwew0/sx1.wav", try audio(.sphere)),
        member("timit/test/dr2/mwew0/sx1.txt", "no numbers\n"),
        member("timit/test/dr2/mwew0/sx2.txt", "0 1 Gone.\n"), member("TIMIT/DOC/PROMPTS.TXT", "; prompts\n"),
      ],
      [
        "FCJF0/SA1 FCJF0 DR1 train She had your dark suit.", "MWEW0/SA1 MWEW0 DR2 test She had.",
        "MWEW0/SX1 MWEW0 DR2 test -",
      ], problems: ["sx1.txt: not 'FIRST END TEXT', in samples", "sx2.txt: a transcript without audio"])
  }

  @Test func mls() throws {
    try expect(
      .mls,
      [
        .init("mls_polish/train/audio/10/20/10_20_000000.flac", try audio(.flac)),
        .init("mls_polish/train/audio/10/20/10_20_000001.opus", try audio(.opus)),
        member("mls_polish/train/transcripts.txt", "10_20_000000\tjeden dwa\n10_20_000009\tnic\nzle\n"),
        member("mls_polish/test/transcripts.txt", "30_40_000000\ttrzy\n"),
        .init("mls_polish/test/audio/30/40/30_40_000000.flac", try audio(.flac)),
      ],
      [
        "10_20_000000 10 20 train jeden dwa", "10_20_000001 10 20 train -", "30_40_000000 30 40 test trzy",
      ], problems: ["a transcript without audio", "line 3: not 'ID TAB TEXT'"])
  }

  private func commonVoice(_ tables: [(name: String, rows: [(id: Int, client: String, text: String)])]) throws
    -> [ArchiveFile.Member]
  {
    try (1...4).map { .init("cv/pl/clips/common_voice_pl_\($0).mp3", try audio(.mp3)) }
      + tables.map { name, rows in
        let lines = rows.map { "\($0.client)\tcommon_voice_pl_\($0.id).mp3\t\($0.text)\t2\n" }
        return member("cv/pl/\(name).tsv", "client_id\tpath\tsentence\tup_votes\n" + lines.joined())
      }
  }

  @Test func commonVoice() throws {
    let files = try commonVoice([
      ("validated", [(1, "a", "Jeden"), (2, "b", "\"Dwa\""), (3, "b", "Trzy")]), ("train", [(1, "a", "Jeden")]),
      ("test", [(2, "b", "\"Dwa\""), (9, "c", "Nic")]), ("other", [(4, "d", "Inne")]),
    ])
    try expect(
      .commonVoice, files,
      [
        "common_voice_pl_1 a - train Jeden", "common_voice_pl_2 b - test \"Dwa\"", "common_voice_pl_3 b - - Trzy",
      ], problems: ["test.tsv: a transcript without audio"])
    let scan = try runTool("cpc-scan", [temporary("corpus"), "--layout", "common-voice"])
    #expect(scan.messages.contains("3 utterances, 2 speakers"), "\(scan.messages)")
    #expect(scan.messages.contains("left out: 1 clip in no table"), "\(scan.messages)")
    for (archive, succeeds) in [("a.tar.gz", false), ("c.tar", true)] {
      try ArchiveFile.write(files.reversed(), to: temporary("c.tar"))
      let piped = try runTool(
        "cpc-scan", ["-", "--layout", "common-voice"], input: File.contents(of: temporary(archive)))
      #expect(piped.messages.contains("no table says who speaks") != succeeds, "\(piped.messages)")
      #expect(piped.text.isEmpty != succeeds)
    }
  }

  @Test func commonVoiceTablesAtFault() throws {
    try unpack(commonVoice([]))
    #expect(failure { _ = try walk(.commonVoice, "corpus") }?.reason == "no table says who speaks in it")
    try unpack([member("cv/pl/validated.tsv", "client_id\tpath\nx\ty\n")])
    let headless = try runTool("cpc-scan", [temporary("corpus"), "--layout", "common-voice"])
    #expect(headless.status == 1 && headless.messages.contains("validated.tsv: line 1: the header has no column"))
    try unpack(commonVoice([("validated", [(7, "a", "x")])]))
    #expect(failure { _ = try walk(.commonVoice, "corpus") }?.reason == "empty corpus: of 4 clips, none is in a table")
    // A tab in a text would cut it.
    try unpack(commonVoice([("validated", [(1, "a", "x\ty"), (2, "b", "z")])]))
    let tabs = try walk(.commonVoice, "corpus").complaints
    #expect(tabs.contains { $0.contains("5 columns, more than in the header") }, "\(tabs)")
    try unpack(
      commonVoice([("train", [(1, "a", "x")]), ("dev", [(1, "a", "x"), (2, "b", "y")]), ("test", [(2, "c", "y")])]))
    let complaints = try walk(.commonVoice, "corpus").complaints
    #expect(complaints.contains { $0.contains("train.tsv: in train.tsv, and in dev.tsv too") }, "\(complaints)")
    #expect(complaints.contains { $0.contains("another table has another client_id") }, "\(complaints)")
  }

  @Test func aishell() throws {
    func wav(_ split: String, _ speaker: String, _ number: Int) throws -> ArchiveFile.Member {
      .init("\(split)/\(speaker)/BAC009\(speaker)W000\(number).wav", try audio(.wav))
    }
    let text = member(
      "data_aishell/transcript/aishell_transcript_v0.8.txt",
      "BAC009S0002W0001 而 对 楼市\nBAC009S0764W0002 成交\nBAC009S0764W0009 没有\n")
    let speech = [try wav("train", "S0002", 1), try wav("test", "S0764", 2)]
    let rows = ["BAC009S0002W0001 S0002 - train 而 对 楼市", "BAC009S0764W0002 S0764 - test 成交"]
    try expect(
      .aishell, speech.map { .init("data_aishell/wav/\($0.path)", $0.bytes) } + [text], rows,
      problems: ["a transcript without audio"])
    // As it is published, an archive a speaker; then one of them unpacked beside its archive.
    try unpack([text], "published")
    try Folder.create(temporary("published/data_aishell/wav"))
    for (file, speaker) in zip(speech, ["S0002", "S0764"]) {
      try ArchiveFile.write(
        [file], to: temporary("published/data_aishell/wav/\(speaker).tar.gz"), compression: .gzip)
    }
    let published = try walk(.aishell, "published")
    #expect(self.rows(published) == rows && published.problems.count == 1, "\(published.complaints)")
    #expect(published.utterances[0].entry.source == temporary("published/data_aishell/wav/S0002.tar.gz"))
    #expect(published.utterances[0].entry.member == speech[0].path)
    let scan = try runTool("cpc-scan", ["published", "--layout", "aishell"], in: temporary.path)
    try write(scan.text, to: temporary("m.jsonl"))
    #expect(try Walked(manifest: temporary("m.jsonl")).ids == published.ids)
    try unpack([.init("data_aishell/wav/\(speech[0].path)", speech[0].bytes)], "published")
    #expect(try self.rows(walk(.aishell, "published")) == rows)
    try write("junk", to: temporary("published/data_aishell/wav/S0764.tar.gz"))
    #expect(try walk(.aishell, "published").complaints.contains { $0.contains("S0764.tar.gz: not a corpus archive") })
    try ArchiveFile.write(
      [speech[1]],
      to: temporary("published/data_aishell/wav/S0764.tar.gz"), compression: .gzip)
    let files = try ["S0002", "S0764"].map { speaker in
      let path = "data_aishell/wav/\(speaker).tar.gz"
      return ArchiveFile.Member(path, try File.contents(of: temporary("published/\(path)")))
    }
    try ArchiveFile.write(files + [text], to: temporary("data_aishell.tgz"), compression: .gzip)
    // Packed again by others, an archive in the archive says no part.
    try ArchiveFile.write(
      [.init("S0002/BAC009S0002W0001.wav", speech[0].bytes)], to: temporary("again.tar.gz"), compression: .gzip)
    let repacked = ArchiveFile.Member("data_aishell/wav/S0002.tar.gz", try File.contents(of: temporary("again.tar.gz")))
    try ArchiveFile.write([repacked, text], to: temporary("again.tgz"), compression: .gzip)
    #expect(try self.rows(walk(.aishell, "again.tgz")) == ["BAC009S0002W0001 S0002 - - 而 对 楼市"])
    let whole = try walk(.aishell, "data_aishell.tgz")
    #expect(self.rows(whole) == rows, "\(whole.complaints)")
    #expect(whole.utterances[0].entry.member == "data_aishell/wav/S0002.tar.gz/\(speech[0].path)")
    let again = try runTool("cpc-scan", ["data_aishell.tgz", "--layout", "aishell"], in: temporary.path)
    try write(again.text, to: temporary("n.jsonl"))
    #expect(try Walked(manifest: temporary("n.jsonl")).ids == published.ids)
  }
}
