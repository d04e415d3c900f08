public import ArgumentParser
import FileIO
import OrderedJSON
public import Pixels

/// How pictures become records.
struct ImageOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Pixels of a record: 300, or WIDTHxHEIGHT. Default: 300.", valueName: "size"))
  var size: FrameSize?

  @Option(
    help: """
      crop (the default: the largest part in the middle that has the shape of the record) or pad (the whole picture, and \
      the background around it).
      """)
  var fit: ImageFraming.Fit?

  @Option(
    help: """
      How pictures are resized, always with antialiasing: box, bilinear, bicubic (the default) or lanczos, as Pillow's.
      """)
  var filter: ResamplingFilter?

  @Option(
    help: ArgumentHelp(
      "The colour under transparent pixels and around padded pictures. Default: ffffff.", valueName: "rrggbb"))
  var background: RGB8?

  /// The first flag that was given.
  var given: String? {
    size != nil
      ? "--size" : fit != nil ? "--fit" : filter != nil ? "--filter" : background != nil ? "--background" : nil
  }

  var framing: ImageFraming {
    let defaults = ImageFraming()
    return ImageFraming(
      width: size?.width ?? defaults.width, height: size?.height ?? defaults.height, fit: fit ?? defaults.fit,
      filter: filter ?? defaults.filter, background: background ?? defaults.background)
  }

  /// What determines the records.
  var fingerprint: JSONObject {
    let framing = framing
    return [
      "size": .string("\(framing.width)x\(framing.height)"), "fit": .string(framing.fit.rawValue),
      "filter": .string(framing.filter.rawValue), "background": .string(framing.background.hexadecimal),
    ]
  }

  /// The flags that change something, for the card.
  var words: [String] {
    var words: [String] = []
    if let size { words += ["--size", size.description] }
    if let fit { words += ["--fit", fit.rawValue] }
    if let filter { words += ["--filter", filter.rawValue] }
    if let background { words += ["--background", background.hexadecimal] }
    return words
  }
}

struct FrameSize: ExpressibleByArgument, CustomStringConvertible {
  var width: Int
  var height: Int

  init?(argument: String) {
    let sides = argument.pieces(at: "x").map { Int($0) ?? 0 }
    guard (1...2).contains(sides.count), sides.allSatisfy({ (1...8192).contains($0) }) else { return nil }
    (width, height) = (sides[0], sides[sides.count - 1])
  }

  var description: String { width == height ? "\(width)" : "\(width)x\(height)" }
}

extension ImageFraming.Fit: ExpressibleByArgument {}
extension ResamplingFilter: ExpressibleByArgument {}

extension RGB8: ExpressibleByArgument {
  /// Six hexadecimal digits.
  public init?(argument: String) {
    let digits = argument.utf8.first == UInt8(ascii: "#") ? argument.dropFirst() : argument[...]
    guard digits.utf8.count == 6, let number = Int(digits, radix: 16), number >= 0 else { return nil }
    self.init(UInt8(number >> 16), UInt8(number >> 8 & 255), UInt8(number & 255))
  }

  var hexadecimal: String {
    let digits = String(Int(red) << 16 | Int(green) << 8 | Int(blue), radix: 16)
    return String(repeating: "0", count: 6 - digits.count) + digits
  }
}
