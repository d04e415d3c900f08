import FileIO

extension InputScaling {
  /// Windows that determine the gain, spread evenly over all; more would not change it noticeably.
  public static let windowsForGain = 1024

  /// The scaling for training windows. Silence alone has no gain.
  public init(_ scale: InputScale, for windows: some PayloadSource) throws {
    guard scale == .gain else {
      self.init(scale: scale)
      return
    }
    let count = min(windows.windowCount, Self.windowsForGain)
    var sum: UInt64 = 0
    var samples = 0
    for i in 0..<count {
      windows.withPayload(i * windows.windowCount / count, epoch: 0) { payload in
        let window = payload.elements(Self.plane, as: Int16.self)
        sum += Self.sumOfSquares(window)
        samples += window.count
      }
    }
    guard count > 0 else {
      throw Failure(
        .badInput, "no training window is whole, so the gain cannot be measured",
        hint: "longer recordings, or a model that has been trained")
    }
    guard sum > 0 else {
      throw Failure(
        .badInput, "the training windows are silent, so they have no gain",
        hint: "\(setting: "input") raw or window")
    }
    self.init(scale: scale, gain: Float(32768 / (Double(sum) / Double(samples)).squareRoot()))
  }
}
