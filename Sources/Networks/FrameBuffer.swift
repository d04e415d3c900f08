public import Kernels

/// Frames of several windows, channels last, with the zero padding of the convolution that reads them stored around
/// them: row `window · rows + padding + t` is frame t.
///
/// One further block of rows follows the last window, so that a convolution may read past it.
public final class FrameBuffer<Scalar: KernelScalar> {
  public let windows: Int
  public let frames: Int
  public let channels: Int
  /// Zero rows before each window's frames.
  public let padding: Int
  /// Rows a window, padding included.
  public let rows: Int
  private let buffer: Buffer<Scalar>

  public init(windows: Int, frames: Int, channels: Int, padding: Int, rows: Int, slack: Int) {
    precondition(padding + frames <= rows)
    self.windows = windows
    self.frames = frames
    self.channels = channels
    self.padding = padding
    self.rows = rows
    buffer = Buffer(count: (windows * rows + slack) * channels)
  }

  public var pointer: UnsafeMutablePointer<Scalar> { buffer.pointer }
  public var totalRows: Int { windows * rows }

  /// Frame 0 of a window.
  public func window(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    pointer + (window * rows + padding) * channels
  }

  /// Copies the frames into dense rows [windows · frames, channels].
  public func copyFrames(to dense: UnsafeMutablePointer<Scalar>) {
    for w in 0..<windows {
      (dense + w * frames * channels).update(from: window(w), count: frames * channels)
    }
  }

  /// Sets the frames from dense rows; padding is left alone.
  public func setFrames(from dense: UnsafePointer<Scalar>) {
    for w in 0..<windows {
      window(w).update(from: dense + w * frames * channels, count: frames * channels)
    }
  }
}
