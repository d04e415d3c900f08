/// The marker segments of a JPEG file before its first scan (ITU-T T.81, annex B).
struct JPEGHeader {
  var format = ImageFormat(kind: .jpeg, width: 0, height: 0, channels: 0)
  /// Ids of the components in the order of the frame.
  var components: [UInt8] = []
  var isArithmetic = false
  /// Where the marker of the first scan stands.
  var firstScan = 0
  private var exif: Orientation?
  private var xmp: Orientation?
  private var hasEXIF = false

  init(_ bytes: UnsafeRawBufferPointer) throws {
    var place = 2
    while true {
      let marker = try Self.nextMarker(bytes, &place)
      switch marker {
      // SOS.
      case 0xda:
        guard !components.isEmpty else {
          throw HeaderProblem.damaged(at: place - 2, "pixels before the header of the frame")
        }
        firstScan = place - 2
        format.orientation = exif ?? xmp ?? .upright
        return
      case 0xd9: throw HeaderProblem.damaged(at: place - 2, "it ends before any pixels")
      // Those that stand alone.
      case 0x01, 0xd0...0xd8: continue
      default: break
      }
      let segment = try Self.segment(bytes, at: place)
      switch marker {
      // SOF, but not DHT, JPG and DAC.
      case 0xc0...0xc3, 0xc5...0xc7, 0xc9...0xcb, 0xcd...0xcf: try readFrame(bytes.part(segment), marker, at: place - 2)
      case 0xf7: throw HeaderProblem.notRead("JPEG-LS")
      case 0xe1: readApplication(bytes.part(segment))
      default: break
      }
      place = segment.upperBound
    }
  }

  /// The code of the next marker; `place` moves after it. Libraries pass over bytes that are no marker.
  static func nextMarker(_ bytes: UnsafeRawBufferPointer, _ place: inout Int) throws -> UInt8 {
    while place + 1 < bytes.count {
      if bytes[place] == 0xff, bytes[place + 1] != 0, bytes[place + 1] != 0xff {
        place += 2
        return bytes[place - 1]
      }
      place += 1
    }
    throw HeaderProblem.headerCutShort
  }

  /// What follows the length that stands at `place`.
  static func segment(_ bytes: UnsafeRawBufferPointer, at place: Int) throws -> Range<Int> {
    guard let length = bytes.bigEndian16(place), length >= 2 else {
      guard place + 2 <= bytes.count else { throw HeaderProblem.headerCutShort }
      throw HeaderProblem.damaged(at: place, "a segment shorter than its length")
    }
    guard place + length <= bytes.count else { throw HeaderProblem.headerCutShort }
    return place + 2..<place + length
  }

  private mutating func readFrame(_ segment: UnsafeRawBufferPointer, _ marker: UInt8, at place: Int) throws {
    guard components.isEmpty else { throw HeaderProblem.damaged(at: place, "a second header of the frame") }
    guard segment.count >= 6, let height = segment.bigEndian16(1), let width = segment.bigEndian16(3) else {
      throw HeaderProblem.damaged(at: place, "the header of the frame is too short")
    }
    let hint = "ImageMagick may convert it: convert IN OUT.png"
    switch marker & 0x0f {
    case 3, 7, 11, 15: throw HeaderProblem.notRead("lossless JPEG", hint: hint)
    case 5, 6, 13, 14: throw HeaderProblem.notRead("hierarchical JPEG", hint: hint)
    default: break
    }
    guard segment[0] == 8 else { throw HeaderProblem.notRead("JPEG of \(segment[0]) bits a channel", hint: hint) }
    guard height > 0 else {
      throw HeaderProblem.notRead("JPEG that tells its height after the pixels (DNL)", hint: hint)
    }
    let count = Int(segment[5])
    guard [1, 3, 4].contains(count) else { throw HeaderProblem.notRead("JPEG of \(count) channels", hint: hint) }
    guard segment.count >= 6 + 3 * count else {
      throw HeaderProblem.damaged(at: place, "the header of the frame is too short")
    }
    components = (0..<count).map { segment[6 + 3 * $0] }
    isArithmetic = marker > 0xc8
    (format.width, format.height, format.channels) = (width, height, count)
    if marker & 3 == 2 { format.traits.append("progressive") }
    if isArithmetic { format.traits.append("arithmetic") }
  }

  /// Of several segments with EXIF or with XMP, the first counts.
  private mutating func readApplication(_ segment: UnsafeRawBufferPointer) {
    let space: StaticString = "http://ns.adobe.com/xap/1.0/\0"
    if segment.hasText("Exif\0\0", at: 0), !hasEXIF {
      hasEXIF = true
      exif = Orientation(exif: segment.part(6..<segment.count))
    } else if segment.hasText(space, at: 0), xmp == nil {
      xmp = Orientation(xmp: segment.part(space.utf8CodeUnitCount..<segment.count))
    }
  }
}
