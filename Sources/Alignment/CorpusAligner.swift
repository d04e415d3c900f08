import Audio
public import Corpora
public import FileIO
import Kernels
import Labels
public import Manifests
import OrderedJSON
import Pipelines

/// What a user may choose when a corpus is aligned.
public struct AlignmentOptions: Sendable {
  public var training = ModelTrainingOptions()
  /// A model that is there already; nil trains one on the corpus itself.
  public var model: AlignmentModel?
  public var threads = 1
  /// Write when each word is spoken, too, under the key `words`.
  public var words = false
  /// Stop at the first bad input.
  public var strict = false
  /// Called from any thread.
  public var progress: ProgressHandler = { _ in }
  /// Names an utterance that is passed on without phones, or a bad input.
  public var report: @Sendable (InputProblem) -> Void = { _ in }

  public init() {}
}

/// What came of it.
public struct AlignmentSummary: Sendable {
  public var utterances = 0
  public var aligned = 0
  public var speakers = 0
  public var samples = 0
  public var problems = 0
  /// Words that have no times where those of words are written: their pronunciation is silence.
  public var silentWords = 0
  /// Mean over all frames of aligned utterances; nil if there is none.
  public var logLikelihoodPerFrame: Double?
  /// Seconds for reading with features, for training, for alignment.
  public var seconds = (reading: 0.0, training: 0.0, alignment: 0.0)
  public var model: AlignmentModel
  public var doubt: DoubtReport
}

/// Aligns every utterance of a corpus with its transcript.
///
/// The corpus is read once. Its features go to a temporary file of 19 MB an hour; a model is trained from them, and then
/// everything is aligned with it. The lines come out in corpus order, with the phones of each utterance; one that cannot
/// be aligned is named and comes out without.
public func alignCorpus(
  _ corpus: Corpus, pronouncer: Pronouncer, options: AlignmentOptions, write: (ManifestEntry) throws -> Void
) throws -> AlignmentSummary {
  try CorpusAligner(pronouncer, options).run(corpus, write)
}

private final class CorpusAligner {
  private let pronouncer: Pronouncer
  private let options: AlignmentOptions
  private let workers: Workers
  private var problems = 0
  private var silentWords = 0

  init(_ pronouncer: Pronouncer, _ options: AlignmentOptions) {
    self.pronouncer = pronouncer
    self.options = options
    workers = Workers(count: options.threads)
  }

  func run(_ corpus: Corpus, _ write: (ManifestEntry) throws -> Void) throws -> AlignmentSummary {
    var clock = monotonicSeconds()
    func lap() -> Double {
      let now = monotonicSeconds()
      defer { clock = now }
      return now - clock
    }
    let features = try CorpusFeatures(
      corpus, threads: options.threads, onProblem: { try self.note($0) },
      progress: { [options] corpus, count in options.progress(corpus.progress(detail: "\(count) read")) })
    let recordings = try recordings(of: features)
    let reading = lap()
    let trainable = recordings.compactMap { $0 }
    guard !trainable.isEmpty else {
      throw Failure(.badInput, "no utterance has both audio and a transcript: there is nothing to align")
    }
    let model = try options.model ?? train(trainable, features)
    let training = lap()
    let aligned = try align(recordings, features, model, write)
    return AlignmentSummary(
      utterances: features.entries.count, aligned: aligned.utterances.count, speakers: features.speakerCount,
      samples: features.samples, problems: problems, silentWords: silentWords,
      logLikelihoodPerFrame: aligned.frames > 0 ? aligned.score / Double(aligned.frames) : nil,
      seconds: (reading, training, lap()), model: model,
      doubt: DoubtReport(
        aligned.utterances, unaligned: aligned.failed, phoneNames: pronouncer.phoneSet.names, leastFrames: 3))
  }

  private func note(_ problem: InputProblem) throws {
    if options.strict { throw problem.failure }
    options.report(problem)
    problems += 1
  }

  /// What can be aligned; nil for the others, which are named.
  private func recordings(of features: CorpusFeatures) throws -> [Recording?] {
    try features.entries.indices.map { i in
      let entry = features.entries[i]
      do {
        let source = try features.sources[i].get()
        guard let text = entry.text else { throw Failure(.badInput, "no transcript") }
        return Recording(
          features: source, frames: features.store.frames(of: source), speaker: features.speakers[i],
          words: try pronouncer.pronounce(text))
      } catch let failure as Failure where failure.kind == .badInput {
        try note(InputProblem(id: entry.id, failure))
        return nil
      }
    }
  }

  private func train(_ recordings: [Recording], _ features: CorpusFeatures) throws -> AlignmentModel {
    let states = AcousticModel(
      phoneSet: pronouncer.phoneSet, silence: pronouncer.silence, noise: pronouncer.noise,
      density: AcousticModel.Mixture(weights: [], means: [], variances: []))
    let trainer = ModelTrainer(
      recordings: recordings.filter { UtteranceGraph($0.words, model: states).least <= $0.frames },
      features: features.store, means: features.means, workers: workers, options: options.training)
    // The first round asks for more time than the later ones: silence at both ends.
    guard trainer.recordings.contains(where: { Segmentation(equalParts: $0, model: states) != nil }) else {
      throw Failure(
        .badInput, "no utterance is long enough for its transcript: there is nothing to train with",
        hint: "does each transcript belong to its audio?")
    }
    let simple = trainer.train(phoneSet: pronouncer.phoneSet, silence: pronouncer.silence, noise: pronouncer.noise) {
      done, score in
      options.progress(
        Progress(
          done: done, total: options.training.iterations, unit: "iterations",
          detail: "log-likelihood \((score * 100).rounded() / 100)"))
    }
    guard options.training.contextStates > 0 else { return AlignmentModel(simple: simple) }
    let contextual = trainer.trainContexts(simple) { done, score in
      options.progress(
        Progress(
          done: done, total: options.training.contextIterations, unit: "iterations",
          detail: "log-likelihood \((score * 100).rounded() / 100), with contexts"))
    }
    return AlignmentModel(simple: simple, contextual: contextual)
  }

  /// Utterances that are aligned before their lines are written.
  private static let atOnce = 256

  private func align(
    _ recordings: [Recording?], _ features: CorpusFeatures, _ model: AlignmentModel,
    _ write: (ManifestEntry) throws -> Void
  ) throws -> (utterances: [AlignedUtterance], failed: [ManifestEntry], score: Double, frames: Int) {
    let table = GaussianTable(model.simple)
    let names = pronouncer.phoneSet.names
    let contextTable = model.contextual.map { GaussianTable($0) }
    let blend = model.contextual.map { ScoreBlend($0, with: table) }
    let aligners = LoanPool { [store = features.store, means = features.means] in
      UtteranceAligner(
        simple: AlignmentWorker(model: model.simple, table: table, features: store, means: means),
        contextual: model.contextual.map {
          AlignmentWorker(model: $0, table: contextTable!, blend: blend, features: store, means: means)
        })
    }
    var aligned: [AlignedUtterance] = []
    var failed: [ManifestEntry] = []
    var (score, frames) = (0.0, 0)
    for first in stride(from: 0, to: recordings.count, by: Self.atOnce) {
      let range = first..<min(first + Self.atOnce, recordings.count)
      let found = workers.map(range.count) { i -> UtteranceAlignment? in
        guard let recording = recordings[first + i] else { return nil }
        return aligners.withItem { $0.align(recording) }
      }
      for i in range {
        var entry = features.entries[i]
        entry.phones = nil
        if options.words { entry.extra["words"] = nil }
        if let recording = recordings[i] {
          if let alignment = found[i - first] {
            let segmentation = alignment.segmentation
            entry.phones = segmentation.segments.map { PhoneInterval(label: names[$0.phone], frames: $0.frames) }
            if options.words { entry.extra["words"] = words(of: entry, alignment) }
            score += segmentation.score
            frames += recording.frames
            let spoken = segmentation.segments.filter { $0.phone != pronouncer.silence }
            aligned.append(
              AlignedUtterance(
                id: entry.id, group: entry.group, speaker: recording.speaker, fit: alignment.fit,
                phones: spoken.map { UInt8($0.phone) }, durations: spoken.map { UInt16(clamping: $0.frames.count) }))
          } else {
            failed.append(entry)
            let words = recording.words.count
            let need = words == 1 ? "1 word needs" : "\(words) words need"
            try note(
              InputProblem(
                id: entry.id,
                Failure(
                  .badInput,
                  "its \(need) more time than the \(Double(entry.units) / Double(speechRate)) s that it lasts"
                )))
          }
        }
        try write(entry)
      }
      options.progress(Progress(done: range.upperBound, total: recordings.count, unit: "utterances", detail: "aligned"))
    }
    return (aligned, failed, score, frames)
  }

  private func words(of entry: ManifestEntry, _ alignment: UtteranceAlignment) -> JSON {
    let written = pronouncer.words(of: entry.text ?? "")
    precondition(written.count == alignment.words.count, "the transcript has other words than were aligned")
    return .array(
      zip(written, alignment.words).compactMap { word, frames in
        guard let frames else {
          silentWords += 1
          return nil
        }
        return PhoneInterval(label: word, frames: frames).json
      })
  }
}

extension PhoneInterval {
  /// Of frames of 10 ms.
  fileprivate init(label: String, frames: Range<Int>) {
    self.init(label: label, begin: Double(frames.lowerBound) / 100, end: Double(frames.upperBound) / 100)
  }
}
