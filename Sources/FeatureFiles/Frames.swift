/// How many frames an utterance has, and how many values each.
public struct FrameShape: Sendable, Equatable {
  public var count: Int
  public var dimension: Int

  public init(count: Int, dimension: Int) {
    self.count = count
    self.dimension = dimension
  }
}

/// The features of one utterance: `count` frames of `dimension` values, a frame's values side by side.
public struct Frames: Sendable, Equatable {
  /// Row-major, [count, dimension].
  public var values: [Float]
  /// 0 where the utterance has no frames; then `dimension` may be 0 too, because Kaldi's empty matrices have none.
  public var count: Int
  public var dimension: Int

  public init(values: [Float], count: Int, dimension: Int) {
    precondition(values.count == count * dimension, "\(values.count) values are not \(count) × \(dimension)")
    self.values = values
    self.count = count
    self.dimension = dimension
  }

  public var shape: FrameShape { FrameShape(count: count, dimension: dimension) }

  /// Values that are no numbers or infinite. What to do about them is the caller's to say.
  public struct NonFinite: Sendable, Equatable, CustomStringConvertible {
    public var count: Int
    /// Where the first stands, from 0, and what it is.
    public var frame: Int
    public var column: Int
    public var value: Float

    /// `3 values are not finite, the first nan in frame 7, column 0`.
    public var description: String {
      "\(count == 1 ? "1 value is" : "\(count) values are") not finite, the first \(value) in frame \(frame), "
        + "column \(column)"
    }
  }

  /// Nil if every value is finite. A value beyond single precision counts as infinite, also where the file has it in
  /// double precision.
  public var nonFinite: NonFinite? {
    let count = values.withUnsafeBufferPointer { values in
      values.reduce(into: 0) { $0 += $1.isFinite ? 0 : 1 }
    }
    guard count > 0, let first = values.firstIndex(where: { !$0.isFinite }) else { return nil }
    return NonFinite(count: count, frame: first / dimension, column: first % dimension, value: values[first])
  }
}
