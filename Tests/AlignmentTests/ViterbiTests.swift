import Alignment
import Kernels
import RealModule
import TestSupport
import Testing

/// The exact search against all paths there are, and against itself in pieces.
@Suite struct ViterbiTests {
  /// Every way through the words, one after the other: the best score of all, found without dynamic programming.
  private struct AllPaths {
    let model: AcousticModel
    let words: [[[UInt8]]]
    let scores: [[Float]]
    private(set) var best = -Double.infinity
    private(set) var bestStates: [Int32] = []

    init(model: AcousticModel, words: [[[UInt8]]], scores: [[Float]]) {
      self.model = model
      self.words = words
      self.scores = scores
      reach(word: 0, 0, [], true)
    }

    /// Before word `k`, all of `states` behind: silence or the word, or the end.
    private mutating func reach(word k: Int, _ score: Double, _ states: [Int32], _ maySilence: Bool) {
      if maySilence { silence(0, before: k, score, states) }
      if k == words.count {
        if states.count == scores.count, score > best { (best, bestStates) = (score, states) }
        return
      }
      for phones in words[k] {
        let row = phones.flatMap { model.states(of: Int($0)) }
        speak(row, 0, next: k + 1, score, states)
      }
    }

    private mutating func speak(_ row: [Int], _ i: Int, next: Int, _ score: Double, _ states: [Int32]) {
      guard states.count < scores.count else { return }
      let stay = Double(model.stay[row[i]])
      let here = score + Double(scores[states.count][row[i]])
      let states = states + [Int32(row[i])]
      speak(row, i, next: next, here + Double.log(stay), states)
      if i + 1 < row.count {
        speak(row, i + 1, next: next, here + Double.log(1 - stay), states)
      } else {
        reach(word: next, here + Double.log(1 - stay), states, true)
      }
    }

    private mutating func silence(_ s: Int, before k: Int, _ score: Double, _ states: [Int32]) {
      guard states.count < scores.count else { return }
      let here = score + Double(scores[states.count][s])
      let states = states + [Int32(s)]
      for j in 0..<5 where model.silenceMoves[s * 6 + j] > 0 {
        silence(j, before: k, here + Double.log(Double(model.silenceMoves[s * 6 + j])), states)
      }
      if model.silenceMoves[s * 6 + 5] > 0 {
        reach(word: k, here + Double.log(Double(model.silenceMoves[s * 6 + 5])), states, false)
      }
    }
  }

  private func randomScores(_ frames: Int, _ model: AcousticModel, _ generator: inout SeededGenerator) -> [[Float]] {
    (0..<frames).map { _ in
      (0..<model.stateCount).map { _ in Float.random(in: -12...0, using: &generator) } + [-Float.infinity]
    }
  }

  private func search(
    _ words: [[[UInt8]]], _ model: AcousticModel, _ scores: [[Float]], stretch: Int? = nil
  ) -> Segmentation? {
    let flat = Buffer(scores.flatMap { $0 })
    let graph = UtteranceGraph(words, model: model)
    return Viterbi(graph, frames: scores.count, model: model)?.search(stretch: stretch) { block in
      UnsafePointer(flat.pointer + block.lowerBound * (model.stateCount + 1))
    }
  }

  @Test func findsTheBestOfAllPaths() {
    var generator = SeededGenerator(3)
    let graphs: [[[[UInt8]]]] = [
      [[[2]]], [[[2], [3]]], [[[1]]], [[[2]], [[2]]], [[[2, 3], [3]], [[4], [2]]], [[[2], [3, 2], [4]], [[2]]],
    ]
    var compared = 0
    for (g, words) in graphs.enumerated() {
      for frames in 3...11 {
        let model = randomModel(phones: 3, using: &generator)
        let scores = randomScores(frames, model, &generator)
        let all = AllPaths(model: model, words: words, scores: scores)
        guard let found = search(words, model, scores) else {
          #expect(all.best == -.infinity, "graph \(g), \(frames) frames")
          continue
        }
        #expect(abs(found.score - all.best) < 1e-3, "graph \(g), \(frames) frames")
        #expect(found.states == all.bestStates, "graph \(g), \(frames) frames")
        compared += 1
      }
    }
    #expect(compared > 35)
  }

  @Test func stretchesChangeNothing() throws {
    var generator = SeededGenerator(4)
    let model = randomModel(phones: 8, using: &generator)
    let words = (0..<70).map { _ in
      (0..<Int.random(in: 1...3, using: &generator)).map { _ in
        (0..<Int.random(in: 1...5, using: &generator)).map { _ in UInt8.random(in: 2...9, using: &generator) }
      }
    }
    for frames in [UtteranceGraph(words, model: model).least, 900, 1500] {
      let scores = randomScores(frames, model, &generator)
      let whole = try #require(search(words, model, scores))
      for stretch in [1, 128, 256, 640] { #expect(search(words, model, scores, stretch: stretch) == whole) }
      #expect(whole.segments.first?.frames.lowerBound == 0 && whole.segments.last?.frames.upperBound == frames)
      for (a, b) in zip(whole.segments, whole.segments.dropFirst()) {
        #expect(a.frames.upperBound == b.frames.lowerBound)
      }
    }
  }

  @Test func repeatedPhonesStayApart() throws {
    var generator = SeededGenerator(6)
    let model = randomModel(phones: 2, using: &generator)
    let nine = randomScores(9, model, &generator)
    let found: Segmentation = try #require(search([[[2]], [[2, 2]]], model, nine))
    #expect(found.segments.map(\.phone) == [2, 2, 2])
    #expect(found.segments.map(\.frames) == [0..<3, 3..<6, 6..<9])
    #expect(search([[[2]], [[2, 2]]], model, randomScores(8, model, &generator)) == nil)
  }
}
