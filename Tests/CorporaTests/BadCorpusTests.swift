import Corpora
import FileIO
import Glibc
import TestSupport
import Testing

/// Bad files are named and left out, and everything else still comes.
struct BadCorpusTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus
  let ids: [String]

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), utterancesPerChapter: 3)
    ids = speech.utterances.map(\.id)
  }

  private var victim: SpeechCorpus.Utterance { speech.utterances[1] }
  private func path(_ utterance: SpeechCorpus.Utterance) -> String { temporary("corpus/" + utterance.path) }

  @Test func namesAudioThatTheSystemDenies() throws {
    chmod(path(victim), 0)
    let result = try runToolWithoutPrivileges("cpc-scan", [temporary("corpus")])
    #expect(result.status == 1)
    #expect(result.messages.contains("\(path(victim)): cannot open: Permission denied"), "\(result.messages)")
    #expect(result.text.split(separator: "\n").count == ids.count - 1)
  }

  @Test func keepsTheFirstOfTwoUtterancesWithOneID() throws {
    let twin = temporary("corpus/zzz/\(victim.speaker)/\(victim.chapter)")
    try Folder.create(twin)
    try write(File.contents(of: path(victim)), to: "\(twin)/\(victim.id).flac")
    let walked = try Walked(temporary("corpus"))
    #expect(walked.ids == ids)
    #expect(walked.problems.count == 1)
    #expect(walked.problems[0].failure.path == "\(twin)/\(victim.id).flac")
    #expect(walked.complaints[0].contains("the first is in \(Folder.parent(of: path(victim)))"))
  }

  @Test func lateGoodTwinReplacesABadOne() throws {
    let twin = temporary("corpus/zzz/\(victim.speaker)/\(victim.chapter)")
    try Folder.create(twin)
    try write(File.contents(of: path(victim)), to: "\(twin)/\(victim.id).flac")
    try write("junk", to: path(victim))
    let walked = try Walked(temporary("corpus"))
    #expect(Set(walked.ids) == Set(ids) && walked.ids.last == victim.id)
    #expect(walked.problems.count == 1)
  }

  @Test func namesTranscriptsWithoutAudio() throws {
    remove(path(victim))
    let walked = try Walked(temporary("corpus"))
    #expect(walked.ids == ids.filter { $0 != victim.id })
    #expect(walked.problems.map(\.id) == [victim.id])
    #expect(walked.complaints[0].contains("\(victim.speaker)-\(victim.chapter).trans.txt: a transcript without audio"))
  }

  @Test func namesBrokenTranscriptLines() throws {
    let name = "\(Folder.parent(of: path(victim)))/\(victim.speaker)-\(victim.chapter).trans.txt"
    let lines = "\(ids[0]) GOOD  TEXT \r\n\nnospace\n\(ids[1]) bad \u{1}\n"
    var bytes = Array(lines.utf8)
    bytes[bytes.firstIndex(of: 1)!] = 0xff
    bytes += Array("\(ids[2]) LAST\n\(ids[2]) OTHER\n\(ids[0]) GOOD  TEXT".utf8)
    try write(bytes, to: name)
    let walked = try Walked(temporary("corpus"))
    #expect(walked.ids == ids)
    #expect(walked.texts[ids[0]] == "GOOD  TEXT" && walked.texts[ids[1]] == nil && walked.texts[ids[2]] == "LAST")
    #expect(
      walked.complaints == [
        "\(name): line 3: not 'ID TEXT'", "\(name): line 4: not UTF-8",
        "\(name): a second transcript with another text",
      ])
    #expect(walked.withoutTranscript == 1)
  }

  @Test func namesBrokenSpeakers() throws {
    try write("; comment\n84 | F | test | 1.5 | A\n1272 | M | test\n", to: temporary("corpus/SPEAKERS.TXT"))
    let walked = try Walked(temporary("corpus"))
    #expect(walked.speakers == [try #require(walked.speakers.first)] && walked.speakers[0].id == "84")
    #expect(walked.complaints.first?.contains("SPEAKERS.TXT: line 3") == true)
  }

  @Test func saysThatACorpusIsEmpty() throws {
    try Folder.create(temporary("empty"))
    try write("hello", to: temporary("empty/readme.txt"))
    let empty = try #require(failure { _ = try Walked(temporary("empty")) })
    #expect(empty.reason.contains("empty corpus") && empty.reason.contains("SPEAKER/CHAPTER/"))
    try write("", to: temporary("nothing"))
    #expect(failure { _ = try Walked(temporary("nothing")) }?.reason == "the file is empty")
    try ArchiveFile.write([], to: temporary("none.tar"))
    #expect(failure { _ = try Walked(temporary("none.tar")) }?.reason.contains("empty corpus") == true)
    #expect(failure { _ = try Walked(temporary("missing")) }?.kind == .system)
    #expect(failure { _ = try Corpus.opening([], options: CorpusOptions()).corpus }?.kind == .usage)
    #expect(failure { _ = try Corpus.opening(["-", "-"], options: CorpusOptions()).corpus }?.kind == .usage)
  }

  @Test(arguments: [
    (AudioFile.Format.wav, "WAV"), (.flac, "FLAC"), (.mp3, "MP3"), (.vorbis, "Ogg"), (.aiff, "AIFF"),
    (.sphere, "NIST SPHERE"),
  ])
  func saysThatAFileIsARecording(format: AudioFile.Format, name: String) throws {
    try AudioFile.write(SpeechCorpus.speech(count: 4000, seed: 1), to: temporary("x"), format: format)
    let walked = try Walked(Corpus.opening([temporary("x"), temporary("corpus")], options: .init()).corpus)
    #expect(walked.ids == ids)
    #expect(walked.problems.map(\.failure.reason) == ["a recording (\(name)), not a corpus"])
    #expect(walked.problems[0].failure.hint?.contains("speaker-folders") == true)
  }

  @Test(arguments: [
    ("[{\"id\": 1}]", "a JSON array"), ("\n  [1]", "a JSON array"), ("\u{feff}", "not a corpus archive"),
    ("# a comment\n", "not a corpus archive"),
  ]) func saysWhatAManifestIsNot(text: String, reason: String) throws {
    try write(text, to: temporary("x.jsonl"))
    let walked = try Walked(Corpus.opening([temporary("x.jsonl"), temporary("corpus")], options: .init()).corpus)
    #expect(walked.ids == ids && walked.problems.count == 1)
    #expect(walked.problems[0].failure.reason.contains(reason), "\(walked.complaints)")
  }

  @Test(arguments: [[0xff, 0xfe, 0x7b, 0], [0xfe, 0xff, 0, 0x7b]] as [[UInt8]])
  func saysThatAManifestIsUTF16(head: [UInt8]) throws {
    try File.writing(temporary("x.jsonl")).write(head + [UInt8](repeating: 0x20, count: 600))
    let walked = try Walked(Corpus.opening([temporary("x.jsonl"), temporary("corpus")], options: .init()).corpus)
    #expect(walked.problems.map(\.failure.reason) == ["text in UTF-16, neither an archive nor a manifest"])
  }

  /// Recordings are recordings by these endings, too: read, not passed over.
  @Test func rarerEndingsAreRead() throws {
    try Folder.create(temporary("f"))
    for ending in ["nist", "wv1", "WV2", "aiffc", "fla"] {
      let format: AudioFile.Format = ending == "aiffc" ? .aiff : ending == "fla" ? .flac : .sphere
      try AudioFile.write(
        SpeechCorpus.speech(count: 4000, seed: 1), to: temporary("f/\(ending).\(ending)"), format: format)
    }
    try write("raw", to: temporary("f/x.s16"))
    let corpus = try Corpus.opening([temporary("f")], options: CorpusOptions(layout: .flat)).corpus
    let walked = try Walked(corpus)
    #expect(walked.problems.isEmpty && walked.ids.count == 5, "\(walked.complaints) \(walked.ids)")
    #expect(corpus.notes == ["left out: 1 .s16"], "\(corpus.notes)")
  }

  @Test func saysThatAFileIsNoArchive() throws {
    try write("This is not an archive at all.\n", to: temporary("x.txt"))
    let corpus = try Corpus.opening([temporary("x.txt"), temporary("corpus")], options: CorpusOptions()).corpus
    let walked = try Walked(corpus)
    #expect(walked.ids == ids)
    for count in [513, 5_000, 20_000, 300_000] {
      try write((0..<count).map { _ in "a b\n" }.joined(), to: temporary("y.txt"))
      let walked = try Walked(Corpus.opening([temporary("y.txt"), temporary("corpus")], options: .init()).corpus)
      #expect(walked.problems.map(\.failure.reason) == ["not a corpus archive"], "\(count): \(walked.complaints)")
    }
    #expect(
      walked.complaints == [
        "\(temporary("x.txt")): not a corpus archive "
          + "(tar, tar compressed with gzip, zstd, bzip2 or xz, and zip can be read)"
      ])
  }
}
