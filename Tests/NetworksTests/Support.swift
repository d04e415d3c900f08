import Kernels
import Networks
import Testing

/// Random numbers for tests, each call the next ones.
final class Noise {
  private let stream: RandomStream
  private var next: UInt64 = 0

  init(_ seed: Int) { stream = RandomStream(seed: UInt64(seed), purpose: .tests) }

  func normal() -> Double {
    next += 1
    return stream.normal(next)
  }

  func integer(_ range: ClosedRange<Int>) -> Int {
    next += 1
    return range.lowerBound + stream.integer(next, below: range.count)
  }

  func fill<T: KernelScalar>(_ buffer: Buffer<T>, scale: Double = 1) {
    for i in 0..<buffer.count { buffer[i] = T(scale * normal()) }
  }

  func buffer<T: KernelScalar>(_ count: Int, of type: T.Type = T.self, scale: Double = 1) -> Buffer<T> {
    let buffer = Buffer<T>(count: count)
    fill(buffer, scale: scale)
    return buffer
  }
}

/// ‖a − b‖ / max(‖a‖, ‖b‖).
func relativeDistance(_ a: [Double], _ b: [Double]) -> Double {
  func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  let difference = norm(zip(a, b).map { $0 - $1 })
  return difference == 0 ? 0 : difference / max(norm(a), norm(b))
}

/// Compares a gradient with central differences of `loss` at up to `samples` places spread over the buffer.
func expectGradient(
  _ analytic: Buffer<Double>, of value: Buffer<Double>, _ what: String, samples: Int = 40, tolerance: Double = 1e-6,
  sourceLocation: SourceLocation = #_sourceLocation, loss: () -> Double
) {
  let step = 1e-6
  let places = stride(from: 0, to: value.count, by: max(1, value.count / samples)).map { $0 }
  let numeric = places.map { i in
    let kept = value[i]
    value[i] = kept + step
    let above = loss()
    value[i] = kept - step
    let below = loss()
    value[i] = kept
    return (above - below) / (2 * step)
  }
  let expected = places.map { analytic[$0] }
  let error = relativeDistance(numeric, expected)
  #expect(error < tolerance, "\(what): relative error \(error)", sourceLocation: sourceLocation)
  #expect(expected.contains { $0 != 0 }, "\(what): the gradient is zero", sourceLocation: sourceLocation)
}
