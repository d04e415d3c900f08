import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

@Suite struct ConcatenatedArchiveTests {
  @Test(arguments: [ArchiveFile.Compression.none, .gzip, .zstd])
  func allPartsAreRead(compression: ArchiveFile.Compression) throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = []
    for speaker in [7, 8, 9] {
      let corpus = try SpeechCorpus(folder: folder("\(speaker)"), speakers: [speaker])
      try ArchiveFile.write(corpus.files(), to: folder("part"), format: .ustar, compression: compression)
      bytes += try File.contents(of: folder("part"))
    }
    try File.writing(folder("all")).write(bytes)
    let walked = try Walked(folder("all"))
    #expect(walked.problems == [])
    #expect(walked.utterances.map(\.entry.group) == ["7", "7", "8", "8", "9", "9"])
    try File.writing(folder("cut")).write(Array(bytes.dropLast(bytes.count / 6)))
    #expect(try Walked(folder("cut")).problems.count == 1)
  }

  /// Of two zips the one or the other would be read, without a word.
  @Test func twoZipsAreNamed() throws {
    let folder = try TemporaryFolder()
    var bytes: [UInt8] = []
    for speaker in [7, 8] {
      let corpus = try SpeechCorpus(folder: folder("\(speaker)"), speakers: [speaker])
      try ArchiveFile.write(corpus.files(), to: folder("part"), format: .zip, compression: .none)
      #expect(try Walked(folder("part")).problems == [])
      bytes += try File.contents(of: folder("part"))
    }
    try File.writing(folder("all")).write(bytes)
    for piped in [false, true] {
      let result =
        try piped
        ? runTool("cpc-scan", ["-"], input: bytes) : runTool("cpc-scan", [folder("all")])
      #expect(result.status == 1 && result.messages.contains("two zip archives"), "\(piped): \(result.messages)")
    }
  }
}
