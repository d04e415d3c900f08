public import Kernels
public import OrderedJSON

/// How samples are scaled before the encoder sees them. The paper does not say, and it decides whether training leaves
/// the plateau of a blind guess.
public enum InputScale: String, Sendable, CaseIterable {
  /// One constant gain for all windows, chosen such that the training windows' root mean square is 1.
  case gain
  /// Each window to zero mean and unit variance.
  case window
  /// Samples / 32768 as they are.
  case raw
}

/// From 16-bit samples, the plane ``plane``, to what the encoder of audio sees.
public struct InputScaling: InputTransform, Equatable {
  public static let plane = "samples"

  public let scale: InputScale
  /// Factor after division by 32768; 1 unless the scale is a gain.
  public let gain: Float

  public init(scale: InputScale, gain: Float = 1) {
    self.scale = scale
    self.gain = gain
  }

  /// The scaling that a checkpoint tells of; nil if it tells of none.
  init?(metadata: (String) -> String?) {
    guard let scale = metadata("cpc.input").flatMap(InputScale.init(rawValue:)),
      let gain = metadata("cpc.gain").flatMap({ Float($0) })
    else { return nil }
    self.init(scale: scale, gain: gain)
  }

  public var metadata: [(key: String, value: String)] { [("cpc.input", scale.rawValue), ("cpc.gain", "\(gain)")] }
  public var facts: JSONObject { ["gain": .real(gain)] }

  /// Nothing is left to chance.
  public func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>) {
    let samples = payload.elements(Self.plane, as: Int16.self)
    precondition(samples.count == output.count)
    apply(samples, to: output.baseAddress!)
  }

  public static func sumOfSquares(_ window: UnsafeBufferPointer<Int16>) -> UInt64 {
    var sum: UInt64 = 0
    for sample in window {
      let value = Int32(sample)
      sum &+= UInt64(truncatingIfNeeded: value &* value)
    }
    return sum
  }

  /// Writes the scaled window to `output`.
  public func apply(_ window: UnsafeBufferPointer<Int16>, to output: UnsafeMutablePointer<Float>) {
    switch scale {
    case .gain, .raw:
      Self.convert(window, mean: 0, factor: gain / 32768, to: output)
    case .window:
      var sum = 0
      for sample in window { sum += Int(sample) }
      let mean = Double(sum) / Double(window.count)
      let variance = Double(Self.sumOfSquares(window)) / Double(window.count) - mean * mean
      // A silent window stays silent.
      let factor = variance > 0 ? Float(1 / variance.squareRoot()) : 0
      Self.convert(window, mean: Float(mean), factor: factor, to: output)
    }
  }

  /// Copies first: that fetches far memory much faster than a loop that converts.
  private static func convert(
    _ window: UnsafeBufferPointer<Int16>, mean: Float, factor: Float, to output: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Int16.self, capacity: window.count) { near in
      _ = near.initialize(from: window)
      convert(near.baseAddress!, count: window.count, mean: mean, factor: factor, to: output)
    }
  }

  /// Alone in a function, this loop is made of vector instructions.
  @inline(never)
  private static func convert(
    _ samples: UnsafePointer<Int16>, count: Int, mean: Float, factor: Float, to output: UnsafeMutablePointer<Float>
  ) {
    if mean == 0 {
      for i in 0..<count { output[i] = Float(samples[i]) * factor }
    } else {
      for i in 0..<count { output[i] = (Float(samples[i]) - mean) * factor }
    }
  }
}
