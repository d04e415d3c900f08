import CVectorKernels

/// A convolution of single-precision maps that reads its taps where they stand, so that nothing is gathered and no gradient
/// scattered ("indirect convolution", Dukhan 2019, arXiv:1907.02129).
public final class IndirectConvolution: @unchecked Sendable {
  private let inputs: TapPlaces
  /// Which outputs saw an input with which tap; nil where strides would leave most of these without any.
  private let gradients: TapPlaces?
  private let taps: Taps
  private let width: Int
  /// The weights [taps · channels, outputs], and with the taps' blocks transposed, [taps · outputs, channels].
  private let panels: WeightPanels
  private let transposed: WeightPanels?

  /// Nil where gathered taps are multiplied as fast, or faster.
  ///
  /// - Parameter width: output channels.
  public init?(_ taps: Taps, width: Int) {
    guard !taps.isPlain, taps.channels >= 8, taps.outputs > 0, VectorLevel.hasRegisters,
      // The kernels keep places of a few taps, and as 32-bit numbers.
      taps.depth / taps.channels <= 64, max(taps.inputs * taps.channels, taps.outputs * width) <= Int(Int32.max)
    else { return nil }
    (self.taps, self.width) = (taps, width)
    inputs = TapPlaces(taps)
    panels = WeightPanels(rows: taps.depth, columns: width)
    let goesBack = taps.rows.stride == 1 && taps.columns.stride == 1
    gradients = goesBack ? TapPlaces(backOf: taps, width: width) : nil
    transposed = goesBack ? WeightPanels(rows: taps.depth / taps.channels * width, columns: taps.channels) : nil
  }

  /// Whether ``backward(_:_:into:)`` is there.
  var goesBack: Bool { gradients != nil }

  /// Takes the weights [taps, channels, outputs].
  public func set(_ weights: UnsafePointer<Float>, _ workers: Workers) {
    let (channels, width) = (taps.channels, width)
    panels.fill(weights, step: 1, workers) { row in row * width }
    transposed?.fill(weights, step: width, workers) { row in row / width * channels * width + row % width }
  }

  /// Sums of the outputs `range`, numbered through all maps, or added to those in `sums` where `accumulate`.
  func forward(
    _ maps: UnsafePointer<Float>, _ range: Range<Int>, accumulate: Bool, into sums: UnsafeMutablePointer<Float>
  ) {
    inputs.withTaps {
      cpc_convolve(
        maps, $0, range.lowerBound, range.count, panels.numbers.pointer, width, sums, accumulate ? 1 : 0)
    }
  }

  /// The gradient of the inputs `range`, numbered through all maps, of that of the outputs.
  func backward(_ gradient: UnsafePointer<Float>, _ range: Range<Int>, into result: UnsafeMutablePointer<Float>) {
    gradients!.withTaps {
      cpc_convolve(
        gradient, $0, range.lowerBound, range.count, transposed!.numbers.pointer, taps.channels, result, 0)
    }
  }

  /// Adds the weights' gradient, of that of the outputs `range`.
  func addWeightGradient(
    _ maps: UnsafePointer<Float>, _ range: Range<Int>, gradient: UnsafePointer<Float>,
    to sums: UnsafeMutablePointer<Float>
  ) {
    inputs.withTaps { cpc_add_tap_products(maps, $0, range.lowerBound, range.count, gradient, width, sums) }
  }
}

/// Where the rows of taps begin in a map, [outputs, taps]; -1 for zeros.
private struct TapPlaces {
  private let places: [Int32]
  private let count: Int
  private let mapSize: Int
  private let zeros: [Float]

  /// Of outputs in their inputs.
  init(_ taps: Taps) {
    let (rows, columns) = (taps.rows, taps.columns)
    self.init(taps, mapSize: taps.inputs * taps.channels, width: taps.channels, rows.outputs, columns.outputs) {
      position, tap in
      let (y, x) = (
        position.row * rows.stride - rows.before + tap.row,
        position.column * columns.stride - columns.before + tap.column
      )
      return (0..<rows.size).contains(y) && (0..<columns.size).contains(x) ? y * columns.size + x : nil
    }
  }

  /// Of inputs in the gradient of the outputs, rows of `width`.
  init(backOf taps: Taps, width: Int) {
    let (rows, columns) = (taps.rows, taps.columns)
    self.init(taps, mapSize: taps.outputs * width, width: width, rows.size, columns.size) { position, tap in
      let (y, x) = (position.row + rows.before - tap.row, position.column + columns.before - tap.column)
      return (0..<rows.outputs).contains(y) && (0..<columns.outputs).contains(x) ? y * columns.outputs + x : nil
    }
  }

  private init(
    _ taps: Taps, mapSize: Int, width: Int, _ rows: Int, _ columns: Int,
    place: (_ position: (row: Int, column: Int), _ tap: (row: Int, column: Int)) -> Int?
  ) {
    count = taps.rows.kernel * taps.columns.kernel
    self.mapSize = mapSize
    zeros = Array(repeating: 0, count: width)
    places = (0..<rows * columns).flatMap { position in
      (0..<taps.rows.kernel * taps.columns.kernel).map { tap in
        let found = place(
          (position / columns, position % columns), (tap / taps.columns.kernel, tap % taps.columns.kernel))
        return found.map { Int32($0 * width) } ?? -1
      }
    }
  }

  func withTaps(_ body: (UnsafePointer<cpc_taps>) -> Void) {
    places.withUnsafeBufferPointer { places in
      zeros.withUnsafeBufferPointer { zeros in
        var taps = cpc_taps(
          count: count, channels: zeros.count, outputs: places.count / count, map_size: mapSize,
          places: places.baseAddress!, zeros: zeros.baseAddress!)
        body(&taps)
      }
    }
  }
}

/// A matrix in panels of 16 columns, one after the other, the last filled up with zeros.
private struct WeightPanels {
  let numbers: Buffer<Float>
  private let rows: Int
  private let columns: Int
  private static let width = 16

  init(rows: Int, columns: Int) {
    (self.rows, self.columns) = (rows, columns)
    numbers = Buffer(count: (columns + Self.width - 1) / Self.width * Self.width * rows)
  }

  /// Row r of the matrix is every `step`th number of `source` from `start(r)` on.
  func fill(_ source: UnsafePointer<Float>, step: Int, _ workers: Workers, start: (_ row: Int) -> Int) {
    workers.split(rows) { range in
      for row in range {
        let place = source + start(row)
        for first in Swift.stride(from: 0, to: columns, by: Self.width) {
          let target = numbers.pointer + (first * rows + row * Self.width)
          for column in first..<min(columns, first + Self.width) { target[column - first] = place[column * step] }
        }
      }
    }
  }
}
