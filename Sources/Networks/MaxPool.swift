import Kernels

/// The largest of 3 × 3 positions, every other one each way, with a border of one that is never the largest:
/// `torch.nn.MaxPool2d(3, 2, 1)`.
struct MaxPool<Scalar: KernelScalar> {
  let taps: Taps
  /// Which of the nine each output is.
  private let places: Buffer<UInt8>

  init(rows: Int, columns: Int, channels: Int, maps: Int) {
    taps = Taps(
      rows: TapAxis(size: rows, kernel: 3, stride: 2, before: 1),
      columns: TapAxis(size: columns, kernel: 3, stride: 2, before: 1), channels: channels)
    places = Buffer(count: maps * taps.outputs * channels)
  }

  /// `body` is given, for each tap within the map, its number and where output and input stand.
  private func forEachTap(_ body: (_ tap: UInt8, _ output: Int, _ input: Int) -> Void) {
    let (rows, columns, channels) = (taps.rows, taps.columns, taps.channels)
    for row in 0..<rows.outputs {
      for column in 0..<columns.outputs {
        let output = (row * columns.outputs + column) * channels
        for tap in 0..<9 {
          let (y, x) = (2 * row - 1 + tap / 3, 2 * column - 1 + tap % 3)
          guard y >= 0, y < rows.size, x >= 0, x < columns.size else { continue }
          body(UInt8(tap), output, (y * columns.size + x) * channels)
        }
      }
    }
  }

  /// Map `map` of those kept, from `input` to `output`.
  func forward(_ input: UnsafePointer<Scalar>, map: Int, to output: UnsafeMutablePointer<Scalar>) {
    let count = taps.outputs * taps.channels
    output.update(repeating: -.infinity, count: count)
    let places = places.pointer + map * count
    forEachTap { tap, to, from in
      keepMaximum(input + from, output + to, places + to, from: tap, count: taps.channels)
    }
  }

  /// Sets the gradient of the input.
  func backward(_ gradient: UnsafePointer<Scalar>, map: Int, to inputGradient: UnsafeMutablePointer<Scalar>) {
    inputGradient.update(repeating: 0, count: taps.inputs * taps.channels)
    let places = places.pointer + map * taps.outputs * taps.channels
    forEachTap { tap, to, from in
      add(gradient + to, where: places + to, is: tap, to: inputGradient + from, count: taps.channels)
    }
  }
}
