import Kernels

extension SoftmaxModel {
  /// How many frames it tells right, on the calling thread. Of equal scores, the more frequent class of the training
  /// frames is predicted; frames whose scores overflow are errors.
  package func correct(_ frames: SelectedFrames, labels: [Int32]) throws -> Int {
    let blockRows = 256
    let columns = frames.columns
    let x = Buffer<Float>(count: blockRows * columns)
    let scores = Buffer<Float>(count: blockRows * scoreStride)
    let none = makeScratch(rows: blockRows)
    var correct = 0
    for first in Swift.stride(from: 0, to: frames.rows, by: blockRows) {
      let rows = first..<min(frames.rows, first + blockRows)
      try frames.read(rows, into: UnsafeMutableBufferPointer(start: x.pointer, count: rows.count * columns))
      let s = scores.matrix(scoreStride)
      score(x.matrix(columns), count: rows.count, into: s, none)
      for row in rows {
        let scores = UnsafeBufferPointer(start: s.row(row - first), count: classes.count)
        let best = scores.indices.reduce(0) { scores[$1] > scores[$0] ? $1 : $0 }
        if classes[best] == labels[row], scores.allSatisfy({ $0.isFinite }) { correct += 1 }
      }
    }
    return withExtendedLifetime((x, scores)) { correct }
  }
}
