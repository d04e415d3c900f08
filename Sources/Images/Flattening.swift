import Pixels

/// Products of two values of 0...255 as fractions of 255, rounded to the nearest, as Pillow's.
@inline(__always)
private func rounded255(_ product: Int32) -> Int32 {
  let sum = product + 128
  return (sum + sum >> 8) >> 8
}

/// Puts pixels with alpha (RGBA, in place) before a background: RGB without gaps.
func flatten(_ pixels: UnsafeMutablePointer<UInt8>, count: Int, over background: RGB8) {
  let (red, green, blue) = (Int32(background.red), Int32(background.green), Int32(background.blue))
  var (from, to) = (pixels, pixels)
  for _ in 0..<count {
    let alpha = Int32(from[3])
    let rest = 255 - alpha
    let r = rounded255(Int32(from[0]) * alpha + red * rest)
    let g = rounded255(Int32(from[1]) * alpha + green * rest)
    let b = rounded255(Int32(from[2]) * alpha + blue * rest)
    (to[0], to[1], to[2]) = (UInt8(truncatingIfNeeded: r), UInt8(truncatingIfNeeded: g), UInt8(truncatingIfNeeded: b))
    from += 4
    to += 3
  }
}

/// Turns inks (CMYK, in place) to RGB without gaps: 255 is no ink, as Adobe stores it, and as Pillow takes it of every
/// JPEG. Each colour is its share of what black leaves; no colour profile is looked at.
func mixInks(_ pixels: UnsafeMutablePointer<UInt8>, count: Int) {
  var (from, to) = (pixels, pixels)
  for _ in 0..<count {
    let light = Int32(from[3])
    let r = light - rounded255((255 - Int32(from[0])) * light)
    let g = light - rounded255((255 - Int32(from[1])) * light)
    let b = light - rounded255((255 - Int32(from[2])) * light)
    (to[0], to[1], to[2]) = (UInt8(truncatingIfNeeded: r), UInt8(truncatingIfNeeded: g), UInt8(truncatingIfNeeded: b))
    from += 4
    to += 3
  }
}
