import Kernels

/// Minimises a smooth convex function by limited-memory BFGS (Nocedal and Wright, "Numerical Optimization", algorithm
/// 7.4) from a given inverse of its second derivatives, with a line search for the weak conditions of Wolfe.
struct LimitedMemoryBFGS {
  /// Pairs of steps and changes of the gradient that are remembered.
  var memory = 10
  var maximumIterations: Int
  /// See ``Outcome/isConverged``.
  var tolerance: Double

  struct Outcome {
    var value: Double
    var iterations = 0
    /// Times that the function was computed.
    var evaluations = 1
    /// The decrease that the quadratic model of the function still promises, ½ gᵀ H g, as a part of the function.
    var promise = Double.infinity
    /// The promise is at most the tolerance.
    var isConverged = false
  }

  /// Relative error that values of the function have.
  private static let noise = 1e-8
  /// A promise that no H₀ is wrong enough to hide anything behind.
  private static let rounding = 1e-14

  /// - Parameters:
  ///   - point: Where to start; in the end, the best point found.
  ///   - evaluate: Gives the value, and puts the gradient in the second buffer.
  ///   - precondition: Puts H₀ times the first buffer in the second.
  func minimize(
    _ point: Buffer<Double>, evaluate: (Buffer<Double>, Buffer<Double>) throws -> Double,
    precondition: (Buffer<Double>, Buffer<Double>) -> Void
  ) rethrows -> Outcome {
    let n = point.count
    var gradient = Buffer<Double>(count: n)
    var trial = Buffer<Double>(count: n)
    var trialGradient = Buffer<Double>(count: n)
    var current = Buffer<Double>(point.array)
    var history: [Pair] = []
    var outcome = Outcome(value: try evaluate(current, gradient))
    while outcome.value.isFinite {
      let direction = direction(gradient, history, precondition)
      let slope = dot(gradient, direction)
      outcome.promise = -slope / 2 / max(outcome.value, .leastNormalMagnitude)
      // Not before a step was made, as nothing but a step tells whether H₀ is too small; but where there is nothing but
      // rounding left, no step will be found.
      if outcome.promise <= tolerance, !history.isEmpty || outcome.promise <= Self.rounding {
        outcome.isConverged = true
        break
      }
      guard outcome.iterations < maximumIterations, slope < 0 else { break }
      outcome.iterations += 1
      var (low, high, length) = (0.0, Double.infinity, 1.0)
      var found: Double?
      for _ in 0..<30 {
        for i in 0..<n { trial[i] = current[i] + length * direction[i] }
        let value = try evaluate(trial, trialGradient)
        outcome.evaluations += 1
        let slack = Self.noise * abs(outcome.value)
        if !(value <= outcome.value + 1e-4 * length * slope + slack) {
          high = length
        } else if dot(trialGradient, direction) < 0.9 * slope {
          low = length
        } else {
          found = value
          break
        }
        length = high.isFinite ? (low + high) / 2 : 2 * length
      }
      guard let found else {
        // Curvatures that were learnt far away can mislead.
        if history.isEmpty { break }
        history = []
        continue
      }
      if let pair = Pair(from: current, to: trial, gradient, trialGradient, precondition) {
        history.append(pair)
        if history.count > memory { history.removeFirst() }
      }
      outcome.value = found
      swap(&current, &trial)
      swap(&gradient, &trialGradient)
    }
    point.pointer.update(from: current.pointer, count: n)
    return outcome
  }

  /// −H · gradient by the two loops.
  private func direction(
    _ gradient: Buffer<Double>, _ history: [Pair], _ precondition: (Buffer<Double>, Buffer<Double>) -> Void
  ) -> Buffer<Double> {
    let n = gradient.count
    let q = Buffer<Double>(gradient.array)
    var alphas: [Double] = []
    for pair in history.reversed() {
      let alpha = dot(pair.step, q) / pair.curvature
      alphas.append(alpha)
      for i in 0..<n { q[i] -= alpha * pair.change[i] }
    }
    let r = Buffer<Double>(count: n)
    precondition(q, r)
    let scale = -(history.last?.scale ?? 1)
    for i in 0..<n { r[i] *= scale }
    for (pair, alpha) in zip(history, alphas.reversed()) {
      // The result is negated, so α counts the other way round.
      let factor = -alpha - dot(pair.change, r) / pair.curvature
      for i in 0..<n { r[i] += factor * pair.step[i] }
    }
    return r
  }

  private struct Pair {
    let step: Buffer<Double>
    let change: Buffer<Double>
    /// stepᵀ change.
    let curvature: Double
    /// What brings H₀ to the curvature along this step.
    let scale: Double

    init?(
      from point: Buffer<Double>, to next: Buffer<Double>, _ gradient: Buffer<Double>, _ nextGradient: Buffer<Double>,
      _ precondition: (Buffer<Double>, Buffer<Double>) -> Void
    ) {
      let n = point.count
      step = Buffer(count: n)
      change = Buffer(count: n)
      for i in 0..<n {
        step[i] = next[i] - point[i]
        change[i] = nextGradient[i] - gradient[i]
      }
      curvature = dot(step, change)
      let preconditioned = Buffer<Double>(count: n)
      precondition(change, preconditioned)
      let length = dot(change, preconditioned)
      guard curvature > 0, length > 0 else { return nil }
      scale = curvature / length
    }
  }
}

/// Σ x · y.
private func dot(_ x: Buffer<Double>, _ y: Buffer<Double>) -> Double {
  let (a, b) = (x.pointer, y.pointer)
  var sums = SIMD8<Double>.zero
  let whole = x.count / 8 * 8
  for i in stride(from: 0, to: whole, by: 8) {
    sums +=
      UnsafeRawPointer(a + i).loadUnaligned(as: SIMD8<Double>.self)
      * UnsafeRawPointer(b + i).loadUnaligned(as: SIMD8<Double>.self)
  }
  var sum = sums.sum()
  for i in whole..<x.count { sum += a[i] * b[i] }
  return sum
}
