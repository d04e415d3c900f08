import Kernels

/// Memory for the way back of some maps through one unit after the other.
struct ResidualBackMemory<Element: Operand> {
  /// Gradients of what a convolution has made, as operands: two take turns.
  let gradients: [Buffer<Element>]
  /// That of a shortcut's input.
  let shortcut: Buffer<Element.Sum>
  /// The residual stream's as operands, where these are no sums.
  private let rounded: Buffer<Element>

  /// `numbers`: of the largest maps of a unit.
  init(numbers: Int) {
    gradients = (0..<2).map { _ in Buffer(count: numbers) }
    shortcut = Buffer(count: numbers)
    rounded = Buffer(count: Element.self == Element.Sum.self ? 0 : numbers)
  }

  /// `sums` as operands: the same memory where these are sums.
  func operands(
    of sums: UnsafeMutablePointer<Element.Sum>, count: Int, _ workers: Workers
  ) -> UnsafePointer<Element> {
    if Element.self == Element.Sum.self {
      return UnsafePointer(UnsafeMutableRawPointer(sums).assumingMemoryBound(to: Element.self))
    }
    workers.split(count, multipleOf: 1024) { range in
      Element.round(sums + range.lowerBound, into: rounded.pointer + range.lowerBound, range.count)
    }
    return UnsafePointer(rounded.pointer)
  }
}

extension ResidualUnit {
  /// Turns `gradient`, that of x′, into that of x, and adds those of the parameters. Maps as for
  /// ``forward(_:first:maps:next:_:)``.
  func backward(
    _ gradient: UnsafeMutablePointer<Scalar>, first: Int, maps: Int, _ memory: ResidualBackMemory<Element>,
    _ workers: Workers
  ) {
    func input(_ i: Int) -> UnsafePointer<Element> {
      UnsafePointer(inputs[i].kept.pointer + first * convolutions[i].taps.inputs * inputs[i].channels)
    }
    let rows = maps * last.taps.outputs
    for bias in [last.bias, shortcut?.bias].compactMap({ $0 }) {
      workers.addColumnSums(of: gradient, count: rows, channels: last.outputs, to: bias.gradient.pointer)
    }
    let stream = memory.operands(of: gradient, count: rows * last.outputs, workers)
    shortcut?.backward(input(0), gradient: stream, maps: maps, workers) { _, range, values in
      let width = inputs[0].channels
      (memory.shortcut.pointer + range.lowerBound * width).update(from: values, count: range.count * width)
    }
    var current = stream
    for i in convolutions.indices.reversed() {
      let back = RectifiedRowsBack(inputs[i], workers)
      let (base, width) = (first * convolutions[i].taps.inputs, inputs[i].channels)
      let next = memory.gradients[i % 2].pointer
      convolutions[i].backward(input(i), gradient: current, maps: maps, workers) { worker, range, values in
        let place = range.lowerBound * width
        let count = range.count * width
        if i == 0, shortcut != nil { add(memory.shortcut.pointer + place, to: values, count: count) }
        back.apply(
          range.lowerBound + base..<range.upperBound + base, values, into: next + place, worker: worker)
        guard i == 0 else { return }
        if shortcut != nil {
          (gradient + place).update(from: values, count: count)
        } else {
          add(values, to: gradient + place, count: count)
        }
      }
      back.finish(shift: i > 0 ? convolutions[i - 1].bias : nil)
      current = UnsafePointer(next)
    }
  }
}
