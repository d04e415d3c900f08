import FileIO

/// Whether a name is that of a picture, also of a format that is refused by name when it is looked at.
public func isImageName(_ name: String) -> Bool {
  name.divided(atLast: ".").map { imageExtensions.contains(Name($0.tail.asciiLowercased)) } ?? false
}

private let imageExtensions: Set<Name> = Set(
  [
    "jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp", "tif", "tiff", "heic", "heif", "avif", "jxl", "jp2",
    "j2k", "ppm", "pgm", "pbm", "pnm", "psd", "ico", "tga", "mpo", "apng",
    "dds", "pcx", "svg", "hif", "cr2", "nef", "dng", "exr", "hdr", "qoi", "eps", "wbmp", "xbm", "xpm", "cur", "jls",
    "jxr", "mng", "jng",
  ].map { Name($0) })
