import CImageKernels
import FileIO

/// Resizes pictures: lines first, then columns, each rounded to 8 bits, as Pillow's `Image.resize(size, filter, box)`
/// without `reducing_gap`, byte for byte; from version 13 on, Pillow begins with the columns where the height shrinks
/// much more than the width.
///
/// In whole numbers, so that the result depends on no processor. Keeps the last weights, because pictures of one size
/// often follow one another. One per thread.
final class PixelResampler {
  private var lines: ResamplingWeights?
  private var columns: ResamplingWeights?
  private let between = PixelBuffer()

  /// Makes `target` (of `width` × `height` pixels without gaps) of a part of `picture`.
  func resample(
    _ picture: PixelBuffer, x: Range<Float>, y: Range<Float>, filter: ResamplingFilter, width: Int, height: Int,
    into target: UnsafeMutablePointer<UInt8>
  ) throws {
    guard let source = picture.bytes.baseAddress else { return }
    let isWide = width == picture.width && x == 0..<Float(width)
    let isHigh = height == picture.height && y == 0..<Float(height)
    if isWide, isHigh {
      target.update(from: source, count: width * height * 3)
      return
    }
    if isHigh {
      let weights = Self.weights(&lines, .init(size: picture.width, range: x, outputSize: width, filter: filter))
      weights.withC { weights in
        withUnsafePointer(to: weights) { cimage_resample_rows($0, source, picture.width * 3, height, target) }
      }
      return
    }
    let vertical = Self.weights(&columns, .init(size: picture.height, range: y, outputSize: height, filter: filter))
    var rows = source
    var first = 0
    if !isWide {
      let weights = Self.weights(&lines, .init(size: picture.width, range: x, outputSize: width, filter: filter))
      let used = vertical.used
      first = used.lowerBound
      try between.reshape(width: width, height: used.count)
      guard let base = between.bytes.baseAddress else { return }
      rows = base
      weights.withC { weights in
        withUnsafePointer(to: weights) {
          cimage_resample_rows($0, source + first * picture.width * 3, picture.width * 3, used.count, base)
        }
      }
    }
    vertical.withC { weights in
      withUnsafePointer(to: weights) { cimage_resample_columns($0, rows, first, width * 3, target) }
    }
  }

  private static func weights(_ kept: inout ResamplingWeights?, _ geometry: ResamplingWeights.Geometry)
    -> ResamplingWeights
  {
    if let kept, kept.geometry == geometry { return kept }
    let new = ResamplingWeights(geometry)
    kept = new
    return new
  }
}
