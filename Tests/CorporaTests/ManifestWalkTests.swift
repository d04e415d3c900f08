import Archives
import Corpora
import FileIO
import Manifests
import Members
import OrderedJSON
import TestSupport
import Testing

struct ManifestWalkTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus
  let ids: [String]

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), utterancesPerChapter: 4, lengths: [3000, 5000])
    ids = speech.utterances.map(\.id)
    try ArchiveFile.write(speech.files(), to: temporary("a.tar"))
  }

  /// The lines that a scan makes, sources relative to the temporary folder.
  private func scan(_ input: String) throws -> [ManifestEntry] {
    let walked = try Walked(temporary(input), root: temporary.path)
    return walked.utterances.map {
      var entry = $0.entry
      entry.text = walked.texts[entry.id]
      return entry
    }
  }

  private func walk(_ lines: [String]) throws -> Walked {
    try write(lines.map { $0 + "\n" }.joined(), to: temporary("m.jsonl"))
    return try Walked(manifest: temporary("m.jsonl"))
  }

  private func walk(_ entries: [ManifestEntry]) throws -> Walked { try walk(entries.map(\.json.compact)) }

  @Test(arguments: ["a.tar", "corpus"]) func servesWhatAScanWrote(_ input: String) throws {
    let entries = try scan(input)
    let walked = try walk(entries)
    #expect(walked.problems == [])
    #expect(walked.utterances.map(\.entry) == entries)
    #expect(entries.allSatisfy { $0.source == input && $0.text != nil })
    for (utterance, expected) in zip(walked.utterances, speech.utterances) {
      #expect(try decode(utterance.file) == expected.samples)
    }
    // From another folder with a root, and every other line alone.
    try Folder.create(temporary("deep"))
    try write(entries.map { $0.json.compact + "\n" }.joined(), to: temporary("deep/m.jsonl"))
    #expect(try Walked(manifest: temporary("deep/m.jsonl"), root: temporary.path).ids == ids)
    let some = entries.enumerated().filter { $0.offset % 2 == 1 }.map(\.element)
    #expect(try walk(some).ids == some.map(\.id))
  }

  @Test func goesFromSourceToSource() throws {
    let other = try SpeechCorpus(folder: temporary("other"), speakers: [7])
    try ArchiveFile.write(other.files(), to: temporary("b.zip"), format: .zip)
    let lines = try scan("b.zip") + scan("a.tar")
    #expect(try walk(lines).ids == other.utterances.map(\.id) + ids)
    // Back in the first archive: another pass.
    let back = [lines[0], lines[2], lines[1]]
    let walked = try walk(back)
    #expect(walked.ids == back.map(\.id) && walked.problems == [])
  }

  @Test func cutsPiecesOutOfOneMember() throws {
    let whole = try scan("a.tar")[1]
    var first = whole
    var second = whole
    (first.id, first.length) = ("piece-1", 1000)
    (second.id, second.offset) = ("piece-2", 1000)
    let walked = try walk([first, second])
    #expect(walked.ids == ["piece-1", "piece-2"] && walked.problems == [])
    #expect(walked.utterances.map(\.entry.range) == [0..<1000, 1000..<5000])
    let corpus = try Corpus(manifest: File.reading(temporary("m.jsonl")))
    #expect(corpus.declaredUnits == 5000 && corpus.minimumUnits == 5000)
    #expect(corpus.progress == (0, 2))
    while try corpus.next() != nil {}
    #expect(corpus.progress == (2, 2))
  }

  @Test func takesAudioFilesAsSources() throws {
    var entry = try scan("corpus")[0]
    entry.source = "corpus/\(entry.member!)"
    entry.member = nil
    let walked = try walk([entry])
    #expect(walked.ids == [entry.id] && walked.problems == [])
    #expect(try decode(walked.utterances[0].file) == speech.utterances[0].samples)
  }

  @Test func namesLinesThatBreakTheArchivesOrder() throws {
    let e = try scan("a.tar")
    let walked = try walk([e[0], e[3], e[1], e[2], e[4]])
    #expect(walked.ids == [0, 1, 2, 4].map { ids[$0] })
    #expect(walked.problems.map(\.id) == [ids[3]])
    #expect(walked.complaints[0].contains("line 2 of \(temporary("m.jsonl"))"))
    #expect(walked.complaints[0].contains("lines must keep its order"))
  }

  @Test func namesMembersThatAreMissing() throws {
    var e = try scan("a.tar")
    e[2].member = "test/gone.flac"
    let walked = try walk(e)
    #expect(walked.ids == ids.filter { $0 != ids[2] })
    #expect(walked.problems.map(\.id) == [ids[2]])
    e = try scan("corpus")
    e[2].member = "test/gone.flac"
    let fromFolder = try walk(e)
    #expect(fromFolder.ids == walked.ids)
    #expect(fromFolder.complaints[0].contains("corpus/test/gone.flac: cannot open: No such file"))
    e = try scan("a.tar")
    e[7].member = "test/gone.flac"
    #expect(try walk(e).complaints[0].contains("does not come in the rest of the archive"))
  }

  @Test func namesBrokenLinesAndGoesOn() throws {
    var lines = try scan("a.tar").map(\.json.compact)
    lines.insert("{broken", at: 2)
    lines.insert("", at: 3)
    lines.insert(#"{"id":"x","source":"a.tar","group":"g","samples":-1,"rate":16000}"#, at: 6)
    let walked = try walk(lines)
    #expect(walked.ids == ids)
    #expect(walked.problems.map(\.failure.position) == ["line 3", "line 7"])
    #expect(walked.problems.allSatisfy { $0.failure.path == temporary("m.jsonl") })
    #expect(walked.complaints[1].contains("'samples' is -1"))
  }

  @Test func namesWhatDisagreesWithTheAudio() throws {
    var e = try scan("corpus")
    e[0].extent = .audio(samples: e[0].extent.count + 1, rate: 16_000)
    e[1].extent = .audio(samples: e[1].extent.count, rate: 8000)
    e[2].id = e[3].id
    let walked = try walk(e)
    #expect(walked.ids == [ids[3]] + ids[4...])
    #expect(walked.complaints[0].contains("line 1: it declares 3001 samples at 16000 Hz, but"))
    #expect(walked.complaints[0].contains("has 3000 samples at 16000 Hz"))
    #expect(walked.complaints[1].contains("at 8000 Hz, but"))
    #expect(walked.complaints[2].contains("line 4: duplicate utterance id; the first is in line 3"))
  }

  @Test func namesSourcesThatAreMissing() throws {
    var e = try scan("a.tar")
    e[0].source = "gone.tar"
    e[1].source = "corpus"
    e[1].member = nil
    let walked = try walk(e)
    #expect(walked.ids == Array(ids[2...]))
    #expect(walked.complaints[0].contains("gone.tar cannot be opened: No such file"))
    #expect(walked.complaints[0].contains("\(setting: "root")"))
    #expect(walked.complaints[1].contains("is a folder, and no 'member'"))
  }

  @Test func namesLinesAfterACut() throws {
    let entries = try scan("a.tar")
    let bytes = try File.contents(of: temporary("a.tar"))
    try write(Array(bytes[..<(bytes.count / 2 - 1000)]), to: temporary("a.tar"))
    let walked = try walk(entries)
    #expect(!walked.ids.isEmpty && walked.ids == Array(ids[..<walked.ids.count]))
    #expect(walked.problems.map(\.id) == ids[walked.ids.count...].map { $0 })
    #expect(walked.complaints.allSatisfy { $0.contains("cut short") }, "\(walked.complaints)")
  }

  @Test func refusesStandardInputAsASource() throws {
    var e = try scan("a.tar")
    e[0].source = "-"
    let failure = try #require(failure { _ = try walk(e) })
    #expect(failure.kind == .usage && failure.reason.contains("standard input is gone"))
    // One line of many is a bad line.
    e = try scan("a.tar")
    e[1].source = "-"
    let walked = try walk(e)
    #expect(walked.problems.map(\.id) == [e[1].id] && walked.complaints[0].contains("standard input is gone"))
    #expect(walked.ids == e.map(\.id).filter { $0 != e[1].id })
  }

  /// Lines that go to and fro between archives read each of them once: pipes cannot be read a second time.
  @Test func readsInterleavedArchivesOnce() throws {
    let other = try SpeechCorpus(folder: temporary("other"), speakers: [7], utterancesPerChapter: 4)
    try ArchiveFile.write(other.files(), to: temporary("b.tar"), format: .ustar)
    let archives = [try scan("a.tar"), try scan("b.tar")]
    var lines = zip(archives[0], archives[1]).flatMap { [$0, $1] }
    for i in lines.indices { lines[i].source = "pipe.\(lines[i].source)" }
    try write(lines.map { $0.json.compact + "\n" }.joined(), to: temporary("m.jsonl"))
    let script = """
      cd "\(temporary.path)"; mkfifo pipe.a.tar pipe.b.tar
      cat a.tar > pipe.a.tar & cat b.tar > pipe.b.tar & timeout 60 "\(try toolPath("cpc-shard"))" m.jsonl -o d 2>&1
      echo "status $?"; kill $(jobs -p) 2>/dev/null; wait
      """
    let result = try runProcess("/bin/bash", ["-c", script])
    #expect(result.text.contains("status 0"), "\(result.text)")
    // A line that comes before its turn is named, in whatever archive.
    let back = [archives[0][2], archives[1][2], archives[0][0], archives[1][1], archives[0][1]]
    let walked = try walk(back)
    #expect(walked.ids == back.dropFirst(2).map(\.id) && walked.problems.map(\.id) == back.prefix(2).map(\.id))
  }

  @Test func saysThatAManifestIsEmpty() throws {
    let failure = try #require(failure { _ = try walk(["", "  "]) })
    #expect(failure.reason == "empty corpus: the manifest has no line")
    #expect(TestSupport.failure { _ = try Walked(manifest: temporary("m.jsonl"), root: "/nowhere") }?.kind == .usage)
  }

  @Test func countsLinesWithoutText() throws {
    var e = try scan("corpus")
    e[0].text = nil
    #expect(try walk(e).withoutTranscript == 1)
  }
}
