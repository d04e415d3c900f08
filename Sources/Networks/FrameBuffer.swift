import Glibc
public import Kernels

/// Frames of several windows, channels last, with the zero padding of the convolution that reads them stored around
/// them: row `window · rows + padding + t` is frame t.
///
/// One further row of zeros stands before the first window, and a block of rows follows the last, so that a convolution
/// may read past both.
public final class FrameBuffer<Element: Operand> {
  public let windows: Int
  public let frames: Int
  public let channels: Int
  /// Zero rows before each window's frames.
  public let padding: Int
  /// Rows a window, padding included.
  public let rows: Int
  private let buffer: Buffer<Element>

  public init(windows: Int, frames: Int, channels: Int, padding: Int, rows: Int, slack: Int) {
    precondition(padding + frames <= rows)
    self.windows = windows
    self.frames = frames
    self.channels = channels
    self.padding = padding
    self.rows = rows
    buffer = Buffer(count: (1 + windows * rows + slack) * channels)
  }

  public var pointer: UnsafeMutablePointer<Element> { buffer.pointer + channels }
  public var totalRows: Int { windows * rows }

  /// Frame 0 of a window.
  public func window(_ window: Int) -> UnsafeMutablePointer<Element> {
    pointer + (window * rows + padding) * channels
  }

  /// Which rows of a range are frames, and which lie between those of two windows: `body` is given runs of one kind.
  func forEachRun(_ range: Range<Int>, _ body: (_ rows: Range<Int>, _ areFrames: Bool) -> Void) {
    var row = range.lowerBound
    while row < range.upperBound {
      let place = row % rows
      let areFrames = place >= padding && place < padding + frames
      let end = areFrames ? padding + frames : place < padding ? padding : rows
      let next = min(row + end - place, range.upperBound)
      body(row..<next, areFrames)
      row = next
    }
  }

  /// Sets `count` rows from `row` to zero.
  func clear(row: Int, count: Int) {
    memset(pointer + row * channels, 0, count * channels * MemoryLayout<Element>.stride)
  }

  /// Copies the frames into dense rows [windows · frames, channels].
  public func copyFrames(to dense: UnsafeMutablePointer<Element.Sum>) {
    for w in 0..<windows { Element.expand(window(w), into: dense + w * frames * channels, frames * channels) }
  }
}
