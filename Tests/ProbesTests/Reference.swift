import RealModule

import Probes

/// The objective of a softmax regression and its gradient, in double precision, frame by frame and as the formula says.
struct ReferenceRegression {
  let columns: Int
  let classes: Int
  /// [rows, columns].
  let x: [Double]
  let labels: [Int32]
  let l2: Double

  init(_ set: Synthetic, l2: Double, standardized: Bool) {
    columns = set.columns
    classes = set.classes
    labels = set.labels
    self.l2 = l2
    var x = set.numbers.map { Double($0) }
    if standardized {
      for j in 0..<columns {
        let column = stride(from: j, to: x.count, by: columns).map { x[$0] }
        let mean = column.reduce(0, +) / Double(column.count)
        let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
        for i in stride(from: j, to: x.count, by: columns) {
          x[i] = variance > 0 ? (x[i] - mean) / variance.squareRoot() : 0
        }
      }
    }
    self.x = x
  }

  /// w is [columns + 1, classes], intercepts last.
  func value(_ w: [Double]) -> (Double, gradient: [Double]) {
    var gradient = [Double](repeating: 0, count: w.count)
    var sum = 0.0
    for (i, label) in labels.enumerated() {
      let scores = (0..<classes).map { k in
        (0..<columns).reduce(w[columns * classes + k]) { $0 + x[i * columns + $1] * w[$1 * classes + k] }
      }
      let largest = scores.max()!
      let total = scores.reduce(0) { $0 + Double.exp($1 - largest) }
      sum += Double.log(total) + largest - scores[Int(label)]
      for k in 0..<classes {
        let slope = Double.exp(scores[k] - largest) / total - (k == Int(label) ? 1 : 0)
        for j in 0..<columns { gradient[j * classes + k] += slope * x[i * columns + j] }
        gradient[columns * classes + k] += slope
      }
    }
    let n = Double(labels.count)
    for i in w.indices { gradient[i] = gradient[i] / n + (i < columns * classes ? l2 * w[i] : 0) }
    return (sum / n + l2 / 2 * w.prefix(columns * classes).reduce(0) { $0 + $1 * $1 }, gradient)
  }

  /// The minimum, by accelerated gradient descent (Nesterov 1983) with restarts and a step below 1 / (largest curvature).
  func minimum(steps: Int) -> Double {
    let trace = x.reduce(0) { $0 + $1 * $1 } / Double(labels.count) + 1
    let rate = 1 / (trace / 2 + l2)
    var w = [Double](repeating: 0, count: (columns + 1) * classes)
    var (previous, momentum, best) = (w, 1.0, Double.infinity)
    for _ in 0..<steps {
      let next = (1 + (1 + 4 * momentum * momentum).squareRoot()) / 2
      let ahead = w.indices.map { w[$0] + (momentum - 1) / next * (w[$0] - previous[$0]) }
      let (value, gradient) = value(ahead)
      previous = w
      w = w.indices.map { ahead[$0] - rate * gradient[$0] }
      momentum = value > best ? 1 : next
      best = min(best, value)
    }
    return value(w).0
  }
}

extension SoftmaxRegression.Fit {
  /// The parameters as ``ReferenceRegression`` has them: by the number of the class. Of features as they come unless
  /// standardised.
  func parameters(_ set: Synthetic, standardized: Bool) -> [Double] {
    var w = [Double](repeating: 0, count: (set.columns + 1) * set.classes)
    for (place, label) in model.classes.enumerated() {
      for j in 0..<set.columns {
        w[j * set.classes + Int(label)] =
          standardized ? model.parameters[j * model.classes.count + place] : model.weight(j, place)
      }
      w[set.columns * set.classes + Int(label)] =
        standardized ? model.parameters[set.columns * model.classes.count + place] : model.intercept(place)
    }
    return w
  }
}
