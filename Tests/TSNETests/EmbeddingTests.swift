import FileIO
import Kernels
import TSNE
import TestSupport
import Testing

@Suite struct EmbeddingTests {
  private func positions(_ result: TSNEResult) -> [(x: Float, y: Float)] {
    (0..<result.positions.count / 2).map { (result.positions[2 * $0], result.positions[2 * $0 + 1]) }
  }

  private func distance(_ a: (x: Float, y: Float), _ b: (x: Float, y: Float)) -> Float {
    ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).squareRoot()
  }

  /// Few points, which repel each other pair by pair, and more, by way of a grid.
  @Test(arguments: [300, 1100]) func clustersStayApart(count: Int) throws {
    let clusters = Clusters(2, count: count, dimension: 10, distance: 8)
    let result = try TSNE.embed(clusters.rows, count: count, dimension: 10)
    let points = positions(result)
    #expect(result.perplexity == 30 && result.neighbours == 90)
    // Nobody's nearest point is of the other cluster.
    for i in 0..<count {
      let nearest = (0..<count).filter { $0 != i }.min {
        distance(points[i], points[$0]) < distance(points[i], points[$1])
      }
      #expect(clusters.labels[nearest!] == clusters.labels[i])
    }
    let trust = try TSNE.trustworthiness(clusters.rows, count: count, dimension: 10, positions: result.positions)
    #expect(trust > 0.9 && result.divergence > 0 && result.divergence < 3)
  }

  @Test func sameResultAtAnyThreadCount() throws {
    let clusters = Clusters(5, count: 1100, dimension: 20, distance: 2)
    let settings = TSNESettings(exaggeratedIterations: 40, iterations: 60)
    let results = try [1, 2, 3, 7].map { threads in
      try TSNE.embed(
        clusters.rows, count: 1100, dimension: 20, settings: settings, workers: Workers(count: threads))
    }
    for result in results { #expect(result.positions == results[0].positions) }
    #expect(Set(results.map(\.divergence)).count == 1)
    var other = settings
    other.seed = 1
    #expect(
      try TSNE.embed(clusters.rows, count: 1100, dimension: 20, settings: other).positions != results[0].positions)
  }

  /// Fewer rows than three times the perplexity.
  @Test(arguments: [2, 3, 4, 5, 20, 91]) func fewRowsLowerThePerplexity(count: Int) throws {
    let clusters = Clusters(2, count: count, dimension: 3, distance: 2)
    let result = try TSNE.embed(clusters.rows, count: count, dimension: 3)
    #expect(result.perplexity == max(1, min(30, Double(count - 1) / 3)) && result.neighbours < count)
    #expect(result.positions.count == 2 * count && result.positions.allSatisfy(\.isFinite))
    #expect(Set(positions(result).map(\.x)).count == count)
  }

  @Test func noRowsAndOneAreNoTrouble() throws {
    #expect(try TSNE.embed([], count: 0, dimension: 3).positions.isEmpty)
    #expect(try TSNE.embed([1, 2, 3], count: 1, dimension: 3).positions == [0, 0])
  }

  /// More equal rows than neighbours, columns without variance, rows on a line, and nothing but one row again and again.
  @Test(arguments: ["duplicates", "constant columns", "line", "equal"]) func oddRowsAreEmbedded(what: String) throws {
    var rows = Clusters(2, count: 200, dimension: 6, distance: 3).rows
    for i in 0..<200 {
      for k in 0..<6 {
        switch what {
        case "duplicates": rows[i * 6 + k] = rows[(i % 4) * 6 + k]
        case "constant columns": if k > 1 { rows[i * 6 + k] = 1e6 }
        case "line": rows[i * 6 + k] = Float(i)
        default: rows[i * 6 + k] = 7
        }
      }
    }
    let result = try TSNE.embed(rows, count: 200, dimension: 6, settings: TSNESettings(perplexity: 10))
    let points = positions(result)
    #expect(result.positions.allSatisfy(\.isFinite) && result.divergence.isFinite)
    if what == "duplicates" {
      for i in 0..<200 {
        let nearest = (0..<200).filter { $0 != i }.min {
          distance(points[i], points[$0]) < distance(points[i], points[$1])
        }
        #expect(nearest! % 4 == i % 4)
      }
    }
    if what != "equal", what != "duplicates" {
      #expect(try TSNE.trustworthiness(rows, count: 200, dimension: 6, positions: result.positions) > 0.95)
    }
  }

  @Test func whatCannotBeEmbeddedIsNamed() throws {
    var rows = Clusters(2, count: 20, dimension: 3, distance: 1).rows
    rows[3 * 7 + 2] = .infinity
    #expect {
      try TSNE.embed(rows, count: 20, dimension: 3)
    } throws: { "\($0)".contains("row 7: column 2 is inf") }
    #expect(throws: Failure.self) {
      try TSNE.embed([1, 2], count: 2, dimension: 1, settings: TSNESettings(perplexity: 0))
    }
    #expect(throws: Failure.self) {
      try TSNE.embed([1, 2], count: 2, dimension: 1, settings: TSNESettings(learningRate: -1))
    }
  }

  /// By the definition, with all ranks.
  @Test func trustworthinessIsThatOfTheRanks() throws {
    let (count, k) = (80, 7)
    let rows = Clusters(3, count: count, dimension: 5, distance: 1).rows
    let plane = Clusters(3, count: count, dimension: 2, distance: 1, seed: 2).rows
    func order(_ values: [Float], _ dimension: Int, _ i: Int) -> [Int] {
      let distances = (0..<count).map { j in
        (0..<dimension).reduce(0.0) { sum, d in
          let difference = Double(values[i * dimension + d]) - Double(values[j * dimension + d])
          return sum + difference * difference
        }
      }
      return (0..<count).filter { $0 != i }.sorted { distances[$0] < distances[$1] }
    }
    var missed = 0
    for i in 0..<count {
      let ranks = order(rows, 5, i)
      for j in order(plane, 2, i)[..<k] { missed += max(0, ranks.firstIndex(of: j)! + 1 - k) }
    }
    let expected = 1 - 2 * Double(missed) / Double(count * k * (2 * count - 3 * k - 1))
    let found = try TSNE.trustworthiness(rows, count: count, dimension: 5, positions: plane, neighbours: k)
    #expect(abs(found - expected) < 1e-9 && found < 0.9)
  }
}
