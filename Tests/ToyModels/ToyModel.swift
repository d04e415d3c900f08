public import Kernels
public import Networks
public import Sampling

/// z = W x + x² for each latent of a 3 × 5 lattice, whose input is as wide as the latents.
public final class ToyEncoder<Element: Operand>: Encoder {
  public typealias Scalar = Element.Sum

  public let lattice = Lattice(rows: 3, columns: 5)
  public let channels = 4
  public let weight = Parameter<Scalar>("toy.weight", shape: [4, 4])
  private let inputs: Buffer<Scalar>
  private let windows: Int

  public init(windows: Int) {
    self.windows = windows
    inputs = Buffer(count: windows * 15 * 4)
  }

  public var inputCount: Int { lattice.count * channels }
  public var parameters: [Parameter<Scalar>] { [weight] }
  public func initialize(from stream: (Int) -> RandomStream) { weight.initialize(bound: 0.7, from: stream(0)) }
  public func input(of window: Int) -> UnsafeMutablePointer<Scalar> { inputs.pointer + window * inputCount }

  public func forward(to latents: UnsafeMutablePointer<Scalar>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 {
        let x = inputs[4 * latent + i]
        latents[4 * latent + i] = (0..<4).reduce(x * x) { $0 + weight.value[4 * i + $1] * inputs[4 * latent + $1] }
      }
    }
  }

  public func backward(latentGradient: UnsafePointer<Scalar>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 {
        for j in 0..<4 { weight.gradient[4 * i + j] += latentGradient[4 * latent + i] * inputs[4 * latent + j] }
      }
    }
  }
}

/// c = U Σ z over the rows down to the latent's own, within its column: nothing of the rows that are predicted.
public final class ToyContext<Element: Operand>: ContextNetwork {
  public typealias Scalar = Element.Sum

  public let units = 3
  public let weight = Parameter<Scalar>("context.weight", shape: [3, 4])
  private let lattice: Lattice
  private let windows: Int
  private let sums: Buffer<Scalar>
  private let contexts: Buffer<Scalar>

  public init(_ lattice: Lattice, windows: Int) {
    (self.lattice, self.windows) = (lattice, windows)
    sums = Buffer(count: windows * lattice.count * 4)
    contexts = Buffer(count: windows * lattice.count * 3)
  }

  public var parameters: [Parameter<Scalar>] { [weight] }
  public func initialize(from stream: (Int) -> RandomStream) { weight.initialize(bound: 0.7, from: stream(0)) }
  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> { contexts.pointer + window * lattice.count * 3 }

  private func above(_ latent: Int) -> Int? {
    latent % lattice.count < lattice.columns ? nil : latent - lattice.columns
  }

  public func forward(_ latents: Matrix<Scalar>, _ workers: Workers) {
    for latent in 0..<windows * lattice.count {
      for i in 0..<4 { sums[4 * latent + i] = latents.row(latent)[i] + (above(latent).map { sums[4 * $0 + i] } ?? 0) }
      for u in 0..<3 {
        contexts[3 * latent + u] = (0..<4).reduce(0) { $0 + weight.value[4 * u + $1] * sums[4 * latent + $1] }
      }
    }
  }

  public func backward(
    _ latents: Matrix<Scalar>, contextGradient: Matrix<Scalar>, inputGradient: Matrix<Scalar>, _ workers: Workers
  ) {
    let sumGradient = Buffer<Scalar>(count: sums.count)
    sumGradient.fillWithZeros()
    for latent in (0..<windows * lattice.count).reversed() {
      for i in 0..<4 {
        for u in 0..<3 {
          let gradient = contextGradient.row(latent)[u]
          sumGradient[4 * latent + i] += weight.value[4 * u + i] * gradient
          weight.gradient[4 * u + i] += gradient * sums[4 * latent + i]
        }
        inputGradient.row(latent)[i] = sumGradient[4 * latent + i]
        if let above = above(latent) { sumGradient[4 * above + i] += sumGradient[4 * latent + i] }
      }
    }
  }
}
