import Archives
import Corpora
import FileIO
import Glibc
import Manifests
import Members
import TestSupport
import Testing

struct CorpusWalkTests {
  let temporary: TemporaryFolder
  let speech: SpeechCorpus

  init() throws {
    temporary = try TemporaryFolder()
    speech = try SpeechCorpus(folder: temporary("corpus"), chaptersPerSpeaker: 2)
  }

  private func check(_ walked: Walked, _ comment: Comment) throws {
    #expect(walked.problems == [], comment)
    #expect(walked.ids == speech.utterances.map(\.id), comment)
    #expect(walked.withoutTranscript == 0, comment)
    #expect(walked.speakers.map(\.id) == ["84", "1272"], comment)
    #expect(walked.speakers.first?.name == "|Reader| number 84", comment)
    for (walked, expected) in zip(walked.utterances, speech.utterances) {
      #expect(walked.entry.group == expected.speaker && walked.entry.session == expected.chapter)
      #expect(walked.entry.extent == .audio(samples: expected.samples.count, rate: 16_000))
      #expect(walked.entry.member?.hasSuffix(expected.path) == true)
      #expect(walked.file.byteCount == (try walked.file.load().count))
      #expect(try decode(walked.file) == expected.samples, comment)
    }
    for expected in speech.utterances { #expect(walked.texts[expected.id] == expected.text, comment) }
  }

  @Test func readsAFolder() throws {
    let walked = try Walked(temporary("corpus") + "/")
    try check(walked, "folder")
    #expect(walked.utterances[0].entry.source == temporary("corpus"))
    #expect(walked.utterances[0].entry.member == speech.utterances[0].path)
  }

  @Test(arguments: ArchiveFile.Format.allCases, ArchiveFile.Compression.allCases)
  func readsEveryArchive(_ format: ArchiveFile.Format, _ compression: ArchiveFile.Compression) throws {
    if format == .zip, compression != .none { return }
    let path = temporary("corpus.\(format).\(compression)")
    try ArchiveFile.write(speech.files(), to: path, format: format, compression: compression)
    let walked = try Walked(path)
    try check(walked, "\(format) \(compression)")
    #expect(walked.utterances[0].entry.source == path)
    #expect(walked.utterances[0].file.name == "\(path): \(speech.utterances[0].path)")
  }

  @Test(arguments: [ArchiveFile.Format.pax, .zip]) func readsAPipe(_ format: ArchiveFile.Format) throws {
    try ArchiveFile.write(speech.files(), to: temporary("a"), format: format)
    let result = try runProcess(
      "/bin/sh", ["-c", "cat '\(temporary("a"))' | '\(try toolPath("cpc-scan"))' -q"])
    #expect(result.status == 0, "\(result.messages)")
    #expect(result.text.split(separator: "\n").count == speech.utterances.count)
    #expect(result.text.contains(#""source":"-""#))
  }

  @Test func toldFromItsFirstBytes() throws {
    try ArchiveFile.write(speech.files(), to: temporary("a.tar"))
    #expect(try Corpus.opening([temporary("a.tar")], options: CorpusOptions()).kind == .archive)
    #expect(try Corpus.opening([temporary("corpus")], options: CorpusOptions()).kind == .folder)
    try write("\n {\"id\":1}\n", to: temporary("m"))
    #expect(try Corpus.opening([temporary("m")], options: CorpusOptions()).kind == .manifest)
    #expect(
      try Corpus.opening([temporary("m"), temporary("a.tar")], options: CorpusOptions()).kind == .manifest)
  }

  @Test func walksSeveralInputsInTheirOrder() throws {
    let other = try SpeechCorpus(folder: temporary("other"), speakers: [7])
    try ArchiveFile.write(other.files(), to: temporary("other.tar"))
    let walked = try Walked(temporary("other.tar"), temporary("corpus"))
    #expect(walked.ids == (other.utterances + speech.utterances).map(\.id))
    #expect(walked.problems == [])
  }

  /// `a/b` comes before `a-b`, though `-` sorts before `/`.
  @Test func ordersFoldersByComponents() throws {
    for (name, speaker) in [("x-y", 1), ("x", 2), ("x.z", 3)] {
      _ = try SpeechCorpus(folder: temporary("order/\(name)"), speakers: [speaker])
    }
    let members = try Walked(temporary("order")).utterances.compactMap(\.entry.member)
    let components = members.map { $0.split(separator: "/").map { Array($0.utf8) } }
    for (a, b) in zip(components, components.dropFirst()) {
      #expect(a.lexicographicallyPrecedes(b) { $0.lexicographicallyPrecedes($1) })
    }
    #expect(members.map { String($0.prefix(3)) } == ["x/t", "x/t", "x-y", "x-y", "x.z", "x.z"])
  }

  @Test func namesSourcesRelativeToTheRoot() throws {
    try Folder.create(temporary("elsewhere/deep"))
    try ArchiveFile.write(speech.files(), to: temporary("a.tar"))
    let source = { (input: String, root: String) in try Walked(input, root: root).utterances[0].entry.source }
    #expect(try source(temporary("a.tar"), temporary.path) == "a.tar")
    #expect(try source(temporary("corpus/test"), temporary.path + "/") == "corpus/test")
    #expect(try source(temporary("corpus"), temporary("corpus")) == ".")
    #expect(try source(temporary("a.tar"), temporary("elsewhere")) == temporary("a.tar"))
    let here = try runTool(
      "cpc-scan", ["-q", "a.tar", "--root", "elsewhere/deep"], in: temporary.path)
    #expect(here.text.contains(#""source":"../../a.tar""#), "\(here.messages)")
  }

  @Test func knowsWhereAFolderInsideACorpusStands() throws {
    let walked = try Walked(temporary("corpus/test/84/84100"))
    #expect(walked.ids == ["84-84100-0000", "84-84100-0001"])
    #expect(walked.utterances[0].entry.member == "84-84100-0000.flac")
  }

  @Test func ignoresHiddenFilesAndFollowsLinksWithoutLooping() throws {
    let folder = temporary("corpus/test/84/84100")
    var files = try speech.files()
    try write("junk", to: folder + "/._84-84100-0000.flac")
    try write("junk", to: folder + "/.84-84100-0007.flac")
    #expect(symlink("..", folder + "/up") == 0)
    #expect(symlink(temporary("corpus"), temporary("link")) == 0)
    try check(Walked(temporary("link")), "with links")

    files.insert(.init("test/84/84100/._84-84100-0000.flac", [1, 2, 3]), at: 0)
    files.insert(.init("__MACOSX/test/84/84100/84-84100-0000.flac", [1, 2, 3]), at: 0)
    try ArchiveFile.write(files.map { .init("./" + $0.path, $0.bytes) }, to: temporary("mac.tar"))
    try check(Walked(temporary("mac.tar")), "from macOS")
  }

  @Test(arguments: ArchiveFile.Format.allCases)
  func readsSpacesAndNonASCIINames(_ format: ArchiveFile.Format) throws {
    let name = "Größe und 日本 speech/"
    let files = try speech.files().map { ArchiveFile.Member(name + $0.path, $0.bytes) }
    try ArchiveFile.write(files, to: temporary("ü b.archive"), format: format)
    let walked = try Walked(temporary("ü b.archive"))
    try check(walked, "\(format)")
    #expect(walked.utterances[0].entry.member == name + speech.utterances[0].path)

    try Folder.create(temporary(name))
    #expect(rename(temporary("corpus"), temporary(name + "corpus")) == 0)
    try check(Walked(temporary(name)), "folder")
  }

  @Test func attachesTranscriptsThatComeFirst() throws {
    let files = try speech.files()
    let texts = files.filter { $0.path.hasSuffix(".txt") }
    try ArchiveFile.write(texts + files.filter { !$0.path.hasSuffix(".txt") }, to: temporary("a.tar"))
    let walked = try Walked(temporary("a.tar"))
    #expect(walked.problems == [] && walked.texts.count == speech.utterances.count)
    let scan = try runTool("cpc-scan", ["-q", temporary("a.tar")])
    for utterance in speech.utterances { #expect(scan.text.contains("\"text\":\"\(utterance.text)\"")) }
  }

  @Test func countsAudioWithoutTranscript() throws {
    let silent = try SpeechCorpus(folder: temporary("silent"), transcripts: false)
    let walked = try Walked(temporary("silent"))
    #expect(walked.problems == [] && walked.speakers == [])
    #expect(walked.withoutTranscript == silent.utterances.count)
  }

  @Test func knowsSizesBeforehand() throws {
    let total = speech.utterances.map(\.samples.count).reduce(0, +)
    let folder = try Corpus.opening([temporary("corpus")], options: CorpusOptions()).corpus
    #expect(folder.declaredUnits == total)
    let least = try #require(folder.minimumUnits)
    #expect(least > 0 && least <= total)
    #expect(folder.progressUnit == .files)
    try ArchiveFile.write(speech.files(), to: temporary("a.tar"))
    let archive = try Corpus.opening([temporary("a.tar")], options: CorpusOptions()).corpus
    #expect(archive.declaredUnits == nil && archive.progressUnit == .bytes)
    let size = try File.reading(temporary("a.tar")).size()
    #expect(archive.minimumUnits == size / 8 * 7 / 2)
    while try archive.next() != nil {}
    #expect(archive.progress == (size, size))
    while try folder.next() != nil {}
    #expect(folder.progress.done == folder.progress.total)
  }

  @Test func decodesToCountWhatIsNotDeclared() throws {
    let path = temporary("corpus/" + speech.utterances[0].path)
    var bytes = try File.contents(of: path)
    bytes[21] &= 0xf0
    for i in 22..<26 { bytes[i] = 0 }
    try write(bytes, to: path)
    #expect(try Walked(temporary("corpus")).utterances[0].entry.extent.count == speech.utterances[0].samples.count)
  }
}
