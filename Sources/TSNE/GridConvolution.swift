import Kernels

/// Sums over a grid's nodes of charge · kernel, for the kernels of t-SNE's repulsion, by Fourier transforms (Linderman et
/// al. 2019, FIt-SNE).
///
/// One transform there and one back: the components of the force are the real and imaginary part of one kernel,
/// (x + iy) / (1 + r²)², and the sum of 1 / (1 + r²) over all pairs is taken among the frequencies.
final class GridConvolution: @unchecked Sendable {
  typealias Lanes = FourierTransform.Lanes

  let nodes: Int
  /// Of the transforms.
  private let size: Int
  /// Frequencies along y from 0 to the highest, eight at a time; the others mirror these, as charges are real.
  private let groups: Int
  private let workers: Workers
  private let transforms: [FourierTransform]
  /// [groups, size] of frequencies along x, lanes along y. As the force's kernel is odd, its spectrum is `alongY` −
  /// i `alongX`.
  private let forceX: Buffer<Lanes>
  private let forceY: Buffer<Lanes>
  private let potential: Buffer<Lanes>
  /// [size, nodes]: transformed along y alone.
  private let re: Buffer<Float>
  private let im: Buffer<Float>
  private let sums: Buffer<Double>
  /// [nodes, nodes], y then x: where charges are put, and where forces come from.
  let charges: Buffer<Float>
  let resultX: Buffer<Float>
  let resultY: Buffer<Float>

  init(_ grid: Grid, _ workers: Workers) {
    precondition(grid.nodes.isMultiple(of: 8))
    let size = 2 * grid.nodes
    self.workers = workers
    (nodes, self.size) = (grid.nodes, size)
    groups = (size / 2 + 1 + 7) / 8
    transforms = (0..<workers.count).map { _ in FourierTransform(size: size) }
    forceX = Buffer(count: groups * size)
    forceY = Buffer(count: groups * size)
    potential = Buffer(count: groups * size)
    re = Buffer(count: size * nodes)
    im = Buffer(count: size * nodes)
    sums = Buffer(count: groups)
    charges = Buffer(count: nodes * nodes)
    resultX = Buffer(count: nodes * nodes)
    resultY = Buffer(count: nodes * nodes)
    setKernels(spacing: Double(grid.spacing))
  }

  /// Convolves ``charges`` with the force; returns the sum of charge · charge / (1 + r²) over all pairs of nodes.
  func run() -> Double {
    alongY()
    alongX()
    backAlongY()
    return sums.array.reduce(0, +) / (Double(size) * Double(size))
  }

  /// Runs `body` for each of 0..<count with a transform that no other thread has.
  private func forEach(_ count: Int, _ body: (Int, FourierTransform) -> Void) {
    workers.forEach(workers.count) { worker in
      for i in stride(from: worker, to: count, by: workers.count) { body(i, transforms[worker]) }
    }
  }

  private func load(_ buffer: Buffer<Float>, _ i: Int) -> Lanes {
    UnsafeRawPointer(buffer.pointer + i).loadUnaligned(as: Lanes.self)
  }

  private func store(_ lanes: Lanes, _ buffer: Buffer<Float>, _ i: Int) {
    UnsafeMutableRawPointer(buffer.pointer + i).storeBytes(of: lanes, as: Lanes.self)
  }

  private func alongY() {
    forEach(nodes / 8) { column, transform in
      let input = transform.input
      for j in 0..<nodes { (input.re[j], input.im[j]) = (load(charges, j * nodes + column * 8), .zero) }
      for j in nodes..<size { (input.re[j], input.im[j]) = (.zero, .zero) }
      let result = transform.forward()
      for ky in 0...size / 2 {
        store(result.re[ky], re, ky * nodes + column * 8)
        store(result.im[ky], im, ky * nodes + column * 8)
      }
    }
  }

  private func alongX() {
    forEach(groups) { group, transform in
      let input = transform.input
      let lanes = min(8, size / 2 + 1 - group * 8)
      for j in 0..<size { (input.re[j], input.im[j]) = (.zero, .zero) }
      for lane in 0..<lanes {
        let row = (group * 8 + lane) * nodes
        for j in 0..<nodes { input.set(j, lane: lane, re[row + j], im[row + j]) }
      }
      let forward = transform.forward()
      let spectrum = transform.kept
      spectrum.re.update(from: forward.re, count: size)
      spectrum.im.update(from: forward.im, count: size)
      let (a, b) = (forceX.pointer + group * size, forceY.pointer + group * size)
      sums[group] = energy(spectrum, group, lanes)
      for k in 0..<size {
        input.re[k] = spectrum.re[k] * b[k] + spectrum.im[k] * a[k]
        input.im[k] = spectrum.im[k] * b[k] - spectrum.re[k] * a[k]
      }
      keep(transform.inverse(), lanes) { group * 8 + $0 }
      // The mirror, −ky: the spectrum is the conjugate of that at −kx, and the force along y is reversed.
      for k in 0..<size {
        let mirror = k == 0 ? 0 : size - k
        let (real, imaginary) = (spectrum.re[mirror], -spectrum.im[mirror])
        input.re[k] = imaginary * a[k] - real * b[k]
        input.im[k] = -imaginary * b[k] - real * a[k]
      }
      keep(transform.inverse(), lanes) { lane in
        let ky = group * 8 + lane
        return ky == 0 || ky == size / 2 ? nil : size - ky
      }
    }
  }

  /// Σ |charge|² · potential over the frequencies of a group and their mirrors.
  private func energy(_ spectrum: FourierTransform.Sequence, _ group: Int, _ lanes: Int) -> Double {
    var sum = SIMD8<Double>.zero
    for k in 0..<size {
      let power = spectrum.re[k] * spectrum.re[k] + spectrum.im[k] * spectrum.im[k]
      sum += SIMD8<Double>(power * potential[group * size + k])
    }
    return (0..<lanes).reduce(0) { total, lane in
      let ky = group * 8 + lane
      return total + sum[lane] * (ky == 0 || ky == size / 2 ? 1 : 2)
    }
  }

  /// Puts lanes into the rows that `row` names for them.
  private func keep(_ result: FourierTransform.Sequence, _ lanes: Int, _ row: (Int) -> Int?) {
    for lane in 0..<lanes {
      guard let row = row(lane) else { continue }
      for j in 0..<nodes { (re[row * nodes + j], im[row * nodes + j]) = result.get(j, lane: lane) }
    }
  }

  private func backAlongY() {
    let scale = 1 / (Float(size) * Float(size))
    forEach(nodes / 8) { column, transform in
      let input = transform.input
      for ky in 0..<size {
        input.re[ky] = load(re, ky * nodes + column * 8)
        input.im[ky] = load(im, ky * nodes + column * 8)
      }
      let result = transform.inverse()
      for j in 0..<nodes {
        store(result.re[j] * scale, resultX, j * nodes + column * 8)
        store(result.im[j] * scale, resultY, j * nodes + column * 8)
      }
    }
  }

  /// Takes the spectra of the kernels, for nodes of another spacing.
  func setKernels(spacing: Double) {
    setSpectrum { x, y in
      (Float(1 / (1 + spacing * spacing * (x * x + y * y))), 0)
    } into: { group, k, re, im in
      potential[group * size + k] = re
    }
    setSpectrum { x, y in
      let near = 1 / (1 + spacing * spacing * (x * x + y * y))
      return (Float(spacing * x * near * near), Float(spacing * y * near * near))
    } into: { group, k, re, im in
      forceY[group * size + k] = re
      forceX[group * size + k] = -im
    }
  }

  /// The transform of a kernel, which is given distances in nodes.
  private func setSpectrum(
    of kernel: (Double, Double) -> (Float, Float), into target: (Int, Int, Lanes, Lanes) -> Void
  ) {
    // The distance that a place stands for, beyond half the size a negative one; the middle is never reached.
    func distance(_ i: Int) -> Double? { i == nodes ? nil : Double(i < nodes ? i : i - size) }
    let rows = groups * 8
    let (re, im) = (Buffer<Float>(count: rows * size), Buffer<Float>(count: rows * size))
    forEach(size / 8) { column, transform in
      for j in 0..<size {
        for lane in 0..<8 {
          guard let x = distance(column * 8 + lane), let y = distance(j) else {
            transform.input.set(j, lane: lane, 0, 0)
            continue
          }
          let value = kernel(x, y)
          transform.input.set(j, lane: lane, value.0, value.1)
        }
      }
      let result = transform.forward()
      for ky in 0...size / 2 {
        store(result.re[ky], re, ky * size + column * 8)
        store(result.im[ky], im, ky * size + column * 8)
      }
    }
    forEach(groups) { group, transform in
      for lane in 0..<8 {
        for j in 0..<size {
          let i = (group * 8 + lane) * size + j
          transform.input.set(j, lane: lane, re[i], im[i])
        }
      }
      let result = transform.forward()
      for k in 0..<size { target(group, k, result.re[k], result.im[k]) }
    }
  }
}
