import CImageKernels

/// What every output pixel of a line is made of: weights in fixed point, computed as Pillow does.
struct ResamplingWeights: Sendable {
  struct Geometry: Sendable, Hashable {
    /// Pixels of the line, and the part of it that is seen.
    var size: Int
    var range: Range<Float>
    /// Pixels of the output.
    var outputSize: Int
    var filter: ResamplingFilter
  }

  let geometry: Geometry
  /// The longest list of weights; each list takes so much room.
  private let stride: Int
  private var first: [Int32] = []
  private var count: [Int32] = []
  private var weights: [Int32]

  init(_ geometry: Geometry) {
    self.geometry = geometry
    let scale = Double(geometry.range.upperBound - geometry.range.lowerBound) / Double(geometry.outputSize)
    let filterScale = max(scale, 1)
    let support = geometry.filter.support * filterScale
    stride = Int(support.rounded(.up)) * 2 + 1
    weights = [Int32](repeating: 0, count: stride * geometry.outputSize)
    var values = [Double](repeating: 0, count: stride)
    for i in 0..<geometry.outputSize {
      let center = Double(geometry.range.lowerBound) + (Double(i) + 0.5) * scale
      let low = max(0, Int(center - support + 0.5))
      let high = min(geometry.size, Int(center + support + 0.5))
      var sum = 0.0
      for place in low..<max(low, high) {
        let value = geometry.filter((Double(place - low) + Double(low) - center + 0.5) * (1 / filterScale))
        values[place - low] = value
        sum += value
      }
      for k in 0..<max(0, high - low) {
        let value = (sum == 0 ? values[k] : values[k] / sum) * Double(1 << CIMAGE_WEIGHT_BITS)
        weights[i * stride + k] = Int32(value < 0 ? value - 0.5 : value + 0.5)
      }
      first.append(Int32(low))
      count.append(Int32(max(0, high - low)))
    }
  }

  /// The pixels of the line that count.
  var used: Range<Int> {
    guard let low = first.first, let high = first.last, let last = count.last else { return 0..<0 }
    return Int(low)..<max(Int(low), Int(high) + Int(last))
  }

  func withC<Result>(_ body: (cimage_weights) -> Result) -> Result {
    first.withUnsafeBufferPointer { first in
      count.withUnsafeBufferPointer { count in
        weights.withUnsafeBufferPointer { weights in
          body(
            cimage_weights(
              size: geometry.outputSize, stride: stride, first: first.baseAddress, count: count.baseAddress,
              weights: weights.baseAddress))
        }
      }
    }
  }
}
