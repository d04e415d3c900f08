import Archives
import FileIO
import Manifests
import Pipelines
import Synchronization
public import Text

/// Reads the texts of a corpus with several threads: counts their sentences, which nothing else tells, and their words.
///
/// - Parameters:
///   - body: called for everything that the corpus says, in its order; documents have their sentences, and those that
///     cannot be read are problems.
/// - Returns: the words of all documents.
public func scanTexts(
  _ corpus: Corpus, rules: TextRules, threads: Int, _ body: (CorpusEvent) throws -> Void
) throws -> VocabularyCounter {
  // An unknown locale is the user's mistake, not a fault of each text.
  _ = try TextReader(.plain, rules: rules)
  let counters = Mutex<[WordCount]>([])
  try withoutActuallyEscaping(body) { body in
    try runOrderedPipeline(
      threads: threads, batch: 1, maximumCost: 256 << 20, cost: { $0.cost },
      read: { try corpus.next().map(found) },
      makeWorker: {
        let counter = WordCount()
        counters.withLock { $0.append(counter) }
        let readers = TextReaders(rules)
        return { events in events.map { scan($0, readers, counter) } }
      },
      commit: { _, event in try body(event) })
  }
  return try counters.withLock { try $0.reduce(into: VocabularyCounter()) { try $0.merge($1.words) } }
}

/// A line of a manifest with its file.
private func found(_ event: CorpusEvent) throws -> CorpusEvent {
  guard case .declared(let item) = event else { return event }
  do { return .utterance(try item.open()) } catch let failure as Failure where failure.kind == .badInput {
    return .problem(InputProblem(id: item.entry.id, failure))
  }
}

private func scan(_ event: CorpusEvent, _ readers: TextReaders, _ counter: WordCount) -> CorpusEvent {
  guard case .utterance(var utterance) = event else { return event }
  let name = utterance.file.name
  do {
    // Words of a text that is left out are not counted.
    var words = VocabularyCounter()
    let facts = try readers.read(utterance) { sentence in try words.add(sentence.tokens) }
    try counter.words.merge(words)
    let sentences = facts.sentences - facts.sentencesWithoutTokens
    guard sentences > 0 else { throw Failure(.badInput, path: name, "no sentence in it") }
    utterance.entry.extent = .text(sentences: sentences)
    try utterance.entry.checkLength(name: name)
    return .utterance(utterance)
  } catch {
    var failure = error as? Failure ?? Failure(.badInput, path: name, "\(error)")
    failure.path = failure.path ?? name
    return .problem(InputProblem(id: utterance.entry.id, failure))
  }
}

/// The words that one thread has met.
private final class WordCount: @unchecked Sendable {
  var words = VocabularyCounter()
}

extension CorpusEvent {
  /// Bytes of a file that is held, and what comes with any event.
  fileprivate var cost: Int {
    if case .utterance(let utterance) = self { utterance.file.heldBytes + 8192 } else { 8192 }
  }
}
