/// How a picture of any size becomes one of a given size.
public struct ImageFraming: Sendable, Hashable {
  public enum Fit: String, Sendable, CaseIterable {
    /// The largest part in the middle that has the shape of the frame, which need not begin at a whole pixel, in one
    /// step: Pillow's `ImageOps.fit(picture, (width, height), filter)`, byte for byte.
    case crop
    /// The whole picture, as large as the frame has room for, in its middle, and the background around it: Pillow's
    /// `ImageOps.pad(picture, (width, height), filter, color)`, byte for byte.
    case pad
  }

  /// In pixels.
  public var width = 300
  public var height = 300
  public var fit = Fit.crop
  public var filter = ResamplingFilter.bicubic
  /// What ``Fit/pad`` puts around the picture.
  public var background = RGB8.white

  public init() {}

  public init(width: Int, height: Int, fit: Fit = .crop, filter: ResamplingFilter = .bicubic, background: RGB8 = .white)
  {
    (self.width, self.height, self.fit, self.filter, self.background) = (width, height, fit, filter, background)
  }

  /// Bytes of a framed picture.
  public var byteCount: Int { width * height * 3 }

  /// What of a picture is seen, in its pixels. In single precision, as Pillow hands it on.
  func crop(width pictureWidth: Int, height pictureHeight: Int) -> (x: Range<Float>, y: Range<Float>) {
    let picture = (width: Double(pictureWidth), height: Double(pictureHeight))
    let shape = Double(width) / Double(height)
    var size = picture
    if picture.width / picture.height > shape {
      size.width = shape * picture.height
    } else if picture.width / picture.height < shape {
      size.height = picture.width / shape
    }
    let left = (picture.width - size.width) * 0.5
    let top = (picture.height - size.height) * 0.5
    return (
      x: Float(left)..<min(Float(left + size.width), Float(pictureWidth)),
      y: Float(top)..<min(Float(top + size.height), Float(pictureHeight))
    )
  }

  /// The size that a whole picture has in the frame, one pixel at least.
  func contained(width pictureWidth: Int, height pictureHeight: Int) -> (width: Int, height: Int) {
    let shape = Double(pictureWidth) / Double(pictureHeight)
    if shape > Double(width) / Double(height) {
      let rounded = (Double(pictureHeight) / Double(pictureWidth) * Double(width)).rounded(.toNearestOrEven)
      return (width, max(1, Int(rounded)))
    }
    let rounded = (shape * Double(height)).rounded(.toNearestOrEven)
    return (max(1, Int(rounded)), height)
  }
}
