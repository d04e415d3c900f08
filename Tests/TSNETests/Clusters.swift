import Kernels

/// Points around a few centres: [count, dimension], and which centre each is of.
struct Clusters {
  var rows: [Float] = []
  var labels: [Int] = []

  init(_ centres: Int, count: Int, dimension: Int, distance: Double, seed: UInt64 = 1) {
    let stream = RandomStream(seed: seed, purpose: .tests)
    func normal(_ i: Int) -> Double { stream.normal(UInt64(i)) }
    for i in 0..<count {
      let label = i % centres
      labels.append(label)
      for k in 0..<dimension {
        let centre = distance * normal(label * dimension + k)
        rows.append(Float(centre + normal(1_000_000 + i * dimension + k)))
      }
    }
  }
}
