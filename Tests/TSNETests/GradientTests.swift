import FileIO
import Kernels
import RealModule
import TSNE
import Testing

@Suite struct GradientTests {
  private let workers = Workers(count: 2)

  private func affinities(_ clusters: Clusters, count: Int, dimension: Int, perplexity: Double) throws -> Affinities {
    let rows = try Rows(clusters.rows, count: count, dimension: dimension, workers)
    let neighbours = Neighbours(of: rows, perRow: min(count - 1, Int(3 * perplexity)), workers)
    return Affinities(neighbours, count: count, perplexity: perplexity, workers)
  }

  /// Positions of a spread that there is in an iteration.
  private func positions(_ count: Int, deviation: Double) -> [Double] {
    let stream = RandomStream(seed: 3, purpose: .tests)
    return (0..<2 * count).map { deviation * stream.normal(UInt64($0)) }
  }

  /// The divergence by its definition, over all pairs.
  private func divergence(_ affinities: Affinities, _ y: [Double], exaggeration: Double = 1) -> Double {
    let count = y.count / 2
    func near(_ i: Int, _ j: Int) -> Double {
      let (dx, dy) = (y[2 * i] - y[2 * j], y[2 * i + 1] - y[2 * j + 1])
      return 1 / (1 + dx * dx + dy * dy)
    }
    var sum = 0.0
    for i in 0..<count { for j in 0..<count where j != i { sum += near(i, j) } }
    var result = 0.0
    for i in 0..<count {
      for k in affinities.starts[i]..<affinities.starts[i + 1] {
        let p = Double(affinities.values[k])
        result += p * Double.log(p * sum / near(i, Int(affinities.columns[k])))
      }
    }
    return result
  }

  @Test func affinitiesAreThoseOfThePerplexity() throws {
    let count = 120
    let clusters = Clusters(3, count: count, dimension: 6, distance: 1)
    let all = try affinities(clusters, count: count, dimension: 6, perplexity: 12)
    #expect(abs(all.values.array.reduce(0) { $0 + Double($1) } - 1) < 1e-5)
    // Symmetric: p of i and j is p of j and i.
    var table = [[Float]](repeating: [Float](repeating: 0, count: count), count: count)
    for i in 0..<count {
      for k in all.starts[i]..<all.starts[i + 1] { table[i][Int(all.columns[k])] = all.values[k] }
    }
    for i in 0..<count { for j in 0..<count { #expect(table[i][j] == table[j][i]) } }
    // The widest perplexity that neighbours allow.
    let rows = try Rows(clusters.rows, count: count, dimension: 6, workers)
    let neighbours = Neighbours(of: rows, perRow: 36, workers)
    for i in 0..<count {
      let expected = (0..<count).filter { $0 != i }.map { (rows.squaredDistance(i, $0), $0) }.sorted { $0 < $1 }
      #expect((0..<36).map { Int(neighbours.indices[i * 36 + $0]) } == expected[..<36].map(\.1))
    }
  }

  /// A quarter of the derivative of the divergence, by finite differences.
  @Test(arguments: [0.01, 1, 6]) func gradientIsTheDerivative(deviation: Double) throws {
    let count = 60
    let affinities = try affinities(
      Clusters(3, count: count, dimension: 6, distance: 1), count: count, dimension: 6, perplexity: 12)
    // As single precision has them.
    let y = positions(count, deviation: deviation).map { Double(Float($0)) }
    let descent = Descent(affinities, positions: y, workers)
    let gradient = descent.takeGradient(exaggeration: 1)
    var (difference, size) = (0.0, 0.0)
    for i in 0..<count {
      for axis in 0..<2 {
        let step = 1e-4 * deviation
        var (more, less) = (y, y)
        more[2 * i + axis] += step
        less[2 * i + axis] -= step
        let slope = (divergence(affinities, more) - divergence(affinities, less)) / (2 * step)
        let found = 4 * Double((axis == 0 ? gradient.x : gradient.y)[i])
        difference += (found - slope) * (found - slope)
        size += slope * slope
      }
    }
    #expect((difference / size).squareRoot() < 1e-3, "\((difference / size).squareRoot())")
    let found = descent.divergence()
    #expect(abs(found - divergence(affinities, y)) < 1e-5 * max(1, abs(found)))
  }

  /// All pairs, and the grid at every spread there is from the first iteration to the last.
  @Test(arguments: [1e-4, 0.01, 0.3, 1, 3, 10], [0, 1000])
  func repulsionIsTheSumOverPairs(deviation: Double, byPairs: Int) {
    let count = 700
    let y = positions(count, deviation: deviation)
    let px = Buffer((0..<count).map { Float(y[2 * $0]) })
    let py = Buffer((0..<count).map { Float(y[2 * $0 + 1]) })
    let repulsion = Repulsion(count: count, byPairs: byPairs, workers)
    let sum = repulsion.take(px, py)
    var (expectedSum, difference, size) = (0.0, 0.0, 0.0)
    for i in 0..<count {
      var (x, y) = (0.0, 0.0)
      for j in 0..<count where j != i {
        let (dx, dy) = (Double(px[i] - px[j]), Double(py[i] - py[j]))
        let near = 1 / (1 + dx * dx + dy * dy)
        expectedSum += near
        x += dx * near * near
        y += dy * near * near
      }
      let (errorX, errorY) = (Double(repulsion.x[i]) - x, Double(repulsion.y[i]) - y)
      difference += errorX * errorX + errorY * errorY
      size += x * x + y * y
    }
    let error = (difference / size).squareRoot()
    if byPairs > 0 { #expect(error < 1e-5 && abs(sum / expectedSum - 1) < 1e-5) }
    #expect(error < 0.02 && abs(sum / expectedSum - 1) < 0.01, "\(error) \(sum / expectedSum - 1)")
  }

  @Test(arguments: [128, 192, 256, 384, 1024]) func transformIsFouriers(size: Int) {
    let transform = FourierTransform(size: size)
    let stream = RandomStream(seed: 5, purpose: .tests)
    func value(_ j: Int, _ lane: Int) -> (Float, Float) {
      let units = stream.units(UInt64(j * 8 + lane))
      return (units.x - 0.5, units.y - 0.5)
    }
    for j in 0..<size {
      for lane in 0..<8 { transform.input.set(j, lane: lane, value(j, lane).0, value(j, lane).1) }
    }
    let result = transform.forward()
    for (lane, k) in [(0, 0), (3, 1), (5, size / 2), (7, size - 1), (2, size / 3)] {
      var (re, im) = (0.0, 0.0)
      for j in 0..<size {
        let angle = -2 * Double.pi * Double(j * k % size) / Double(size)
        let (a, b) = (Double(value(j, lane).0), Double(value(j, lane).1))
        re += a * Double.cos(angle) - b * Double.sin(angle)
        im += a * Double.sin(angle) + b * Double.cos(angle)
      }
      let found = result.get(k, lane: lane)
      #expect(abs(Double(found.0) - re) < 1e-4 && abs(Double(found.1) - im) < 1e-4)
    }
    // There and back.
    let kept = transform.kept
    kept.re.update(from: result.re, count: size)
    kept.im.update(from: result.im, count: size)
    transform.input.re.update(from: kept.re, count: size)
    transform.input.im.update(from: kept.im, count: size)
    let back = transform.inverse()
    for j in 0..<size {
      let found = back.get(j, lane: 6)
      #expect(abs(found.0 / Float(size) - value(j, 6).0) < 1e-5 && abs(found.1 / Float(size) - value(j, 6).1) < 1e-5)
    }
  }
}
