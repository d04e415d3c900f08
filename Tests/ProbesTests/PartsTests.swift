import FileIO
import Kernels
import Probes
import RealModule
import Testing

@Suite struct PartsTests {
  @Test func selectedRowsAreThoseOfTheirRanges() throws {
    let frames = DenseFrames(columns: 2, (0..<40).map { Float($0) })
    let selected = SelectedFrames(frames, [3..<5, 5..<5, 5..<9, 0..<1, 12..<20])
    let rows = Array(3..<9) + [0] + Array(12..<20)
    #expect(selected.rows == rows.count)
    for low in 0..<rows.count {
      for high in low...rows.count {
        let read = try [Float](unsafeUninitializedCapacity: (high - low) * 2) { memory, count in
          count = (high - low) * 2
          try selected.read(low..<high, into: UnsafeMutableBufferPointer(rebasing: memory[0..<count]))
        }
        #expect(read == rows[low..<high].flatMap { [Float(2 * $0), Float(2 * $0 + 1)] })
      }
    }
  }

  @Test(arguments: [(1, 1000, 0), (5, 1000, 3), (40, 37, 0), (300, 200, 123_456_789_012)])
  func theBootstrapIsTheSlowOne(count: Int, resamples: Int, seed: Int) {
    let noise = Noise(count)
    let frames = (0..<count).map { _ in 1 + noise.integer(below: 300) }
    let correct = frames.map { noise.integer(below: $0 + 1) }
    let random = (0..<resamples).map { RandomStream(seed: UInt64(seed), purpose: .bootstrap, index: $0) }
    let sorted = random.map { random in
      let drawn = (0..<count).map { random.integer(UInt64($0), below: count) }
      return Double(drawn.map { correct[$0] }.reduce(0, +)) / Double(drawn.map { frames[$0] }.reduce(0, +))
    }.sorted()
    // NumPy's percentile: between the neighbours of place q · (n − 1).
    func percentile(_ q: Double) -> Double {
      let place = q * Double(resamples - 1)
      let (low, high) = (sorted[Int(place.rounded(.down))], sorted[Int(place.rounded(.up))])
      return low + (high - low) * (place - place.rounded(.down))
    }
    for threads in [1, 3] {
      let interval = Bootstrap(resamples: resamples, seed: UInt64(seed))
        .interval(correct: correct, frames: frames, Workers(count: threads))
      #expect(abs(interval.low - percentile(0.025)) < 1e-12 && abs(interval.high - percentile(0.975)) < 1e-12)
    }
  }

  @Test(arguments: [(1, 512), (63, 64), (64, 64), (5000, 128), (5000, 100)])
  func anEpochHasEachFrameOnce(rows: Int, batch: Int) throws {
    let frames = DenseFrames(columns: 2, (0..<2 * rows).map { Float($0) })
    let batches = ShuffledBatches(
      SelectedFrames(frames, [0..<rows]), targets: (0..<rows).map { Int32($0) }, batch: batch, seed: 9,
      Workers(count: 2))
    var orders: [[Int32]] = []
    for epoch in [0, 1, 0] {
      var seen: [Int32] = []
      try batches.forEach(epoch: epoch) { x, targets, count in
        #expect(count == targets.count && count <= batch)
        for i in 0..<count {
          #expect(x.row(i)[0] == Float(2 * targets[i]) && x.row(i)[1] == Float(2 * targets[i] + 1))
        }
        seen += targets
      }
      #expect(seen.sorted() == (0..<rows).map { Int32($0) })
      orders.append(seen)
    }
    #expect(orders[0] == orders[2])
    if rows > 10 { #expect(orders[0] != orders[1] && orders[0] != orders[0].sorted()) }
  }

  /// Frames that cannot be read.
  struct BrokenFrames: FrameMatrix {
    var rows: Int { 2000 }
    var columns: Int { 2 }
    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
      if rows.upperBound > 1500 { throw Failure(.badInput, path: "features", "cut") }
      for i in destination.indices { destination[i] = Float((i * 7) % 5) }
    }
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func aFailureOfFramesIsTheProbes(kind: ProbeSettings.Kind) throws {
    let data = try ProbeData(
      frames: BrokenFrames(), labels: (0..<2000).map { Int32($0 % 2) }, classes: ["a", "b"],
      utterances: (0..<2000).map { Int32($0 / 100) }, parts: (0..<20).map { $0 % 2 == 0 ? .training : .test })
    var settings = ProbeSettings()
    settings.kind = kind
    let error = #expect(throws: Failure.self) { try Probe(settings, Workers(count: 2)).run(data, target: "phone") }
    #expect(error?.path == "features")
  }

  @Test func theHiddenLayersGradientIsItsLosss() throws {
    let set = Synthetic(seed: 20, utterances: 1, frames: 150, columns: 4, classes: 3)
    let workers = Workers(count: 2)
    let counts = ClassCount.sorted(set.labels)
    let places = ClassCount.places(counts.map(\.label))
    let moments = try Moments(BlockPass(SelectedFrames(set.frames, [0..<150]), bytesOfGroup: 100, workers))
    let model = HiddenLayerModel(classes: counts.map(\.label), width: 5, moments, standardized: true)
    model.initialize(seed: 1)
    let x = Buffer(set.numbers)
    model.prepare(x.matrix(4), count: 150)
    let targets = set.labels.map { places[Int($0)] }
    let update = HiddenLayerUpdate(model, features: 4, batch: 150, workers)
    let l2 = 0.05
    _ = update.gradients(x.matrix(4), targets: targets, count: 150, l2: l2)
    let gradient = update.gradientNumbers
    let w = model.parameters.array.map { Double($0) }
    let stride = (w.count - 25) / 6
    // Of the weights of both layers and their biases, in double precision.
    func loss(_ w: [Double]) -> Double {
      var sum = 0.0
      for i in 0..<150 {
        let hidden = (0..<5).map { unit in
          max(0, (0..<4).reduce(w[20 + unit]) { $0 + Double(x[i * 4 + $1]) * w[$1 * 5 + unit] })
        }
        let scores = (0..<3).map { k in
          (0..<5).reduce(w[25 + 5 * stride + k]) { $0 + hidden[$1] * w[25 + $1 * stride + k] }
        }
        sum += Double.log(scores.reduce(0) { $0 + Double.exp($1) }) - scores[Int(targets[i])]
      }
      let squares = (Array(w[0..<20]) + Array(w[25..<25 + 5 * stride])).reduce(0) { $0 + $1 * $1 }
      return sum / 150 + l2 / 2 * squares
    }
    var nonzero = 0
    for i in w.indices where i < 25 || (i - 25) % stride < 3 {
      var (above, below) = (w, w)
      above[i] += 1e-5
      below[i] -= 1e-5
      let numeric = (loss(above) - loss(below)) / 2e-5
      #expect(abs(numeric - Double(gradient[i])) < 1e-4, "parameter \(i): \(numeric), \(gradient[i])")
      if abs(numeric) > 1e-3 { nonzero += 1 }
    }
    #expect(nonzero > 20)
  }
}
