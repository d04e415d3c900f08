public import Kernels
public import Sampling

/// The paper's encoder of images (§3.2): each patch of a window's grid through a residual network of the second kind (He
/// et al. 2016b) up to its third block, without batch normalisation, whose last map's mean is the latent.
///
/// A window's input is its patches one after the other, [rows · columns, patch, patch, colours]. Patches go through all
/// layers some at a time, so that what one layer leaves is in the cache for the next; what the way back needs of them is
/// kept for the whole batch (``ResidualUnit``).
public final class ResidualEncoder<Element: Operand>: Encoder {
  public typealias Scalar = Element.Sum

  public let shape: ResidualShape
  public let lattice: Lattice
  let stem: Conv2d<Element>
  let pool: MaxPool<Scalar>?
  let units: [ResidualUnit<Element>]
  /// Patches of the batch, and how many go through the layers at a time.
  let patches: Int
  let patchesAtOnce: Int
  let isTraining: Bool
  /// [patches, patch, patch, colours], and the same as operands, of a batch in training, else of some patches.
  private let input: Buffer<Scalar>
  private let pixels: Buffer<Element>
  /// What the stem makes before the pool, and the residual stream, of some patches; in training, their gradients.
  let stemMaps: Buffer<Scalar>
  let stream: Buffer<Scalar>
  let stemGradient: Buffer<Scalar>
  let streamGradient: Buffer<Scalar>
  let backMemory: ResidualBackMemory<Element>?

  /// `training` also reserves memory for gradients, and keeps what they need.
  public init(_ name: String, _ shape: ResidualShape, lattice: Lattice, windows: Int, training: Bool = true) {
    precondition(windows > 0 && shape.patch >= ResidualShape.smallestPatch)
    (self.shape, self.lattice, isTraining) = (shape, lattice, training)
    patches = windows * lattice.count
    let (kernel, stride, pools) = shape.stem
    let axis = TapAxis(size: shape.patch, kernel: kernel, stride: stride, before: kernel / 2)
    let taps = Taps(rows: axis, columns: axis, channels: shape.colours)
    stem = Conv2d("\(name).stem", taps, outputs: shape.width)
    let pooled = pools ? TapAxis(size: axis.outputs, kernel: 3, stride: 2, before: 1).outputs : axis.outputs
    patchesAtOnce = min(patches, Self.patchesAtOnce(shape, size: pooled))
    let maps = training ? patches : patchesAtOnce
    pool =
      pools ? MaxPool(rows: axis.outputs, columns: axis.outputs, channels: shape.width, maps: maps) : nil
    units = Self.units(name, shape, size: pooled, maps: maps)
    input = Buffer(count: patches * shape.patch * shape.patch * shape.colours)
    pixels = Buffer(
      count: Element.self == Scalar.self ? 0 : maps * shape.patch * shape.patch * shape.colours)
    let largest = units.map(\.numbers).max()!
    stemMaps = Buffer(count: patchesAtOnce * taps.outputs * shape.width)
    stream = Buffer(count: patchesAtOnce * largest)
    stemGradient = Buffer(count: training ? stemMaps.count : 0)
    streamGradient = Buffer(count: training ? stream.count : 0)
    backMemory = training ? ResidualBackMemory(numbers: patchesAtOnce * max(largest, taps.outputs * shape.width)) : nil
  }

  private static func units(_ name: String, _ shape: ResidualShape, size: Int, maps: Int) -> [ResidualUnit<Element>] {
    var result: [ResidualUnit<Element>] = []
    var (size, channels) = (size, shape.width)
    for (block, count) in shape.units.enumerated() {
      for unit in 0..<count {
        let next = ResidualUnit<Element>(
          "\(name).blocks.\(block).\(unit)", size: size, inputs: channels, width: shape.width << block,
          isBottleneck: shape.isBottleneck, stride: block > 0 && unit == 0 ? 2 : 1, maps: maps,
          norms: shape.isNormalized)
        (size, channels) = (next.last.taps.rows.outputs, next.last.outputs)
        result.append(next)
      }
    }
    return result
  }

  /// So many that the third block's products have rows enough to be worth it, and so few that the maps of the first stay
  /// in the cache.
  private static func patchesAtOnce(_ shape: ResidualShape, size: Int) -> Int {
    let numbers = size * size * shape.width * (shape.isBottleneck ? 4 : 1)
    return max(16, min(256, (1 << 20) / numbers))
  }

  public var channels: Int { shape.channels }
  public var inputCount: Int { lattice.count * patchNumbers }
  var patchNumbers: Int { shape.patch * shape.patch * shape.colours }
  public var parameters: [Parameter<Scalar>] { stem.parameters + units.flatMap(\.parameters) }
  public func input(of window: Int) -> UnsafeMutablePointer<Scalar> { input.pointer + window * inputCount }

  /// As He et al. (2015) for rectifiers, biases zero. Without normalisation the sum of many units would grow with each, so
  /// their last convolutions are divided by the root of the number of units, as GPT-2's residual layers are (Radford et al.
  /// 2019, §2.3); Zhang et al. (2019, "Fixup") set them to zero to the same end.
  public func initialize(from stream: (Int) -> RandomStream) {
    stem.initialize(isRectified: false, from: stream(0))
    var place = stem.parameters.count
    for unit in units {
      let first = place
      unit.initialize(branch: 1 / Double(units.count).squareRoot()) { stream(first + $0) }
      place += unit.parameters.count
    }
  }

  /// Groups of patches, and where the first of each is among those that are kept.
  var groups: [(patches: Range<Int>, first: Int)] {
    stride(from: 0, to: patches, by: patchesAtOnce).map { first in
      (first..<min(first + patchesAtOnce, patches), isTraining ? first : 0)
    }
  }

  /// The patches of a group as operands.
  func pixels(_ patches: Range<Int>, first: Int) -> UnsafePointer<Element> {
    let source = input.pointer + patches.lowerBound * patchNumbers
    guard Element.self != Scalar.self else {
      return UnsafePointer(UnsafeMutableRawPointer(source).assumingMemoryBound(to: Element.self))
    }
    return UnsafePointer(pixels.pointer + first * patchNumbers)
  }

  public func forward(to latents: UnsafeMutablePointer<Scalar>, _ workers: Workers) {
    for (patches, first) in groups {
      if Element.self != Scalar.self {
        let (from, to) = (patches.lowerBound * patchNumbers, first * patchNumbers)
        Element.round(input.pointer + from, into: pixels.pointer + to, patches.count * patchNumbers)
      }
      enter(patches, first: first, workers)
      for (i, unit) in units.enumerated() {
        unit.forward(
          stream.pointer, first: first, maps: patches.count, next: i + 1 < units.count ? units[i + 1].inputs[0] : nil,
          workers)
      }
      takeMeans(latents + patches.lowerBound * channels, patches.count, workers)
    }
  }

  /// The stem, into the residual stream and through the first rectifier.
  private func enter(_ patches: Range<Int>, first: Int, _ workers: Workers) {
    let rectifier = units[0].inputs[0]
    let width = shape.width
    let positions = pool?.taps.outputs ?? stem.taps.outputs
    let x = stream.pointer
    stem.forward(
      pixels(patches, first: first), maps: patches.count, into: pool == nil ? x : stemMaps.pointer, workers
    ) { _, range, sums in
      stem.addBias(to: sums, rows: range.count)
      guard pool == nil else { return }
      rectifier.take(copying: sums, range.lowerBound + first * positions..<range.upperBound + first * positions)
    }
    guard let pool else { return }
    workers.split(patches.count) { range in
      for map in range {
        let y = x + map * positions * width
        pool.forward(stemMaps.pointer + map * stem.taps.outputs * width, map: first + map, to: y)
        rectifier.take(copying: y, (first + map) * positions..<(first + map + 1) * positions)
      }
    }
  }

  /// The mean of each last map.
  private func takeMeans(_ latents: UnsafeMutablePointer<Scalar>, _ count: Int, _ workers: Workers) {
    let positions = units.last!.last.taps.outputs
    workers.split(count) { range in
      for map in range {
        let mean = latents + map * channels
        mean.update(repeating: 0, count: channels)
        addColumnSums(
          of: Matrix(stream.pointer + map * positions * channels, stride: channels), count: positions,
          channels: channels, to: mean)
        scale(mean, count: channels, by: 1 / Scalar(positions))
      }
    }
  }
}

// MARK: - The way back

extension ResidualEncoder {
  public func backward(latentGradient: UnsafePointer<Scalar>, _ workers: Workers) {
    guard let backMemory else { preconditionFailure("this encoder was made without memory for gradients") }
    let positions = units.last!.last.taps.outputs
    let gradient = streamGradient.pointer
    for (patches, first) in groups {
      workers.split(patches.count) { range in
        for map in range {
          let mean = gradient + map * positions * channels
          mean.update(from: latentGradient + (patches.lowerBound + map) * channels, count: channels)
          scale(mean, count: channels, by: 1 / Scalar(positions))
          for position in 1..<max(1, positions) {
            (mean + position * channels).update(from: mean, count: channels)
          }
        }
      }
      for unit in units.reversed() {
        unit.backward(gradient, first: first, maps: patches.count, backMemory, workers)
      }
      leave(patches, first: first, backMemory, workers)
    }
  }

  /// Back through pool and stem.
  private func leave(
    _ patches: Range<Int>, first: Int, _ memory: ResidualBackMemory<Element>, _ workers: Workers
  ) {
    var gradient = streamGradient.pointer
    let size = stem.taps.outputs * shape.width
    if let pool {
      workers.split(patches.count) { range in
        for map in range {
          pool.backward(
            gradient + map * pool.taps.outputs * shape.width, map: first + map, to: stemGradient.pointer + map * size)
        }
      }
      gradient = stemGradient.pointer
    }
    workers.addColumnSums(
      of: gradient, count: patches.count * stem.taps.outputs, channels: shape.width, to: stem.bias.gradient.pointer)
    stem.addWeightGradient(
      pixels(patches, first: first),
      gradient: memory.operands(of: gradient, count: patches.count * size, workers), maps: patches.count, workers)
  }
}

extension ResidualUnit {
  /// Of the largest map of one input: between two convolutions, before or after the unit.
  var numbers: Int {
    max(
      zip(inputs, convolutions).map { $0.channels * $1.taps.inputs }.max()!, last.outputs * last.taps.outputs)
  }
}
