public import Kernels
public import Sampling

/// A context network over a lattice: one ``GRU`` down the rows of each column, whose input are the latents of the column
/// and of its two neighbours, zeros beyond the edge. So the context of a latent sees its own row and those above it, one
/// column to either side (van den Oord et al. 2018, §3.2, name such a network as an alternative, without its details).
public final class RowGRU<Element: Operand>: ContextNetwork {
  public typealias Scalar = Element.Sum

  private let gru: GRU<Element>
  private let lattice: Lattice
  private let channels: Int
  private let windows: Int
  /// The GRU's own order, [windows, columns, rows, …], of its inputs and of the gradients.
  private let inputs: Buffer<Scalar>
  private let inputGradient: Buffer<Scalar>
  private let stateGradient: Buffer<Scalar>
  /// In the lattice's order, [windows, rows, columns, units].
  private let contexts: Buffer<Scalar>

  public init(_ name: String, channels: Int, units: Int, lattice: Lattice, windows: Int, training: Bool = true) {
    (self.channels, self.lattice, self.windows) = (channels, lattice, windows)
    gru = GRU(
      name, inputs: 3 * channels, units: units, windows: windows * lattice.columns, frames: lattice.rows,
      training: training)
    let count = windows * lattice.count
    inputs = Buffer(count: count * 3 * channels)
    inputGradient = Buffer(count: training ? inputs.count : 0)
    stateGradient = Buffer(count: training ? count * units : 0)
    contexts = Buffer(count: count * units)
  }

  public var units: Int { gru.units }
  public var parameters: [Parameter<Scalar>] { gru.parameters }
  public func initialize(from stream: (Int) -> RandomStream) { gru.initialize(from: stream) }
  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    contexts.pointer + window * lattice.count * units
  }

  /// `body` is given each latent's place in the lattice's order and in the GRU's, its column, and the former's of the
  /// neighbours that there are, with the third of the input that they are.
  private func forEachLatent(_ body: (_ latent: Int, _ frame: Int, _ seen: [(third: Int, latent: Int)]) -> Void) {
    for window in 0..<windows {
      for column in 0..<lattice.columns {
        for row in 0..<lattice.rows {
          let latent = window * lattice.count + row * lattice.columns + column
          let seen = (0..<3).filter { (0..<lattice.columns).contains(column + $0 - 1) }.map { ($0, latent + $0 - 1) }
          body(latent, (window * lattice.columns + column) * lattice.rows + row, seen)
        }
      }
    }
  }

  public func forward(_ latents: Matrix<Scalar>, _ workers: Workers) {
    forEachLatent { _, frame, seen in
      for (third, latent) in seen {
        (inputs.pointer + (3 * frame + third) * channels).update(from: latents.row(latent), count: channels)
      }
    }
    gru.forward(inputs.matrix(3 * channels), workers)
    forEachLatent { latent, frame, _ in
      let (sequence, row) = frame.quotientAndRemainder(dividingBy: lattice.rows)
      (contexts.pointer + latent * units).update(from: gru.contexts(sequence) + row * units, count: units)
    }
  }

  public func backward(
    _ latents: Matrix<Scalar>, contextGradient: Matrix<Scalar>, inputGradient: Matrix<Scalar>, _ workers: Workers
  ) {
    forEachLatent { latent, frame, _ in
      (stateGradient.pointer + frame * units).update(from: contextGradient.row(latent), count: units)
      inputGradient.row(latent).update(repeating: 0, count: channels)
    }
    gru.backward(
      inputs.matrix(3 * channels), contextGradient: stateGradient.matrix(units),
      inputGradient: self.inputGradient.matrix(3 * channels), workers)
    forEachLatent { _, frame, seen in
      for (third, latent) in seen {
        add(
          self.inputGradient.pointer + (3 * frame + third) * channels, to: inputGradient.row(latent), count: channels)
      }
    }
  }
}
