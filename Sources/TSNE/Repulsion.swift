package import Kernels

/// The repulsion of all points from one another: pair by pair where these are few, else by way of a grid.
package final class Repulsion {
  private let count: Int
  private let isByPairs: Bool
  private let workers: Workers
  private var grid: Grid?
  private var convolution: GridConvolution?
  /// Σ_j (y_i − y_j) / (1 + |y_i − y_j|²)², by point.
  package let x: Buffer<Float>
  package let y: Buffer<Float>

  /// - Parameter byPairs: Of so many points at most. A grid takes longer for so few, and is too coarse for points that the
  ///   learning rate throws far away, as it does with a handful.
  package init(count: Int, byPairs: Int = 1000, _ workers: Workers) {
    (self.count, self.workers) = (count, workers)
    isByPairs = count <= byPairs
    (x, y) = (Buffer(count: count), Buffer(count: count))
  }

  /// Takes the forces on points at (px, py).
  ///
  /// - Returns: Σ 1 / (1 + |y_i − y_j|²) over all pairs of two different points, each both ways.
  package func take(_ px: Buffer<Float>, _ py: Buffer<Float>) -> Double {
    // Infinitely far apart there is none; what is divided by it must not be zero.
    max(isByPairs ? takePairs(px, py) : takeGrid(px, py), .leastNormalMagnitude)
  }

  private func takePairs(_ px: Buffer<Float>, _ py: Buffer<Float>) -> Double {
    let sums = Buffer<Double>(count: count)
    workers.split(count, multipleOf: 16) { range in
      for i in range {
        var (sum, sumX, sumY) = (SIMD8<Float>.zero, SIMD8<Float>.zero, SIMD8<Float>.zero)
        for j in stride(from: 0, to: count, by: 8) {
          var (dx, dy) = (SIMD8<Float>(repeating: .infinity), SIMD8<Float>.zero)
          for lane in 0..<min(8, count - j) {
            dx[lane] = px[i] - px[j + lane]
            dy[lane] = py[i] - py[j + lane]
          }
          // Lanes without a point are at infinity; the point itself gives one, which is taken off below.
          let near = 1 / (1 + dx * dx + dy * dy)
          sum += near
          sumX += (near * near * dx).replacing(with: 0, where: near .== 0)
          sumY += near * near * dy
        }
        (x[i], y[i]) = (sumX.sum(), sumY.sum())
        sums[i] = Double(sum.sum()) - 1
      }
    }
    return sums.array.reduce(0, +)
  }

  private func takeGrid(_ px: Buffer<Float>, _ py: Buffer<Float>) -> Double {
    let grid = place(px, py)
    let convolution = convolution!
    spread(px, py, grid, convolution)
    let sum = convolution.run() - Double(count)
    workers.split(count, multipleOf: 16) { range in
      for i in range {
        (x[i], y[i]) = gather(px[i], py[i], grid, convolution)
      }
    }
    return sum
  }

  /// A grid that suits the points; a new one where they have outgrown the last.
  private func place(_ px: Buffer<Float>, _ py: Buffer<Float>) -> Grid {
    var (lowX, highX, lowY, highY) = (px[0], px[0], py[0], py[0])
    for i in 1..<max(1, count) {
      (lowX, highX) = (min(lowX, px[i]), max(highX, px[i]))
      (lowY, highY) = (min(lowY, py[i]), max(highY, py[i]))
    }
    let extent = max(highX - lowX, highY - lowY)
    var new = self.grid ?? Grid(extent: extent)
    if !new.suits(extent: extent) { new = Grid(extent: extent) }
    if let convolution, convolution.nodes == new.nodes {
      if grid?.spacing != new.spacing { convolution.setKernels(spacing: Double(new.spacing)) }
    } else {
      convolution = GridConvolution(new, workers)
    }
    new.centre(x: (lowX, highX), y: (lowY, highY))
    grid = new
    return new
  }

  /// Every point is a charge of one, shared by the sixteen nodes around it.
  private func spread(_ px: Buffer<Float>, _ py: Buffer<Float>, _ grid: Grid, _ convolution: GridConvolution) {
    convolution.charges.fillWithZeros()
    for i in 0..<count {
      let (column, restX) = grid.place(px[i], from: grid.x)
      let (row, restY) = grid.place(py[i], from: grid.y)
      let (alongX, alongY) = (Grid.weights(restX), Grid.weights(restY))
      for k in 0..<4 {
        let pointer = UnsafeMutableRawPointer(convolution.charges.pointer + (row - 1 + k) * grid.nodes + column - 1)
        let sum = pointer.loadUnaligned(as: SIMD4<Float>.self) + alongX * alongY[k]
        pointer.storeBytes(of: sum, as: SIMD4<Float>.self)
      }
    }
  }

  @inline(__always)
  private func gather(_ px: Float, _ py: Float, _ grid: Grid, _ convolution: GridConvolution) -> (Float, Float) {
    let (column, restX) = grid.place(px, from: grid.x)
    let (row, restY) = grid.place(py, from: grid.y)
    let (alongX, alongY) = (Grid.weights(restX), Grid.weights(restY))
    var (sumX, sumY) = (SIMD4<Float>.zero, SIMD4<Float>.zero)
    for k in 0..<4 {
      let place = (row - 1 + k) * grid.nodes + column - 1
      let weights = alongX * alongY[k]
      sumX += weights * UnsafeRawPointer(convolution.resultX.pointer + place).loadUnaligned(as: SIMD4<Float>.self)
      sumY += weights * UnsafeRawPointer(convolution.resultY.pointer + place).loadUnaligned(as: SIMD4<Float>.self)
    }
    return (sumX.sum(), sumY.sum())
  }
}
