import CWebP

/// Reads the chunks of a WebP file (RFC 9649).
func webPFormat(_ bytes: UnsafeRawBufferPointer) throws -> ImageFormat {
  var features = WebPBitstreamFeatures()
  let status = WebPGetFeaturesInternal(
    bytes.bindMemory(to: UInt8.self).baseAddress, bytes.count, &features, WEBP_DECODER_ABI_VERSION)
  switch status {
  case VP8_STATUS_OK: break
  case VP8_STATUS_NOT_ENOUGH_DATA: throw HeaderProblem.headerCutShort
  default: throw HeaderProblem.damaged(at: 12, "libwebp cannot read its header")
  }
  guard features.has_animation == 0 else {
    throw HeaderProblem.notRead("animated WebP", hint: "webpmux -get frame 1 IN -o OUT.webp takes its first picture")
  }
  var format = ImageFormat(kind: .webp, width: Int(features.width), height: Int(features.height), channels: 3)
  format.hasAlpha = features.has_alpha != 0
  if format.hasAlpha { format.channels = 4 }
  if features.format == 2 { format.traits.append("lossless") }
  var exif: Orientation?
  var xmp: Orientation?
  var place = 12
  while let length = bytes.littleEndian32(place + 4) {
    let data = bytes.part(place + 8..<place + 8 + length)
    if bytes.hasText("EXIF", at: place), exif == nil {
      // Some writers keep the name that JPEG has before it.
      exif = Orientation(exif: data.hasText("Exif\0\0", at: 0) ? data.part(6..<data.count) : data)
    } else if bytes.hasText("XMP ", at: place), xmp == nil {
      xmp = Orientation(xmp: data)
    }
    place += 8 + length + length % 2
  }
  format.orientation = exif ?? xmp ?? .upright
  return format
}
