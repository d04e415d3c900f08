import Features
import Kernels

/// What one thread needs to align utterances with one model.
final class AlignmentWorker {
  let model: AcousticModel
  let table: GaussianTable
  private let features: FeatureStore
  private let means: Buffer<Float>
  private let rows = Buffer<Float>(count: GaussianTable.framesAtOnce * FeatureRows.stride)
  private let scratch: Buffer<Float>
  private let scores: Buffer<Float>
  private let blend: ScoreBlend?
  private let simpleScores: Buffer<Float>

  /// - Parameter means: [speaker, 13].
  init(
    model: AcousticModel, table: GaussianTable, blend: ScoreBlend? = nil, features: FeatureStore, means: Buffer<Float>
  ) {
    self.blend = blend
    simpleScores = Buffer(count: GaussianTable.framesAtOnce * (blend?.table.scoreStride ?? 0))
    self.model = model
    self.table = table
    self.features = features
    self.means = means
    scratch = Buffer(count: max(table.count, blend?.table.count ?? 0) * GaussianTable.framesAtOnce)
    scores = Buffer(count: GaussianTable.framesAtOnce * table.scoreStride)
  }

  /// The best path; nil if the utterance has fewer frames than its words need.
  func align(_ recording: Recording, stretch: Int? = nil) -> Segmentation? {
    let graph = UtteranceGraph(recording.words, model: model)
    guard let search = Viterbi(graph, frames: recording.frames, model: model) else { return nil }
    return search.search(stretch: stretch) { block in
      score(block, of: recording)
    }
  }

  /// The log-likelihoods of all states, [frame, state], a block of frames after the other.
  func forEachBlock(of recording: Recording, _ body: (Range<Int>, UnsafePointer<Float>) -> Void) {
    for first in stride(from: 0, to: recording.frames, by: GaussianTable.framesAtOnce) {
      let block = first..<min(first + GaussianTable.framesAtOnce, recording.frames)
      body(block, score(block, of: recording))
    }
  }

  /// The features of some frames, one after the other.
  func forEachRow(of recording: Recording, _ frames: Range<Int>, _ body: (Int, UnsafePointer<Float>) -> Void) {
    for first in stride(from: frames.lowerBound, to: frames.upperBound, by: GaussianTable.framesAtOnce) {
      let block = first..<min(first + GaussianTable.framesAtOnce, frames.upperBound)
      writeRows(block, of: recording)
      for t in block { body(t, rows.pointer + (t - first) * FeatureRows.stride) }
    }
  }

  private func score(_ block: Range<Int>, of recording: Recording) -> UnsafePointer<Float> {
    writeRows(block, of: recording)
    table.score(rows.pointer, count: block.count, scratch: scratch.pointer, into: scores.pointer)
    if let blend {
      blend.table.score(rows.pointer, count: block.count, scratch: scratch.pointer, into: simpleScores.pointer)
      for t in 0..<block.count {
        blend.mix(scores.pointer + t * table.scoreStride, simpleScores.pointer + t * blend.table.scoreStride)
      }
    }
    return UnsafePointer(scores.pointer)
  }

  /// Adds an utterance to the sums of the Gaussians.
  func accumulate(
    _ recording: Recording, states: [Int32], shares: UnsafeMutablePointer<Float>, into sums: Buffer<Float>
  ) {
    forEachRow(of: recording, 0..<recording.frames) { t, row in
      table.accumulate(row, state: Int(states[t]), shares: shares, into: sums.pointer)
    }
  }

  private func writeRows(_ frames: Range<Int>, of recording: Recording) {
    FeatureRows.write(
      frames, cepstra: features.cepstra(of: recording.features), count: recording.frames,
      mean: means.pointer + recording.speaker * MFCC.dimension, into: rows.pointer)
  }
}
