import FileIO
public import OrderedJSON

extension ImageTransform {
  /// Windows whose pixels determine mean and deviation, spread evenly over all; more would not change them noticeably.
  public static let windowsForMean = 256

  /// The transform for training windows. Pictures of one colour alone have no deviation.
  public init(_ shape: ImageModelShape, height: Int, width: Int, for windows: some PayloadSource) throws {
    let count = min(windows.windowCount, Self.windowsForMean)
    var (sum, squares, values): (UInt64, UInt64, Int) = (0, 0, 0)
    for i in 0..<count {
      windows.withPayload(i * windows.windowCount / count, epoch: 0) { payload in
        let pixels = payload.elements(Self.plane, as: UInt8.self)
        let window = Self.sums(pixels, shape.colour)
        sum += window.sum
        squares += window.squares
        values += pixels.count / (shape.colour == .grey ? 3 : 1)
      }
    }
    let mean = Double(sum) / Double(max(1, values))
    let variance = Double(squares) / Double(max(1, values)) - mean * mean
    guard variance > 1e-6 else {
      throw Failure(.badInput, "the training pictures are of one colour, so there is nothing to learn from them")
    }
    self.init(shape, height: height, width: width, mean: Float(mean), deviation: Float(variance.squareRoot()))
  }

  private static func sums(_ pixels: UnsafeBufferPointer<UInt8>, _ colour: ImageColour) -> (
    sum: UInt64, squares: UInt64
  ) {
    var (sum, squares): (UInt64, UInt64) = (0, 0)
    let base = pixels.baseAddress!
    for i in 0..<pixels.count / (colour == .grey ? 3 : 1) {
      let value = UInt64(truncatingIfNeeded: colour == .grey ? lumaValue(base + 3 * i) : Int32(base[i]))
      sum &+= value
      squares &+= value &* value
    }
    return (sum, squares)
  }

  public var metadata: [(key: String, value: String)] {
    [
      ("cpc.image_height", "\(height)"), ("cpc.image_width", "\(width)"), ("cpc.crop_size", "\(crop)"),
      ("cpc.patch", "\(patch)"), ("cpc.patch_stride", "\(stride)"), ("cpc.colour", colour.rawValue),
      ("cpc.mean", "\(mean)"), ("cpc.deviation", "\(deviation)"),
    ]
  }
  public var facts: JSONObject { ["mean": .real(mean), "deviation": .real(deviation)] }

  /// The transform that a checkpoint tells of; nil if it tells of none.
  init?(metadata: (String) -> String?) {
    func number(_ key: String) -> Int? { metadata("cpc.\(key)").flatMap { Int($0) } }
    var shape = ImageModelShape()
    guard let height = number("image_height"), let width = number("image_width"), let crop = number("crop_size"),
      let patch = number("patch"), let stride = number("patch_stride"),
      let colour = metadata("cpc.colour").flatMap(ImageColour.init(rawValue:)),
      let mean = metadata("cpc.mean").flatMap({ Float($0) }),
      let deviation = metadata("cpc.deviation").flatMap({ Float($0) }), mean.isFinite, deviation.isFinite,
      deviation > 0, stride > 0, patch > 0, crop >= patch, crop <= min(height, width)
    else { return nil }
    (shape.crop, shape.patch, shape.stride, shape.colour) = (crop, patch, stride, colour)
    self.init(shape, height: height, width: width, mean: mean, deviation: deviation)
  }
}
