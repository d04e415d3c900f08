import Kernels
import Labels

/// Training of states that depend on a phone's neighbours, upon a model whose states do not.
extension ModelTrainer {
  private struct Key: Hashable {
    var state: Int
    var left: Int
    var right: Int
  }

  private struct Part {
    var recordings: [Recording] = []
    var items: [Key: GaussianSums] = [:]
    var phones: [GaussianSums]
  }

  func trainContexts(_ simple: AcousticModel, progress: (Int, Double) -> Void) -> AcousticModel {
    let table = GaussianTable(simple)
    let parts = chunked { chunk -> Part in
      var part = Part(phones: Array(repeating: GaussianSums(), count: simple.phoneSet.names.count))
      let worker = AlignmentWorker(model: simple, table: table, features: features, means: means)
      for recording in recordings[chunk] {
        guard let found = worker.align(recording) else { continue }
        part.recordings.append(Recording(recording, asIn: found, silence: simple.silence))
        let segments = found.segments
        for (i, segment) in segments.enumerated() {
          let left = i > 0 ? segments[i - 1].phone : simple.silence
          let right = i + 1 < segments.count ? segments[i + 1].phone : simple.silence
          let middle = simple.states(of: segment.phone).lowerBound + simple.states(of: segment.phone).count / 2
          worker.forEachRow(of: recording, segment.frames) { t, row in
            let state = Int(found.states[t])
            part.items[Key(state: state, left: left, right: right), default: GaussianSums()].add(row)
            if state == middle { part.phones[segment.phone].add(row) }
          }
        }
      }
      return part
    }
    var merged: [Key: GaussianSums] = [:]
    var likeness = Array(repeating: GaussianSums(), count: simple.phoneSet.names.count)
    for part in parts {
      for (key, sums) in part.items { merged[key, default: GaussianSums()].add(sums) }
      for i in likeness.indices { likeness[i].add(part.phones[i]) }
    }
    var items = [[ContextItem]](repeating: [], count: simple.stateCount)
    for (key, sums) in merged.sorted(by: { ($0.key.left, $0.key.right) < ($1.key.left, $1.key.right) }) {
      items[key.state].append(ContextItem(left: key.left, right: key.right, frames: sums))
    }
    for phone in [simple.silence, simple.noise].compactMap({ $0 }) {
      // These do not depend on what is beside them.
      for state in simple.states(of: phone) {
        guard !items[state].isEmpty else { continue }
        let all = items[state].reduce(into: GaussianSums()) { $0.add($1.frames) }
        items[state] = [ContextItem(left: 0, right: 0, frames: all)]
      }
    }
    let builder = ContextTreeBuilder(likeness: likeness)
    let (tree, frames) = builder.build(items, most: options.contextStates)
    let model = AcousticModel(simple, contexts: tree, frames: frames)
    var fixed = self
    fixed.replace(recordings: parts.flatMap(\.recordings))
    return fixed.improve(
      model, blendedWith: simple, iterations: options.contextIterations, gaussians: options.contextGaussians,
      progress: progress)
  }
}

extension Recording {
  /// The same with the pronunciations and silences that have been found: what stands between two silences is one word.
  init(_ recording: Recording, asIn found: Segmentation, silence: Int) {
    self = recording
    words = found.segments.split { $0.phone == silence }.map { [$0.map { UInt8($0.phone) }] }
  }
}

extension AcousticModel {
  /// States with contexts, one Gaussian each.
  init(_ simple: AcousticModel, contexts tree: ContextTree, frames: [GaussianSums]) {
    self = simple
    contexts = tree
    for (state, sums) in frames.enumerated() {
      let mixture: Mixture
      if sums.count >= 10 {
        mixture = Mixture(
          weights: [1], means: sums.sums.map { Float($0 / sums.count) },
          variances: (0..<FeatureRows.dimension).map { Float(max(sums.variance($0), 0.01)) })
      } else {
        mixture = simple.mixtures[state]
      }
      if state < simple.stateCount {
        mixtures[state] = mixture
      } else {
        mixtures.append(mixture)
        stay.append(0.75)
      }
    }
  }
}
