import Features
import Kernels
import Labels

/// How an acoustic model is trained.
public struct ModelTrainingOptions: Sendable {
  public var iterations = 20
  /// Gaussians of all states without contexts together, in the end.
  public var gaussians = 1000
  /// Audio that training uses, in hours; of more, utterances from all over the corpus are taken.
  public var hours = 10.0
  /// States that depend on neighbouring phones, at most; 0 for none.
  public var contextStates = 1200
  public var contextIterations = 12
  /// Gaussians of these states together, in the end.
  public var contextGaussians = 4000

  public init() {}
}

/// Trains an acoustic model from nothing but features and pronunciations: all states begin alike, each utterance is cut
/// into equal parts for its states, and then paths and densities are found by turns, with more and more Gaussians
/// (Viterbi training; the order of steps is that of Kaldi's train_mono.sh).
struct ModelTrainer {
  let features: FeatureStore
  let means: Buffer<Float>
  private(set) var recordings: [Recording]
  let workers: Workers
  let options: ModelTrainingOptions
  private var chunks: [Range<Int>]

  /// Sums are made over this many parts of the corpus and then added in order, so that threads do not change them.
  private static let mostChunks = 64

  init(
    recordings: [Recording], features: FeatureStore, means: Buffer<Float>, workers: Workers,
    options: ModelTrainingOptions
  ) {
    self.features = features
    self.means = means
    self.workers = workers
    self.options = options
    let chosen = Self.choose(recordings, hours: options.hours)
    self.recordings = chosen
    chunks = Self.chunks(chosen.map(\.frames))
  }

  mutating func replace(recordings: [Recording]) {
    self.recordings = recordings
    chunks = Self.chunks(recordings.map(\.frames))
  }

  /// Every n-th utterance, so that all speakers have a part; at least the first.
  private static func choose(_ recordings: [Recording], hours: Double) -> [Recording] {
    let total = recordings.reduce(0) { $0 + $1.frames }
    let share = hours * 360_000 / Double(max(1, total))
    guard share < 1 else { return recordings }
    func place(_ i: Int) -> Double { (Double(i) * share).rounded(.down) }
    return recordings.indices.filter { place($0) != place($0 - 1) }.map { recordings[$0] }
  }

  /// Cuts a list into ranges of about the same number of frames.
  private static func chunks(_ frames: [Int]) -> [Range<Int>] {
    let total = frames.reduce(0, +)
    let size = max(3000, (total + mostChunks - 1) / mostChunks)
    var result: [Range<Int>] = []
    var (first, sum) = (0, 0)
    for (i, count) in frames.enumerated() {
      sum += count
      if sum >= size || i == frames.count - 1 {
        result.append(first..<i + 1)
        (first, sum) = (i + 1, 0)
      }
    }
    return result
  }

  /// - Parameter progress: called after each iteration with the log-likelihood of a frame.
  func train(phoneSet: PhoneSet, silence: Int, noise: Int?, progress: (Int, Double) -> Void) -> AcousticModel {
    let all = density()
    var model = AcousticModel(phoneSet: phoneSet, silence: silence, noise: noise, density: all)
    model.update(
      statistics(model, isFirst: true), variances: all.variances, options: .init(leastOccupancy: 3))
    return improve(model, iterations: options.iterations, gaussians: options.gaussians, progress: progress)
  }

  /// Finds paths and densities by turns. For the first three quarters the number of Gaussians grows.
  ///
  /// - Parameter simple: the model without contexts that one with contexts is blended with.
  func improve(
    _ model: AcousticModel, blendedWith simple: AcousticModel? = nil, iterations: Int, gaussians: Int,
    progress: (Int, Double) -> Void
  ) -> AcousticModel {
    var model = model
    let variances = density().variances
    let frames = Double(recordings.reduce(0) { $0 + $1.frames })
    let growing = max(1, iterations * 3 / 4)
    let start = model.gaussianCount
    for iteration in 0..<iterations {
      let statistics = statistics(model, blendedWith: simple, isFirst: false)
      model.update(statistics, variances: variances, options: .init())
      if iteration < growing {
        model.split(to: start + (gaussians - start) * (iteration + 1) / growing, frames: statistics.frames)
      }
      progress(iteration + 1, statistics.score / frames)
    }
    return model
  }

  /// One Gaussian for all speech.
  private func density() -> AcousticModel.Mixture {
    let dimension = FeatureRows.dimension
    let sums = chunked { chunk in
      let sums = Buffer<Double>(count: FeatureRows.stride)
      let row = Buffer<Float>(count: FeatureRows.stride)
      for recording in recordings[chunk] {
        for t in 0..<recording.frames {
          FeatureRows.write(
            t..<t + 1, cepstra: features.cepstra(of: recording.features), count: recording.frames,
            mean: means.pointer + recording.speaker * MFCC.dimension, into: row.pointer)
          for i in 0..<FeatureRows.stride { sums[i] += Double(row[i]) }
        }
      }
      return sums.array
    }
    var total = [Double](repeating: 0, count: FeatureRows.stride)
    for part in sums { for i in total.indices { total[i] += part[i] } }
    let count = total[FeatureRows.one]
    let mean = (0..<dimension).map { total[$0] / count }
    return AcousticModel.Mixture(
      weights: [1], means: mean.map { Float($0) },
      variances: (0..<dimension).map { Float(max(1e-3, total[dimension + $0] / count - mean[$0] * mean[$0])) })
  }

  private func statistics(
    _ model: AcousticModel, blendedWith simple: AcousticModel? = nil, isFirst: Bool
  ) -> ModelStatistics {
    let table = GaussianTable(model)
    let blend = simple.map { ScoreBlend(model, with: GaussianTable($0)) }
    let parts = chunked { chunk in
      let worker = AlignmentWorker(model: model, table: table, blend: blend, features: features, means: means)
      let sums = Buffer<Float>(count: table.count * FeatureRows.stride)
      let shares = Buffer<Float>(count: table.count)
      var part = ModelStatistics(gaussians: table.count, states: table.states)
      for recording in recordings[chunk] {
        let found = isFirst ? Segmentation(equalParts: recording, model: model) : worker.align(recording)
        guard let found else { continue }
        part.count(found, model: model)
        worker.accumulate(recording, states: found.states, shares: shares.pointer, into: sums)
      }
      part.add(sums)
      return part
    }
    var total = parts[0]
    for part in parts.dropFirst() { total.add(part) }
    return total
  }

  /// The results of all chunks, in their order.
  func chunked<Value>(_ body: (Range<Int>) -> Value) -> [Value] {
    workers.map(chunks.count) { body(chunks[$0]) }
  }
}

extension Segmentation {
  /// The first pronunciation of each word, with silence before and after them, every state as long as any other; nil
  /// if there are fewer frames than states.
  init?(equalParts recording: Recording, model: AcousticModel) {
    let phones = [model.silence] + recording.words.flatMap { $0[0].map { Int($0) } } + [model.silence]
    let states = phones.flatMap { model.states(of: $0) }
    guard states.count <= recording.frames else { return nil }
    var state = 0
    var segments: [Segment] = []
    var path = [Int32](repeating: 0, count: recording.frames)
    for phone in phones {
      let members = state..<state + model.states(of: phone).count
      let frames =
        members.lowerBound * recording.frames / states.count..<members.upperBound * recording.frames / states.count
      for s in members {
        for t in s * recording.frames / states.count..<(s + 1) * recording.frames / states.count {
          path[t] = Int32(states[s])
        }
      }
      segments.append(Segment(phone: phone, frames: frames))
      state = members.upperBound
    }
    self.init(segments: segments, states: path, score: 0)
  }
}
