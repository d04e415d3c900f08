import Kernels

/// Random numbers for tests, each call the next ones.
struct Noise {
  private let stream: RandomStream
  private var next: UInt64 = 0

  init(_ seed: Int) { stream = RandomStream(seed: UInt64(seed), purpose: .tests) }

  mutating func normal() -> Double {
    next += 1
    return stream.normal(next)
  }

  mutating func integer(below bound: Int) -> Int {
    next += 1
    return stream.integer(next, below: bound)
  }
}
