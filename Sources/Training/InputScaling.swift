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
      throw Failure(.badInput, "the training windows are silent, so they have no gain", hint: "--input raw or window")
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
      let factor = gain / 32768
      for i in 0..<window.count { output[i] = Float(window[i]) * factor }
    case .window:
      var sum = 0
      for sample in window { sum += Int(sample) }
      let mean = Double(sum) / Double(window.count)
      let variance = Double(Self.sumOfSquares(window)) / Double(window.count) - mean * mean
      // A silent window stays silent.
      let factor = variance > 0 ? Float(1 / variance.squareRoot()) : 0
      for i in 0..<window.count { output[i] = (Float(window[i]) - Float(mean)) * factor }
    }
  }
}
