import Archives
import Audio
import Corpora
import FileIO
import Glibc
import Manifests
import TestSupport
import Testing

/// Real speech, where a folder with LibriSpeech archives is named by CPC_TEST_DATA.
private let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

@Suite(.enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with real speech"))
struct RealDataTests {
  @Test func decodesLikeLibsndfile() throws {
    let archive = try #require(dataFolder) + "/librispeech-dev-clean-16.tar.gz"
    let temporary = try TemporaryFolder()
    let corpus = try Corpus.opening([archive], options: CorpusOptions()).corpus
    let decoder = try FLACDecoder()
    let buffer = SampleBuffer()
    var speakers: Set<String> = []
    var count = 0
    var texts = 0
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance):
        let bytes = try utterance.file.load()
        let info = try decoder.decode(bytes, name: utterance.file.name, into: buffer)
        #expect(info.md5 != nil && buffer.count == utterance.entry.extent.count)
        try write(bytes, to: temporary("x.flac"))
        #expect(try AudioFile.read(temporary("x.flac")).samples.elementsEqual(buffer.samples))
        speakers.insert(utterance.entry.group)
        count += 1
      case .declared: Issue.record("an archive declares nothing")
      case .transcript: texts += 1
      case .speakers(let all): #expect(all.count > 2000)
      case .problem(let problem): Issue.record("\(problem.failure)")
      }
    }
    #expect((count, texts, speakers.count) == (1073, 1073, 16))
    #expect(corpus.utterancesWithoutTranscript == 0)
  }
}
