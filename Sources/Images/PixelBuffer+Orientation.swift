import Pixels

extension PixelBuffer {
  /// Writes the picture as it is looked at to `target`.
  func orient(_ orientation: Orientation, into target: PixelBuffer) throws {
    let (width, height) = (self.width, self.height)
    let (outWidth, outHeight) = orientation.swapsSides ? (height, width) : (width, height)
    try target.reshape(width: outWidth, height: outHeight)
    // Where the pixel (0, 0) of the target comes from, and how far its neighbours to the right and below are from
    // there.
    let (right, down) = (1, width)
    let (lastColumn, lastRow) = (width - 1, (height - 1) * width)
    let (first, columnStep, rowStep): (Int, Int, Int) =
      switch orientation {
      case .upright: (0, right, down)
      case .mirrored: (lastColumn, -right, down)
      case .turned180: (lastColumn + lastRow, -right, -down)
      case .flipped: (lastRow, right, -down)
      case .transposed: (0, down, right)
      case .turned90: (lastRow, -down, right)
      case .transversed: (lastColumn + lastRow, -down, -right)
      case .turned270: (lastColumn, down, -right)
      }
    guard let from = bytes.baseAddress, let to = target.bytes.baseAddress else { return }
    // In squares, so that the rows that a turn goes across stay in the cache.
    let side = 32
    for top in stride(from: 0, to: outHeight, by: side) {
      for left in stride(from: 0, to: outWidth, by: side) {
        for y in top..<min(top + side, outHeight) {
          for x in left..<min(left + side, outWidth) {
            let source = from + 3 * (first + y * rowStep + x * columnStep)
            let place = to + 3 * (y * outWidth + x)
            (place[0], place[1], place[2]) = (source[0], source[1], source[2])
          }
        }
      }
    }
  }
}
