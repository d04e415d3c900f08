import Archives
import Audio
import Corpora
import FileIO
import Manifests
import TestSupport

/// Everything that a walk said.
struct Walked {
  var utterances: [CorpusUtterance] = []
  var texts: [String: String] = [:]
  var speakers: [Speaker] = []
  var problems: [InputProblem] = []
  var withoutTranscript = 0

  var ids: [String] { utterances.map(\.entry.id) }
  var complaints: [String] { problems.map { "\($0.failure)" } }

  init(_ corpus: Corpus) throws {
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance): utterances.append(utterance)
      case .declared(let item):
        do { utterances.append(try item.open()) } catch let failure as Failure where failure.kind == .badInput {
          problems.append(InputProblem(id: item.entry.id, failure))
        }
      case .transcript(let id, let text): texts[id] = text
      case .speakers(let more): speakers += more
      case .problem(let problem): problems.append(problem)
      }
    }
    withoutTranscript = corpus.utterancesWithoutTranscript
  }

  init(_ inputs: String..., root: String? = nil) throws {
    try self.init(Corpus.opening(inputs, options: CorpusOptions(root: root)).corpus)
  }

  init(manifest: String, root: String? = nil) throws {
    try self.init(Corpus(manifest: File.reading(manifest), options: CorpusOptions(root: root)))
  }
}

func decode(_ audio: EncodedFile) throws -> [Int16] {
  let buffer = SampleBuffer()
  try FLACDecoder().decode(audio.load(), name: audio.name, into: buffer)
  return Array(buffer.samples)
}

func write(_ text: String, to path: String) throws { try File.writing(path).write(text) }
func write(_ bytes: [UInt8], to path: String) throws { try File.writing(path).write(bytes) }
