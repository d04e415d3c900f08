import Archives
import Corpora
import FileIO
import Manifests
import Members
import TestSupport
import Testing

/// What archives hold besides plain files.
struct ArchiveContentTests {
  let temporary: TemporaryFolder
  let audio: [UInt8]
  let samples = SpeechCorpus.speech(count: 20_000, seed: 4)

  init() throws {
    temporary = try TemporaryFolder()
    audio = try AudioFile.encode(samples)
  }

  private func walk(_ name: String) throws -> Walked {
    let options = CorpusOptions(layout: .speakerFolders, below: ".")
    return try Walked(try Corpus.opening([temporary(name)], options: options).corpus)
  }

  private func link(_ name: String, _ target: String, isHard: Bool = false) -> ArchiveFile.Member {
    .init(name, linkedTo: target, isHard: isHard)
  }

  @Test(arguments: [ArchiveFile.Compression.none, .gzip])
  func linksAreFollowed(_ compression: ArchiveFile.Compression) throws {
    let other = try AudioFile.encode(SpeechCorpus.speech(count: 9_000, seed: 5))
    try ArchiveFile.write(
      [
        link("x/early.flac", "b.flac"), .init("x/a.flac", audio), .init("x/b.flac", other),
        link("x/hard.flac", "x/a.flac", isHard: true), link("x/hard2.flac", "x/b.flac", isHard: true),
        link("y/soft.flac", "../x/a.flac"), link("y/chain.flac", "./soft.flac"), link("y/again.flac", "../x/b.flac"),
        link("z/circle.flac", "circle.flac"), link("z/out.flac", "../../etc/x.flac"),
        link("z/absolute.flac", "/etc/x.flac"), link("z/nowhere.flac", "missing.flac"),
      ], to: temporary("a.tar"), format: .pax, compression: compression)
    let walked = try walk("a.tar")
    let expected = [
      "x/early": other, "x/a": audio, "x/b": other, "x/hard": audio, "x/hard2": other, "y/soft": audio,
      "y/chain": audio, "y/again": other,
    ]
    #expect(walked.ids.sorted() == expected.keys.sorted(), "\(walked.complaints)")
    for utterance in walked.utterances { #expect(try utterance.file.load() == expected[utterance.entry.id]) }
    for reason in ["leads round in a circle", "is outside the archive", "the archive does not hold"] {
      #expect(walked.complaints.contains { $0.contains(reason) }, "\(walked.complaints)")
    }
    #expect(walked.problems.count == 4)

    // The lines of a manifest find the same.
    var lines: [UInt8] = []
    for utterance in walked.utterances { utterance.entry.write(to: &lines) }
    try write(lines, to: temporary("m.jsonl"))
    let again = try Walked(manifest: temporary("m.jsonl"))
    #expect(again.ids == walked.ids && again.complaints.isEmpty, "\(again.complaints)")
    for utterance in again.utterances { #expect(try utterance.file.load() == expected[utterance.entry.id]) }
  }

  @Test func aLinkToAFolderWithAudioIsNamed() throws {
    try ArchiveFile.write(
      [
        .init("all/x/a.flac", audio), link("train/x", "../all/x"), link("docs", "nowhere"),
        link("all/README", "x/a.flac"),
      ], to: temporary("a.tar"), format: .pax)
    let walked = try walk("a.tar")
    #expect(walked.ids == ["all/x/a"])
    #expect(
      walked.complaints.count == 1
        && walked.complaints[0].contains("train/x: a link to a folder with files of the corpus"))
  }

  @Test func linksInAPipeAreNamed() throws {
    try ArchiveFile.write(
      [.init("x/a.flac", audio), link("x/b.flac", "x/a.flac", isHard: true)], to: temporary("a.tar"), format: .pax)
    let result = try runTool(
      "cpc-scan", ["-", "--layout", "speaker-folders", "--below", "."], input: File.contents(of: temporary("a.tar")))
    #expect(result.status == 1 && result.messages.contains("which cannot be followed in a pipe"), "\(result.messages)")
    #expect(result.text.contains("\"x/a\""))
  }

  /// The local header has the flags 24 bytes before the name and the method 22, the central one 38 and 36
  /// (APPNOTE.TXT 4.3.7 and 4.3.12).
  @Test(arguments: [9, 96, 77]) func methodsOfZipAreNamed(_ method: UInt8) throws {
    try ArchiveFile.write(
      [.init("x/a.flac", audio), .init("x/b.flac", audio), .init("x/c.flac", audio)], to: temporary("a.zip"),
      format: .zip)
    var bytes = try File.contents(of: temporary("a.zip"))
    for (name, offsets, change) in [
      ("x/a.flac", (22, 36), { (byte: inout UInt8) in byte = method }),
      ("x/b.flac", (24, 38), { (byte: inout UInt8) in byte |= 1 }),
    ] {
      let places = bytes.indices.filter { bytes[$0...].starts(with: name.utf8) }
      #expect(places.count == 2)
      change(&bytes[places[0] - offsets.0])
      change(&bytes[places[1] - offsets.1])
    }
    try write(bytes, to: temporary("a.zip"))
    let walked = try walk("a.zip")
    #expect(walked.ids == ["x/c"], "\(walked.complaints)")
    let complaints = walked.complaints.joined(separator: "\n")
    #expect(complaints.contains("x/a.flac: packed in a way that is not read") && complaints.contains("(\(method)"))
    #expect(complaints.contains("x/b.flac: encrypted: it can be read only with a password"))
  }

  @Test func archivesInsideAnArchive() throws {
    try ArchiveFile.write([.init("x/a.flac", audio)], to: temporary("inner.tar"), compression: .gzip)
    let inner = try File.contents(of: temporary("inner.tar"))
    try ArchiveFile.write([.init("wav/S1.tar.gz", inner), .init("wav/S2.TGZ", inner)], to: temporary("a.tar"))
    let failure = try #require(failure { _ = try walk("a.tar") })
    #expect(failure.reason.contains("it holds 2 archives") && failure.hint?.contains("unpack it") == true, "\(failure)")
    // Beside audio they are named too.
    try ArchiveFile.write([.init("s/a.flac", audio), .init("more.zip", inner)], to: temporary("b.tar"))
    let walked = try walk("b.tar")
    #expect(walked.ids == ["s/a"] && walked.complaints.count == 1)
    #expect(walked.complaints[0].contains("more.zip: an archive inside the archive"))
  }

  @Test func endingsInUpperCase() throws {
    try Folder.create(temporary("c/19/198"))
    try write(audio, to: temporary("c/19/198/19-198-0000.FLAC"))
    try write("19-198-0000 SOME WORDS\n", to: temporary("c/19/198/19-198.TRANS.TXT"))
    let walked = try Walked(temporary("c"))
    #expect(walked.ids == ["19-198-0000"] && walked.texts == ["19-198-0000": "SOME WORDS"])
    #expect(walked.complaints.isEmpty)
    try Folder.create(temporary("l/1/b"))
    try write(audio, to: temporary("l/1/b/r.FLAC"))
    try write("{\"voice_activity\":[[0.1,0.5],[0.6,0.9]]}", to: temporary("l/1/b/r.JSON"))
    let options = CorpusOptions(layout: .libriLight)
    let light = try Walked(try Corpus.opening([temporary("l")], options: options).corpus)
    #expect(light.utterances.count == 2 && light.utterances[0].entry.units == 6_400, "\(light.complaints)")
  }
}
