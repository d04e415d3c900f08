package import Kernels
import RealModule

/// Moves points down the gradient of the divergence, with momentum and gains (van der Maaten & Hinton 2008).
package final class Descent {
  private let affinities: Affinities
  private let count: Int
  private let workers: Workers
  private let repulsion: Repulsion
  package let x: Buffer<Float>
  package let y: Buffer<Float>
  /// Of x, then of y.
  private let gradients: [Buffer<Float>]
  private let updates: [Buffer<Float>]
  private let gains: [Buffer<Float>]

  /// - Parameter positions: [count, 2].
  package init(_ affinities: Affinities, positions: [Double], _ workers: Workers) {
    self.affinities = affinities
    self.workers = workers
    count = positions.count / 2
    repulsion = Repulsion(count: count, workers)
    let count = count
    x = Buffer((0..<count).map { Float(positions[2 * $0]) })
    y = Buffer((0..<count).map { Float(positions[2 * $0 + 1]) })
    gradients = [Buffer(count: count), Buffer(count: count)]
    updates = [Buffer(count: count), Buffer(count: count)]
    gains = [Buffer([Float](repeating: 1, count: count)), Buffer([Float](repeating: 1, count: count))]
  }

  /// A quarter of the gradient of the divergence whose p are `exaggeration` times as large.
  package func takeGradient(exaggeration: Float) -> (x: Buffer<Float>, y: Buffer<Float>) {
    let share = Float(1 / repulsion.take(x, y))
    workers.split(count, multipleOf: 16) { range in
      for i in range {
        let (attractionX, attractionY) = attraction(i)
        gradients[0][i] = exaggeration * attractionX - share * repulsion.x[i]
        gradients[1][i] = exaggeration * attractionY - share * repulsion.y[i]
      }
    }
    return (gradients[0], gradients[1])
  }

  /// Σ_j p_ij (y_i − y_j) / (1 + |y_i − y_j|²).
  private func attraction(_ i: Int) -> (Float, Float) {
    var (sumX, sumY) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
    let (px, py) = (x[i], y[i])
    let end = affinities.starts[i + 1]
    var k = affinities.starts[i]
    let (columns, values) = (affinities.columns.pointer, affinities.values.pointer)
    while k < end {
      var (otherX, otherY, p) = (SIMD8<Float>(repeating: px), SIMD8<Float>(repeating: py), SIMD8<Float>.zero)
      if k + 8 <= end {
        for lane in 0..<8 {
          let j = Int(columns[k + lane])
          otherX[lane] = x.pointer[j]
          otherY[lane] = y.pointer[j]
        }
        p = UnsafeRawPointer(values + k).loadUnaligned(as: SIMD8<Float>.self)
      } else {
        for lane in 0..<end - k {
          let j = Int(columns[k + lane])
          otherX[lane] = x.pointer[j]
          otherY[lane] = y.pointer[j]
          p[lane] = values[k + lane]
        }
      }
      let (dx, dy) = (px - otherX, py - otherY)
      let weight = p / (1 + dx * dx + dy * dy)
      sumX += weight * dx
      sumY += weight * dy
      k += 8
    }
    return (sumX.sum(), sumY.sum())
  }

  /// One iteration; the points' mean stays at the origin.
  package func step(exaggeration: Float, momentum: Float, rate: Float) {
    _ = takeGradient(exaggeration: exaggeration)
    for (axis, points) in [x, y].enumerated() {
      let (gradient, update, gain) = (gradients[axis], updates[axis], gains[axis])
      var sum = 0.0
      for i in 0..<count {
        let isDownhill = gradient[i] * update[i] < 0
        gain[i] = max(0.01, isDownhill ? gain[i] + 0.2 : gain[i] * 0.8)
        update[i] = momentum * update[i] - rate * gain[i] * gradient[i]
        points[i] += update[i]
        sum += Double(points[i])
      }
      let mean = Float(sum / Double(count))
      for i in 0..<count { points[i] -= mean }
    }
  }

  /// Σ p log(p / q) over the neighbours, q normalised over all pairs.
  package func divergence() -> Double {
    let logSum = Double.log(repulsion.take(x, y))
    let parts = Buffer<Double>(count: count)
    workers.split(count) { range in
      for i in range {
        for k in affinities.starts[i]..<affinities.starts[i + 1] {
          let p = Double(affinities.values[k])
          guard p > 0 else { continue }
          let j = Int(affinities.columns[k])
          let (dx, dy) = (Double(x[i] - x[j]), Double(y[i] - y[j]))
          parts[i] += p * (Double.log(p) + Double.log(1 + dx * dx + dy * dy) + logSum)
        }
      }
    }
    return parts.array.reduce(0, +)
  }
}
