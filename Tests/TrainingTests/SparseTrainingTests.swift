import Kernels
import Models
import Networks
import Sampling
import Testing

@Suite struct SparseTrainingTests {
  /// The loss of a small task by both kinds of Adam: rows that wait for their word, and rows that go on moving.
  @Test func sparseUpdatesLearnAsWellAsDenseOnes() throws {
    func losses(isSparse: Bool) throws -> [Double] {
      let specification = smallText(words: 401)
      let texts = someTexts(60, specification)
      let model: ContrastiveModel<Float> = specification.makeModel(
        Float.self, windows: 8, pool: .batch, negatives: nil, seed: 1, workers: Workers(count: 2), training: true)
      model.initialize(seed: 1)
      // The same gradients over parameters of which none is sparse.
      let dense = model.parameters.map { Parameter<Float>($0.name, shape: $0.shape) }
      let adam = Adam(isSparse ? model.parameters : dense)
      let windows = texts.flatMap { text in
        stride(from: 0, through: text.sentences.count - 4, by: 4).map { Array(text.sentences[$0..<$0 + 4]) }
      }
      let plan = BatchPlan(records: windows.count, batch: 8, seed: 1)
      return (0..<400).map { update in
        for (w, index) in plan.batch(update).enumerated() {
          for (s, words) in windows[index].enumerated() {
            for (i, word) in words.enumerated() { model.input(w)[s * 7 + i] = Float(word) }
            model.input(w)[28 + s] = Float(words.count)
          }
        }
        for parameter in model.parameters { parameter.clearGradient() }
        model.forward()
        let loss = model.backward(batch: update).loss
        if isSparse {
          adam.update(learningRate: 1e-2, Workers(count: 1))
        } else {
          for (mine, theirs) in zip(dense, model.parameters) {
            mine.value.pointer.update(from: theirs.value.pointer, count: mine.count)
            mine.gradient.pointer.update(from: theirs.gradient.pointer, count: mine.count)
          }
          adam.update(learningRate: 1e-2, Workers(count: 1))
          for (mine, theirs) in zip(dense, model.parameters) {
            theirs.value.pointer.update(from: mine.value.pointer, count: mine.count)
            theirs.noteChange()
          }
        }
        return loss
      }
    }
    let (sparse, dense) = (try losses(isSparse: true), try losses(isSparse: false))
    func mean(_ losses: ArraySlice<Double>) -> Double { losses.reduce(0, +) / Double(losses.count) }
    for first in stride(from: 0, to: 400, by: 100) {
      let means = (mean(sparse[first..<first + 100]), mean(dense[first..<first + 100]))
      print("updates \(first) to \(first + 100): loss \(means.0) of sparse Adam, \(means.1) of dense")
      #expect(abs(means.0 - means.1) < 0.1 * means.1)
    }
    #expect(mean(sparse[300...]) < 0.9 * mean(sparse[..<20]))
  }
}
