import FileIO

/// From 16-bit samples to what the encoder sees.
public struct InputScaling: Sendable, Equatable {
  public let scale: InputScale
  /// Factor after division by 32768; 1 unless the scale is a gain.
  public let gain: Float

  public init(scale: InputScale, gain: Float = 1) {
    self.scale = scale
    self.gain = gain
  }

  /// Windows that determine the gain, spread evenly over all; more would not change it noticeably.
  public static let windowsForGain = 1024

  /// The scaling for training windows. Silence alone has no gain.
  public init(_ scale: InputScale, for windows: some WindowSource) throws {
    guard scale == .gain else {
      self.init(scale: scale)
      return
    }
    let count = min(windows.windowCount, Self.windowsForGain)
    var sum: UInt64 = 0
    var samples = 0
    for i in 0..<count {
      windows.withSamples(i * windows.windowCount / count) { window in
        sum += Self.sumOfSquares(window)
        samples += window.count
      }
    }
    guard sum > 0 else {
      throw Failure(
        .badInput, "the training windows are silent, so they have no gain",
        hint: "\(setting: "input") raw or window")
    }
    self.init(scale: scale, gain: Float(32768 / (Double(sum) / Double(samples)).squareRoot()))
  }

  private static func sumOfSquares(_ window: UnsafeBufferPointer<Int16>) -> UInt64 {
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
