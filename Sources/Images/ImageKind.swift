/// How a picture that we read is coded.
public enum ImageKind: String, Sendable, CaseIterable {
  case jpeg, png, webp

  /// "JPEG", "PNG", "WebP".
  public var title: String {
    switch self {
    case .jpeg: "JPEG"
    case .png: "PNG"
    case .webp: "WebP"
    }
  }
}
