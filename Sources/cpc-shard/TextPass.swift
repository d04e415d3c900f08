import CommandSupport
import Corpora
import FileIO
import Manifests
import Text

/// Goes through texts before records are made of them: their sentences are counted, which planning needs, and their words,
/// of which the vocabulary is made.
struct TextPass {
  let words: VocabularyCounter
  /// The corpus as a manifest, if it was none.
  let manifest: ScratchFile?
  let documents: Int
  /// What the corpus says of itself in the end.
  let notes: [String]
  /// What could not be read.
  let problems: [InputProblem]

  /// - Parameter isManifest: whether sentences are known.
  init(
    _ corpus: Corpus, rules: TextRules, threads: Int, isManifest: Bool, strict: Bool, _ console: Console
  ) throws {
    let file = isManifest ? nil : try ScratchFile()
    var documents = 0
    var found: [InputProblem] = []
    words = try scanTexts(corpus, rules: rules, threads: threads) { event in
      switch event {
      case .utterance(let utterance):
        documents += 1
        var line: [UInt8] = []
        utterance.entry.write(to: &line)
        try file?.file.write(line)
        console.show(corpus.progress(detail: "\(counted(documents, "document")) read, their words counted"))
      case .problem(let problem):
        if strict { throw problem.failure }
        found.append(problem)
      case .declared, .transcript, .speakers: break
      }
    }
    problems = isManifest ? [] : found
    self.documents = documents
    notes = corpus.notes
    manifest = file
  }
}
