import FileIO

/// What a picture says of itself before its pixels: of JPEG (ITU-T T.81), PNG (third edition) or WebP (RFC 9649).
public struct ImageFormat: Sendable, Equatable {
  public var kind: ImageKind
  /// In pixels, as stored.
  public var width: Int
  public var height: Int
  /// How the stored picture is turned to be looked at, of EXIF or else of XMP.
  public var orientation = Orientation.upright
  /// Channels as stored, alpha among them: 1 grey or palette, 2 grey with alpha, 3 colour, 4 colour with alpha or CMYK.
  public var channels: Int
  /// Bits of a channel, or of an index into the palette.
  public var bits = 8
  /// Whether some pixels may be transparent.
  public var hasAlpha = false
  /// What else the coding is called: "progressive", "arithmetic", "interlaced", "palette", "lossless"; empty for the
  /// common one.
  public var traits: [String] = []

  /// In pixels, as it is looked at.
  public var orientedWidth: Int { orientation.swapsSides ? height : width }
  public var orientedHeight: Int { orientation.swapsSides ? width : height }

  /// The most pixels that a picture may have, unless another limit is given: what Pillow takes before it speaks of a
  /// decompression bomb.
  public static let defaultPixelLimit = 178_956_970
}

extension ImageFormat {
  /// Reads the header. Nothing is allocated for pixels.
  ///
  /// Throws a `Failure` of kind `badInput` that names the format where it is another one, or animated, or of a coding
  /// that is not read; that says where a header is cut short or damaged; and that refuses more than `pixelLimit`
  /// pixels.
  ///
  /// - Parameter bytes: the file, or so much of it that the header is whole. PNG and WebP may have the orientation
  ///   after the pixels.
  public init(of bytes: UnsafeRawBufferPointer, name: String, pixelLimit: Int = defaultPixelLimit) throws {
    guard let kind = ImageKind(of: bytes) else { throw foreignFormat(bytes, name: name) }
    do {
      switch kind {
      case .jpeg: self = try JPEGHeader(bytes).format
      case .png: self = try PNGHeader(bytes).format
      case .webp: self = try webPFormat(bytes)
      }
    } catch let problem as HeaderProblem {
      throw problem.failure(of: kind, name: name)
    }
    guard width > 0, height > 0 else {
      throw Failure(.badInput, path: name, "\(kind.title) of \(width) × \(height) pixels")
    }
    // Neither exceeds 32 bits.
    guard width * height <= pixelLimit else {
      throw Failure(
        .badInput, path: name,
        "\(kind.title) of \(width) × \(height) pixels: one picture may have \(pixelLimit) at most")
    }
  }
}

extension ImageKind {
  /// The kind that the first bytes show; nil if it is none that we read.
  init?(of bytes: UnsafeRawBufferPointer) {
    if bytes.starts(with: [0xff, 0xd8, 0xff]) {
      self = .jpeg
    } else if bytes.starts(with: PNGHeader.signature) {
      self = .png
    } else if bytes.hasText("RIFF", at: 0), bytes.hasText("WEBP", at: 8) {
      self = .webp
    } else {
      return nil
    }
  }
}
