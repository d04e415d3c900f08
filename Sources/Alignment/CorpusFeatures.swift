import Archives
import Audio
import Corpora
import Features
import FileIO
import Kernels
import Manifests
import Pipelines

/// The features and texts of a corpus that has been read once.
final class CorpusFeatures {
  /// In corpus order, with their texts.
  private(set) var entries: [ManifestEntry] = []
  /// The place of each entry's features in ``store``, or why it has none.
  private(set) var sources: [Result<Int, Failure>] = []
  /// Which speaker each entry is of.
  private(set) var speakers: [Int] = []
  let store: FeatureStore
  /// [speaker, 13]: mean cepstra.
  private(set) var means = Buffer<Float>(count: 0)
  private(set) var samples = 0

  private var speakerIndex: [Name: Int] = [:]
  private var sums: [Double] = []
  private var frames: [Int] = []

  var speakerCount: Int { frames.count }

  /// Reads, decodes and analyses the whole corpus.
  ///
  /// - Parameters:
  ///   - onProblem: takes what belongs to no utterance.
  ///   - progress: called for each utterance that has been read.
  init(
    _ corpus: Corpus, threads: Int, onProblem: @escaping (InputProblem) throws -> Void,
    progress: @escaping (Corpus, Int) -> Void
  ) throws {
    store = try FeatureStore()
    var queue = TranscriptQueue()
    let mfcc = MFCC()
    try runOrderedPipeline(
      threads: threads, batch: 1, maximumCost: 256 << 20, cost: \.cost,
      read: {
        while let event = try corpus.next() {
          switch event {
          case .utterance(let utterance):
            queue.add(utterance.entry)
            return Found(entry: utterance.entry, audio: .success(utterance))
          case .declared(let item):
            queue.add(item.entry)
            do { return Found(entry: item.entry, audio: .success(try item.open())) } catch let failure as Failure
              where failure.kind == .badInput
            { return Found(entry: item.entry, audio: .failure(failure)) }
          case .transcript(let id, let text): queue.add(text: text, for: id)
          case .speakers: break
          case .problem(let problem): try onProblem(problem)
          }
        }
        return nil
      },
      makeWorker: {
        let decoder = try AudioDecoder()
        let buffer = SampleBuffer()
        return { found in
          found.map { item in
            do {
              return .success(try Self.cepstra(of: try item.audio.get(), decoder, buffer, mfcc))
            } catch let failure as Failure { return .failure(failure) } catch {
              return .failure(Failure(.badInput, "\(error)"))
            }
          }
        }
      },
      commit: { [self] (item: Found, cepstra: Result<[Float], Failure>) in
        try add(item.entry, cepstra)
        progress(corpus, sources.count)
      })
    while let entry = queue.next(atEnd: true) { entries.append(entry) }
    try store.finish()
    let width = MFCC.dimension
    means = Buffer(sums.indices.map { Float(sums[$0] / Double(max(1, frames[$0 / width]))) })
  }

  /// An utterance and its audio, or why that cannot be had.
  private struct Found: Sendable {
    var entry: ManifestEntry
    var audio: Result<CorpusUtterance, Failure>

    var cost: Int { ((try? audio.get().file.byteCount) ?? 0) + 2 * entry.units }
  }

  private static func cepstra(
    of utterance: CorpusUtterance, _ decoder: AudioDecoder, _ buffer: SampleBuffer, _ mfcc: MFCC
  ) throws -> [Float] {
    let outcome = try decoder.decode(utterance.piece, into: buffer)
    let samples = buffer.samples
    if let md5 = outcome.md5, MD5.digests(of: [UnsafeRawBufferPointer(samples)]) != [md5] {
      throw FLACStreamInfo.wrongMD5(name: utterance.file.name)
    }
    return [Float](unsafeUninitializedCapacity: MFCC.frames(samples: samples.count) * MFCC.dimension) { output, count in
      count = MFCC.frames(samples: samples.count) * MFCC.dimension
      if count > 0 { mfcc.compute(samples, into: output.baseAddress!) }
    }
  }

  private func add(_ entry: ManifestEntry, _ cepstra: Result<[Float], Failure>) throws {
    let speaker = speakerIndex[Name(entry.group)] ?? frames.count
    if speaker == frames.count {
      speakerIndex[Name(entry.group)] = speaker
      frames.append(0)
      sums += [Double](repeating: 0, count: MFCC.dimension)
    }
    speakers.append(speaker)
    switch cepstra {
    case .failure(let failure): sources.append(.failure(failure))
    case .success(let values):
      sources.append(.success(store.count))
      try store.append(values)
      samples += entry.units
      frames[speaker] += values.count / MFCC.dimension
      for (i, value) in values.enumerated() { sums[speaker * MFCC.dimension + i % MFCC.dimension] += Double(value) }
    }
  }
}
