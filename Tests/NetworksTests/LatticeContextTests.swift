import Kernels
import Networks
import Sampling
import Testing

/// The context networks over a lattice.
@Suite struct LatticeContextTests {
  static let names = ["masked", "row-gru"]

  private func network<Element: Operand>(
    _ name: String, _ lattice: Lattice, channels: Int, windows: Int, layers: Int = 2, seed: Int, training: Bool = true,
    _: Element.Type = Double.self
  ) -> any ContextNetwork<Element> {
    let network: any ContextNetwork<Element> =
      name == "masked"
      ? MaskedConvolutions<Element>(
        "c", channels: channels, layers: layers, hidden: 4, lattice: lattice, windows: windows, training: training)
      : RowGRU<Element>("c", channels: channels, units: 5, lattice: lattice, windows: windows, training: training)
    network.initialize { RandomStream(seed: UInt64(seed), purpose: .tests, index: $0) }
    let noise = Noise(seed + 1000)
    for parameter in network.parameters {
      for i in 0..<parameter.count { parameter.value[i] += Element.Sum(0.2 * noise.normal()) }
      parameter.noteChange()
    }
    return network
  }

  private func contexts<Element: Operand>(
    _ network: any ContextNetwork<Element>, _ x: Buffer<Element.Sum>, channels: Int, count: Int, windows: Int,
    _ workers: Workers
  ) -> [Element.Sum] {
    network.forward(x.matrix(channels), workers)
    return (0..<windows).flatMap { w in (0..<count * network.units).map { network.contexts(w)[$0] } }
  }

  @Test(arguments: names, 0..<12)
  func gradientsAgreeWithFiniteDifferences(name: String, seed: Int) {
    let noise = Noise(seed)
    let lattice = Lattice(rows: noise.integer(2...5), columns: noise.integer(1...5))
    let (channels, windows) = (noise.integer(1...6), noise.integer(1...4))
    let network = network(
      name, lattice, channels: channels, windows: windows, layers: noise.integer(1...3), seed: seed)
    let workers = Workers(count: 1 + seed % 3)
    let x: Buffer<Double> = noise.buffer(windows * lattice.count * channels)
    let target: Buffer<Double> = noise.buffer(windows * lattice.count * network.units)
    let dx = Buffer<Double>(count: x.count)
    func loss() -> Double {
      let all = contexts(network, x, channels: channels, count: lattice.count, windows: windows, workers)
      return zip(all, target.array).reduce(0) { $0 + $1.0 * $1.1 }
    }
    for _ in 0..<2 {
      for parameter in network.parameters { parameter.gradient.fillWithZeros() }
      _ = loss()
      network.backward(
        x.matrix(channels), contextGradient: target.matrix(network.units), inputGradient: dx.matrix(channels), workers)
    }
    expectGradient(dx, of: x, "latents", loss: loss)
    for parameter in network.parameters {
      expectGradient(parameter.gradient, of: parameter.value, parameter.name) {
        parameter.noteChange()
        return loss()
      }
    }
  }

  /// Whatever latent is moved, only contexts in its own row and below may move, within the reach of the columns; those
  /// that a prediction relies on must.
  @Test(arguments: names) func contextsSeeNoRowBelow(name: String) {
    let lattice = Lattice(rows: 7, columns: 7)
    let layers = 2
    let network = network(name, lattice, channels: 6, windows: 2, layers: layers, seed: 9)
    let noise = Noise(3)
    let x: Buffer<Double> = noise.buffer(2 * 49 * 6)
    func run() -> [Double] { contexts(network, x, channels: 6, count: 49, windows: 2, Workers(count: 2)) }
    func run(moving latent: Int) -> [Double] {
      let kept = (0..<6).map { x[latent * 6 + $0] }
      defer { for i in 0..<6 { x[latent * 6 + i] = kept[i] } }
      for i in 0..<6 { x[latent * 6 + i] += 3 }
      return run()
    }
    let before = run()
    for moved in 0..<98 {
      let after = run(moving: moved)
      let (window, place) = moved.quotientAndRemainder(dividingBy: 49)
      let (row, column) = place.quotientAndRemainder(dividingBy: 7)
      for context in 0..<98 {
        let (otherWindow, other) = context.quotientAndRemainder(dividingBy: 49)
        let (otherRow, otherColumn) = other.quotientAndRemainder(dividingBy: 7)
        let differs = (0..<network.units).contains {
          before[context * network.units + $0] != after[context * network.units + $0]
        }
        let across = abs(column - otherColumn)
        let isSeen =
          window == otherWindow && otherRow >= row
          && (name == "masked" ? across <= layers && otherRow - row <= layers : across <= 1)
        if !isSeen { #expect(!differs, "\(moved) moves \(context)") }
        if moved == context { #expect(differs, "\(moved) does not move its own context") }
        if isSeen, name == "row-gru" { #expect(differs, "\(moved) does not move \(context)") }
      }
    }
    // Depth is reach: the last row's middle context sees as many rows above it as there are layers.
    if name == "masked" {
      for up in 0...3 {
        let after = run(moving: (6 - up) * 7 + 3)
        let first = (6 * 7 + 3) * network.units
        #expect((after[first..<first + network.units] != before[first..<first + network.units]) == (up <= layers))
      }
    }
  }

  @Test(arguments: names) func threadsAndTrainingChangeNothing(name: String) {
    let lattice = Lattice(rows: 7, columns: 7)
    let x: Buffer<Float> = Noise(1).buffer(3 * 49 * 16)
    func run(_ threads: Int, training: Bool) -> [Float] {
      contexts(
        network(name, lattice, channels: 16, windows: 3, seed: 2, training: training, Float.self), x, channels: 16,
        count: 49, windows: 3, Workers(count: threads))
    }
    let one = run(1, training: true)
    #expect(run(1, training: false) == one)
    #expect(relativeDistance(run(3, training: true).map { Double($0) }, one.map { Double($0) }) < 1e-6)
  }

  /// Which latents are predicted from which anchors, by hand.
  @Test(arguments: [0, 1]) func offsetsAreThoseOfTheFigure(skip: Int) {
    let lattice = Lattice(rows: 7, columns: 7, skip: skip)
    let steps = 5
    // With one row skipped, five steps have one row of anchors.
    #expect(lattice.anchors(steps: steps) == (2 - skip) * 7)
    for anchor in 0..<lattice.anchors(steps: steps) {
      for step in 1...steps {
        let (row, column) = lattice.target(of: anchor, step: step).quotientAndRemainder(dividingBy: 7)
        #expect(row == anchor / 7 + step + skip && column == anchor % 7 && row < 7)
      }
    }
  }
}
