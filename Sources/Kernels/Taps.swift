import Glibc

/// How a convolution goes along one axis: outputs are ⌊(size + before + after − kernel) / stride⌋ + 1, as in PyTorch.
public struct TapAxis: Sendable, Equatable {
  public var size: Int
  public var kernel: Int
  public var stride: Int
  /// Zeros before the first number and after the last.
  public var before: Int
  public var after: Int

  public init(size: Int, kernel: Int, stride: Int = 1, before: Int = 0, after: Int? = nil) {
    precondition(size > 0 && kernel > 0 && stride > 0 && before >= 0)
    (self.size, self.kernel, self.stride) = (size, kernel, stride)
    (self.before, self.after) = (before, after ?? before)
  }

  public var outputs: Int { max(0, (size + before + after - kernel) / stride + 1) }
}

/// Which numbers of maps [rows, columns, channels] each output of a two-dimensional convolution sees: its taps, row after
/// row of the kernel, channels last. As matrices, the outputs are [maps · outputs, depth] · [depth, output channels].
public struct Taps: Sendable, Equatable {
  public var rows: TapAxis
  public var columns: TapAxis
  public var channels: Int

  public init(rows: TapAxis, columns: TapAxis, channels: Int) {
    (self.rows, self.columns, self.channels) = (rows, columns, channels)
  }

  /// Positions of a map before the convolution and after it.
  public var inputs: Int { rows.size * columns.size }
  public var outputs: Int { rows.outputs * columns.outputs }
  /// Numbers that an output sees.
  public var depth: Int { rows.kernel * columns.kernel * channels }
  /// Each output sees the position that it stands at, and no other: the maps are the matrix as they are.
  public var isPlain: Bool {
    [rows, columns].allSatisfy { $0.kernel == 1 && $0.stride == 1 && $0.before == 0 && $0.after == 0 }
  }

  /// Outputs, numbered through all maps, whose taps are gathered at a time: so many that products of them are worth it,
  /// and so few that a cache holds them.
  var outputsAtOnce: Int { max(128, min(1024, (1 << 17) / depth)) }

  /// The runs of taps of some outputs: `body` is given where each stands in the gathered rows and in the maps, nil for
  /// zeros, and its length.
  @inline(__always)
  private func forEachRun(_ range: Range<Int>, _ body: (_ place: Int, _ source: Int?, _ count: Int) -> Void) {
    let line = columns.kernel * channels
    let (firstMap, position) = range.lowerBound.quotientAndRemainder(dividingBy: outputs)
    var map = firstMap
    var (row, column) = position.quotientAndRemainder(dividingBy: columns.outputs)
    var place = 0
    for _ in range {
      let firstColumn = column * columns.stride - columns.before
      let left = max(0, -firstColumn)
      let right = max(left, min(columns.kernel, columns.size - firstColumn))
      for tap in 0..<rows.kernel {
        let y = row * rows.stride - rows.before + tap
        if y < 0 || y >= rows.size || right == left {
          body(place, nil, line)
        } else {
          if left > 0 { body(place, nil, left * channels) }
          body(
            place + left * channels, ((map * rows.size + y) * columns.size + firstColumn + left) * channels,
            (right - left) * channels)
          if right < columns.kernel { body(place + right * channels, nil, (columns.kernel - right) * channels) }
        }
        place += line
      }
      column += 1
      if column == columns.outputs { (row, column) = (row + 1, 0) }
      if row == rows.outputs { (map, row) = (map + 1, 0) }
    }
  }

  /// The taps of the outputs `range` as dense rows of ``depth`` numbers.
  func gather<Element: BitwiseCopyable>(
    _ maps: UnsafePointer<Element>, _ range: Range<Int>, into rows: UnsafeMutablePointer<Element>
  ) {
    gather(UnsafeRawPointer(maps), range, into: UnsafeMutableRawPointer(rows), MemoryLayout<Element>.stride)
  }

  private func gather(
    _ maps: UnsafeRawPointer, _ range: Range<Int>, into rows: UnsafeMutableRawPointer, _ bytes: Int
  ) {
    forEachRun(range) { place, source, count in
      if let source {
        memcpy(rows + place * bytes, maps + source * bytes, count * bytes)
      } else {
        memset(rows + place * bytes, 0, count * bytes)
      }
    }
  }

  /// Adds dense rows of gathered numbers to where they were gathered.
  @specialized(where T == Float)
  @specialized(where T == Double)
  func scatter<T: KernelScalar>(
    _ rows: UnsafePointer<T>, _ range: Range<Int>, addingTo maps: UnsafeMutablePointer<T>
  ) {
    forEachRun(range) { place, source, count in
      if let source { add(rows + place, to: maps + source, count: count) }
    }
  }
}
