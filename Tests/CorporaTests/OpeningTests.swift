import Archives
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// Lines of a manifest open their files themselves, whenever they are asked to.
@Suite struct OpeningTests {
  private let folder: TemporaryFolder
  private let audio: [[UInt8]]

  init() throws {
    folder = try TemporaryFolder()
    audio = try (0..<4).map { try AudioFile.encode(SpeechCorpus.speech(count: 100 + $0, seed: UInt64($0))) }
    for (i, bytes) in audio.enumerated() { try File.writing(folder("\(i).flac")).write(bytes) }
    try ArchiveFile.write(audio.enumerated().map { .init("\($0).flac", $1) }, to: folder("a.tar"))
  }

  private func items(_ name: String, member: Bool) throws -> [DeclaredUtterance] {
    var lines: [UInt8] = []
    for i in audio.indices {
      ManifestEntry(
        id: "\(i)", source: member ? name : "\(i).flac", member: member ? "\(i).flac" : nil, group: "g",
        extent: .audio(samples: 100 + i, rate: 16000)
      ).write(to: &lines)
    }
    try File.writing(folder("m.jsonl")).write(lines)
    let corpus = try Corpus(manifest: File.reading(folder("m.jsonl")))
    var items: [DeclaredUtterance] = []
    while let event = try corpus.next() { if case .declared(let item) = event { items.append(item) } }
    return items
  }

  @Test func afterTheWalkAndInAnyOrder() throws {
    for i in try items("", member: false).reversed() {
      let utterance = try i.open()
      #expect(try utterance.entry.id == i.entry.id && utterance.file.load() == audio[Int(i.entry.id)!])
    }
  }

  @Test func archivesInTheirOrder() throws {
    let items = try items("a.tar", member: true)
    for i in items { #expect(try i.open().file.load() == audio[Int(i.entry.id)!]) }
    // What has passed is refused by name, not mistaken for something else.
    #expect { try items[1].open() } throws: { ($0 as? Failure)?.kind == .badInput }
  }
}
