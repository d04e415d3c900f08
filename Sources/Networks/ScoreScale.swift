import Kernels

/// What becomes of the products zᵀ W_k c before the softmax.
public enum ScoreScale: Sendable, Equatable {
  /// Nothing: the paper's eq. 3.
  case sum
  /// Division by the number of channels, as in the code of Rivière et al. (2020).
  case mean
  /// The cosine between z and W_k c, divided by the temperature.
  case cosine(temperature: Double)

  /// `sum`, `mean` or `cosine`.
  public var name: String {
    switch self {
    case .sum: "sum"
    case .mean: "mean"
    case .cosine: "cosine"
    }
  }

  /// By ``name``; `cosine` needs a temperature.
  public init?(_ name: String, _ temperature: Double?) {
    switch (name, temperature) {
    case ("sum", _): self = .sum
    case ("mean", _): self = .mean
    case ("cosine", let temperature?) where temperature > 0: self = .cosine(temperature: temperature)
    default: return nil
    }
  }

  var normalizes: Bool { self != .sum && self != .mean }

  func factor(channels: Int) -> Double {
    switch self {
    case .sum: 1
    case .mean: 1 / Double(channels)
    case .cosine(let temperature): 1 / temperature
    }
  }
}

/// Rows scaled to unit length, with what the way back needs.
struct UnitRows<Scalar: KernelScalar> {
  let channels: Int
  private let inverses: Buffer<Scalar>

  init(rows: Int, channels: Int) {
    self.channels = channels
    inverses = Buffer(count: rows)
  }

  /// Scales dense rows to unit length.
  func forward(_ rows: Buffer<Scalar>, _ workers: Workers) {
    workers.split(inverses.count, multipleOf: 16) { range in
      for i in range { inverses[i] = scaleToUnitLength(rows.pointer + i * channels, count: channels) }
    }
  }

  /// Turns the gradient of the scaled `rows` into that of what they were.
  func backward(_ gradient: Buffer<Scalar>, _ rows: Buffer<Scalar>, _ workers: Workers) {
    workers.split(inverses.count, multipleOf: 16) { range in
      for i in range {
        scaleToUnitLengthBack(
          gradient.pointer + i * channels, output: rows.pointer + i * channels, inverse: inverses[i], count: channels)
      }
    }
  }
}
