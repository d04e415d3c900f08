import Kernels

/// A residual unit of the second kind (He et al. 2016b, "Identity mappings in deep residual networks"): rectifiers, each
/// after a normalisation if there are any, stand before the convolutions, and nothing after the sum,
/// x′ = shortcut + conv(… conv(a)) with a = max(0, norm(x)). The shortcut is x itself where sizes are equal, else a 1 × 1
/// convolution of a.
///
/// Convolutions are two of 3 × 3, or, as a bottleneck, 1 × 1, 3 × 3 and 1 × 1; the first of 3 × 3 has the stride.
final class ResidualUnit<Element: Operand> {
  typealias Scalar = Element.Sum

  let convolutions: [Conv2d<Element>]
  /// What each convolution takes.
  let inputs: [RectifiedRows<Element>]
  let shortcut: Conv2d<Element>?

  /// - Parameters:
  ///   - maps: Maps whose way back is kept.
  ///   - norms: Whether there are normalisations.
  init(
    _ name: String, size: Int, inputs channels: Int, width: Int, isBottleneck: Bool, stride: Int, maps: Int, norms: Bool
  ) {
    let outputs = isBottleneck ? 4 * width : width
    let kernels = isBottleneck ? [1, 3, 1] : [3, 3]
    let strided = isBottleneck ? 1 : 0
    func taps(_ size: Int, _ kernel: Int, _ stride: Int, _ channels: Int) -> Taps {
      let axis = TapAxis(size: size, kernel: kernel, stride: stride, before: kernel / 2)
      return Taps(rows: axis, columns: axis, channels: channels)
    }
    var (convolutions, rows): ([Conv2d<Element>], [RectifiedRows<Element>]) = ([], [])
    var (current, depth) = (size, channels)
    for (i, kernel) in kernels.enumerated() {
      let taps = taps(current, kernel, i == strided ? stride : 1, depth)
      rows.append(
        RectifiedRows(channels: depth, rows: maps * taps.inputs, norm: norms ? "\(name).norm\(i + 1)" : nil))
      depth = i == kernels.count - 1 ? outputs : width
      convolutions.append(Conv2d("\(name).conv\(i + 1)", taps, outputs: depth))
      current = taps.rows.outputs
    }
    self.convolutions = convolutions
    self.inputs = rows
    shortcut =
      stride == 1 && channels == outputs
      ? nil : Conv2d("\(name).shortcut", taps(size, 1, stride, channels), outputs: outputs)
  }

  var last: Conv2d<Element> { convolutions.last! }
  var parameters: [Parameter<Scalar>] {
    zip(inputs, convolutions).flatMap { $0.parameters + $1.parameters } + (shortcut?.parameters ?? [])
  }

  /// `stream` gives the random numbers for each of ``parameters``. The last convolution is multiplied by `branch`, which
  /// keeps the sum of many units from growing.
  func initialize(branch: Double, from stream: (Int) -> RandomStream) {
    var place = 0
    for (rows, convolution) in zip(inputs, convolutions) {
      rows.norm?.initialize()
      place += rows.parameters.count
      convolution.initialize(
        isRectified: true, scale: convolution === last ? branch : 1, from: stream(place))
      place += 2
    }
    shortcut?.initialize(isRectified: true, from: stream(place))
  }

  /// The residual stream `x` of `maps` maps, the first of them number `first` of those kept, whose first rectifier has been
  /// passed: becomes x′, and goes through `next`.
  func forward(
    _ x: UnsafeMutablePointer<Scalar>, first: Int, maps: Int, next: RectifiedRows<Element>?, _ workers: Workers
  ) {
    func input(_ i: Int) -> UnsafePointer<Element> {
      UnsafePointer(inputs[i].kept.pointer + first * convolutions[i].taps.inputs * inputs[i].channels)
    }
    if let shortcut {
      shortcut.forward(input(0), maps: maps, into: x, workers) { _, range, sums in
        shortcut.addBias(to: sums, rows: range.count)
      }
    }
    for (i, convolution) in convolutions.dropLast().enumerated() {
      let rows = inputs[i + 1]
      let base = first * convolution.taps.outputs
      convolution.forward(input(i), maps: maps, workers) { _, range, sums in
        rows.take(sums, range.lowerBound + base..<range.upperBound + base, shift: convolution.shift)
      }
    }
    let base = first * last.taps.outputs
    last.forward(input(convolutions.count - 1), maps: maps, into: x, accumulate: true, workers) { _, range, sums in
      last.addBias(to: sums, rows: range.count)
      next?.take(copying: sums, range.lowerBound + base..<range.upperBound + base)
    }
  }
}
