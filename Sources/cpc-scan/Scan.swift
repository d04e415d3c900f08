import CommandSupport
import Corpora
import FileIO
import Manifests
import Text

/// Takes a corpus event by event, writes its lines and counts what there was.
struct Scan {
  let corpus: Corpus
  let console: Console
  let isStrict: Bool
  private(set) var skipped = 0
  private var warnings = 0
  private var queue = TranscriptQueue()
  private var utterances = 0
  private var isWatched = false
  private var seconds = 0.0
  private var sentences = 0
  private var words: KindWords
  private var speakers: Set<SIMD2<UInt64>> = []

  /// - Parameter kind: of what comes, as its layout has it.
  init(corpus: Corpus, kind: String, console: Console, isStrict: Bool) {
    words = KindWords(kind)
    self.corpus = corpus
    self.console = console
    self.isStrict = isStrict
  }

  mutating func run(into result: ResultFile) throws {
    isWatched = result.isTerminal
    while let event = try corpus.next() { try take(event, into: result) }
    try finish(result)
  }

  /// As ``run(into:)``, of texts, whose sentences are counted; returns their words.
  mutating func run(_ rules: TextRules, threads: Int, into result: ResultFile) throws -> VocabularyCounter {
    isWatched = result.isTerminal
    let words = try scanTexts(corpus, rules: rules, threads: threads) { try take($0, into: result) }
    try finish(result)
    return words
  }

  private mutating func take(_ event: CorpusEvent, into result: ResultFile) throws {
    switch event {
    case .utterance(let utterance): count(utterance.entry)
    case .declared(let item): count(item.entry)
    case .transcript(let id, let text): queue.add(text: text, for: id)
    case .speakers: break
    case .problem(let problem):
      if isStrict { throw problem.failure }
      console.report(problem)
      if problem.isWarning { warnings += 1 } else { skipped += 1 }
    }
    try release(into: result, atEnd: false)
  }

  private mutating func finish(_ result: ResultFile) throws {
    try release(into: result, atEnd: true)
    try result.finish()
    console.finish()
    summarise()
  }

  private mutating func count(_ entry: ManifestEntry) {
    queue.add(entry)
    utterances += 1
    if case .audio(_, let rate) = entry.extent { seconds += Double(entry.range.count) / Double(rate) }
    if case .text = entry.extent { sentences += entry.range.count }
    speakers.insert(XXH3.key128(entry.group))
    console.show(corpus.progress(detail: counted(utterances, words.item)), besideResults: isWatched)
  }

  private mutating func release(into result: ResultFile, atEnd: Bool) throws {
    var bytes: [UInt8] = []
    while let entry = queue.next(atEnd: atEnd) { entry.write(to: &bytes) }
    if !bytes.isEmpty { try result.write(bytes) }
  }

  private func summarise() {
    var parts = [
      counted(utterances, words.item), counted(speakers.count, words.group),
    ]
    if seconds > 0 { parts.append("\(hours(samples: Int(seconds * 16_000))) hours") }
    if sentences > 0 { parts.append(counted(sentences, "sentence")) }
    if seconds > 0, corpus.utterancesWithoutTranscript > 0 {
      parts.append("\(grouped(corpus.utterancesWithoutTranscript)) without transcript")
    }
    parts += corpus.notes
    if warnings > 0 { parts.append("\(counted(warnings, "warning"))") }
    if skipped > 0 { parts.append("\(counted(skipped, "problem")), named above") }
    console.note(parts.joined(separator: ", "))
  }
}
