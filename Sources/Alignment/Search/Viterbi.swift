import Kernels
import RealModule

/// The exact search for the best path through an utterance's graph: no beam, so it fails only where the utterance has
/// fewer frames than its words need.
///
/// At each frame it looks only at words that can have been reached and from which the end can still be reached, which
/// leaves out no path. Choices are stored for one stretch of frames at a time: going forward it keeps the scores at the
/// beginning of each stretch, then it goes back stretch by stretch, repeating the forward pass in each. With stretches
/// of about √T frames, memory grows with √T (checkpointing; Grice, Hughey and Speck 1997).
package struct Viterbi {
  let graph: UtteranceGraph
  private let frames: Int
  private let scoreStride: Int
  /// Silences padded to whole vectors; their number is one more than that of the words.
  let silences: Int
  private let earliest: [Int]
  private let remaining: [Int]
  private let moves: [Float]
  private let leaveSilence: Float

  /// Memory for choices, in bytes, below which all are stored.
  static let choiceMemory = 64 << 20

  package init?(_ graph: UtteranceGraph, frames: Int, model: AcousticModel) {
    guard !graph.words.isEmpty, frames >= graph.least else { return nil }
    self.graph = graph
    self.frames = frames
    scoreStride = model.stateCount + 1
    silences = (graph.words.count + 1 + 7) & ~7
    let earliest = graph.words.reduce(into: [0]) { $0.append($0.last! + $1.least) }
    self.earliest = earliest
    remaining = earliest.map { earliest.last! - $0 }
    let targets = AcousticModel.silenceTargets
    // Log-probabilities of coming to state j from state i at [j · 5 + i].
    moves = (0..<AcousticModel.silenceStates).flatMap { j in
      (0..<AcousticModel.silenceStates).map { i in Float.log(model.silenceMoves[i * targets + j]) }
    }
    leaveSilence = Float.log(model.silenceMoves[AcousticModel.silenceStates * targets - 1])
    silenceState = Int32(model.firstState[model.silence])
    silencePhone = model.silence
  }

  let silenceState: Int32
  let silencePhone: Int

  /// The best path.
  ///
  /// - Parameters:
  ///   - stretch: frames of a stretch; nil chooses it.
  ///   - scores: the log-likelihoods of all states for a block of ``GaussianTable/framesAtOnce`` frames, the last one
  ///     shorter; blocks are asked for in order within a stretch.
  package func search(stretch: Int? = nil, scores: (Range<Int>) -> UnsafePointer<Float>) -> Segmentation {
    let width = ViterbiChoices.size(slots: graph.state.count, silences: silences)
    let block = GaussianTable.framesAtOnce
    let wanted = stretch ?? (width * frames <= Self.choiceMemory ? frames : 2 * Int(Double(frames).squareRoot()))
    let length = (wanted + block - 1) / block * block
    let choices = Buffer<UInt8>(count: min(length, frames) * width)
    var columns = (makeColumn(), makeColumn())
    columns.0.left[0] = 0
    for p in graph.words[0].pronunciations { columns.0.slots[graph.pronunciations[p].entry] = 0 }

    var checkpoints: [ViterbiColumn] = []
    let starts = Array(stride(from: 0, to: frames, by: length))
    var end: (score: Float, viaSilence: Bool) = (0, false)
    for start in starts.dropLast() {
      let saved = makeColumn()
      saved.copy(from: columns.0)
      checkpoints.append(saved)
      _ = forward(start..<start + length, &columns, choices: nil, width: width, scores)
    }
    end = forward(starts.last!..<frames, &columns, choices: choices.pointer, width: width, scores)

    var path = [Int32](repeating: 0, count: frames)
    var place = Place.reached(graph.words.count)
    for (i, start) in starts.enumerated().reversed() {
      let range = start..<min(start + length, frames)
      if i < starts.count - 1 {
        // Slots that are not looked at must be -infinity, as they were the first time.
        columns = (checkpoints.removeLast(), makeColumn())
        _ = forward(range, &columns, choices: choices.pointer, width: width, scores)
      }
      trace(range, choices.pointer, width, from: &place, into: &path)
    }
    return segmentation(path, score: Double(end.score))
  }

  private func makeColumn() -> ViterbiColumn { ViterbiColumn(slots: graph.state.count, silences: silences) }

  // MARK: - Forward

  /// Goes over `range`; `columns.0` holds what was before it and then what is at its end.
  private func forward(
    _ range: Range<Int>, _ columns: inout (ViterbiColumn, ViterbiColumn), choices: UnsafeMutablePointer<UInt8>?,
    width: Int, _ scores: (Range<Int>) -> UnsafePointer<Float>
  ) -> (score: Float, viaSilence: Bool) {
    let spare = choices == nil ? Buffer<UInt8>(count: width) : nil
    var words = 0...0
    var end: (score: Float, viaSilence: Bool) = (-.infinity, false)
    for first in stride(from: range.lowerBound, to: range.upperBound, by: GaussianTable.framesAtOnce) {
      let block = first..<min(first + GaussianTable.framesAtOnce, range.upperBound)
      let rows = scores(block)
      for t in block {
        words = activeWords(t, after: words)
        let memory = choices.map { $0 + (t - range.lowerBound) * width } ?? spare!.pointer
        let made = ViterbiChoices(memory, slots: graph.state.count, silences: silences)
        let row = rows + (t - first) * scoreStride
        stepSlots(words, row, from: columns.0, to: columns.1, made)
        stepSilences(words, row, from: columns.0, to: columns.1, made)
        end = leaveWords(words, columns.1, made)
        swap(&columns.0, &columns.1)
      }
    }
    return end
  }

  /// The words that the path can be in at frame t.
  private func activeWords(_ t: Int, after words: ClosedRange<Int>) -> ClosedRange<Int> {
    var (low, high) = (words.lowerBound, words.upperBound)
    while low < graph.words.count - 1, t + remaining[low + 1] > frames - 1 { low += 1 }
    while high < graph.words.count - 1, earliest[high + 1] <= t { high += 1 }
    return low...max(low, high)
  }

  private func stepSlots(
    _ words: ClosedRange<Int>, _ row: UnsafePointer<Float>, from old: ViterbiColumn, to new: ViterbiColumn,
    _ choices: ViterbiChoices
  ) {
    let first = graph.words[words.lowerBound].slots.lowerBound & ~7
    let end = graph.words[words.upperBound].slots.upperBound
    let (source, target) = (old.slots, new.slots)
    graph.state.withUnsafeBufferPointer { state in
      graph.stay.withUnsafeBufferPointer { stay in
        graph.advance.withUnsafeBufferPointer { advance in
          let (state, stay, advance) = (state.baseAddress!, stay.baseAddress!, advance.baseAddress!)
          for j in stride(from: first, to: end, by: 8) {
            let stayed = load(source + j) + load(stay + j)
            let came = load(source + j - 1) + load(advance + j)
            let moved = came .> stayed
            let likelihood = SIMD8<Float>(
              row[Int(state[j])], row[Int(state[j + 1])], row[Int(state[j + 2])], row[Int(state[j + 3])],
              row[Int(state[j + 4])], row[Int(state[j + 5])], row[Int(state[j + 6])], row[Int(state[j + 7])])
            store(stayed.replacing(with: came, where: moved) + likelihood, target + j)
            let bits = SIMD8<Int32>().replacing(with: 1, where: moved)
            UnsafeMutableRawPointer(choices.slots + j).storeBytes(
              of: SIMD8<UInt8>(truncatingIfNeeded: bits), as: SIMD8<UInt8>.self)
          }
        }
      }
    }
  }

  private func stepSilences(
    _ words: ClosedRange<Int>, _ row: UnsafePointer<Float>, from old: ViterbiColumn, to new: ViterbiColumn,
    _ choices: ViterbiChoices
  ) {
    let count = AcousticModel.silenceStates
    let first = words.lowerBound & ~7
    let end = words.upperBound + 2
    for j in 0..<count {
      let likelihood = SIMD8<Float>(repeating: row[Int(silenceState) + j])
      for k in stride(from: first, to: end, by: 8) {
        var best = SIMD8<Float>(repeating: -.infinity)
        var choice = SIMD8<Int32>(repeating: 0)
        if j == 0 {
          best = load(old.left.pointer + k)
          choice = SIMD8(repeating: Int32(ViterbiChoices.enteredSilence))
        }
        for i in 0..<count where moves[j * count + i] > -.infinity {
          let came = load(old.silence.pointer + i * silences + k) + SIMD8(repeating: moves[j * count + i])
          let better = came .> best
          best.replace(with: came, where: better)
          choice.replace(with: Int32(i), where: better)
        }
        store(best + likelihood, new.silence.pointer + j * silences + k)
        UnsafeMutableRawPointer(choices.silence + j * silences + k).storeBytes(
          of: SIMD8<UInt8>(truncatingIfNeeded: choice), as: SIMD8<UInt8>.self)
      }
    }
  }

  /// Ends of words and silences, and with them the entries of the next words; returns the score of ending here.
  private func leaveWords(
    _ active: ClosedRange<Int>, _ column: ViterbiColumn, _ choices: ViterbiChoices
  ) -> (score: Float, viaSilence: Bool) {
    let slots = column.slots
    let lastSilence = column.silence.pointer + (AcousticModel.silenceStates - 1) * silences
    column.left[active.lowerBound] = -.infinity
    var end: (score: Float, viaSilence: Bool) = (-.infinity, false)
    for k in active.lowerBound...active.upperBound + 1 {
      if k > active.lowerBound {
        var best = -Float.infinity
        var choice: UInt8 = 0
        let choosable = graph.words[k - 1].pronunciations
        for p in choosable {
          let score = slots[graph.pronunciations[p].last] + graph.pronunciations[p].exit
          if score > best {
            best = score
            choice = UInt8(p - choosable.lowerBound)
          }
        }
        column.left[k] = best
        choices.left[k] = choice
      }
      let direct = column.left[k]
      let silent = lastSilence[k] + leaveSilence
      let viaSilence = silent > direct
      choices.viaSilence[k] = viaSilence ? 1 : 0
      let reached = viaSilence ? silent : direct
      if k < graph.words.count {
        for p in graph.words[k].pronunciations { slots[graph.pronunciations[p].entry] = reached }
      } else {
        end = (reached, viaSilence)
      }
    }
    return end
  }

  @inline(__always)
  private func load(_ x: UnsafePointer<Float>) -> SIMD8<Float> {
    UnsafeRawPointer(x).loadUnaligned(as: SIMD8<Float>.self)
  }

  @inline(__always)
  private func store(_ value: SIMD8<Float>, _ x: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(x).storeBytes(of: value, as: SIMD8<Float>.self)
  }
}
