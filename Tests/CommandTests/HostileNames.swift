import FileIO
import Glibc
import TestSupport

/// Two hundred names that file systems allow and programs stumble over, each once.
enum HostileNames {
  static let all: [[UInt8]] = {
    var names: [[UInt8]] = []
    func add(_ name: some Sequence<UInt8>) {
      let name = Array(name)
      guard !name.isEmpty, name.count <= 240, !name.contains(0), !name.contains(UInt8(ascii: "/")) else { return }
      if !names.contains(name) { names.append(name) }
    }
    for name in texts { add(name.utf8) }
    for bytes in invalid { add(bytes) }
    var random = SeededGenerator(200)
    let odd: [ClosedRange<UInt32>] = [
      0x20...0x7e, 0xa0...0x24f, 0x300...0x36f, 0x590...0x5ff, 0x600...0x6ff, 0x900...0x97f, 0x1100...0x11ff,
      0x2000...0x206f, 0x2100...0x214f, 0x3040...0x30ff, 0xac00...0xac80, 0xfb00...0xfb4f, 0xfe00...0xfe0f,
      0x1f3fb...0x1f468,
    ]
    while names.count < 200 {
      let scalars = (0..<Int.random(in: 1...12, using: &random)).compactMap { _ in
        Unicode.Scalar(UInt32.random(in: odd.randomElement(using: &random)!, using: &random))
      }
      var text = String.UnicodeScalarView()
      text.append(contentsOf: scalars)
      if text.first != ".", !scalars.contains("/") { add(String(text).utf8) }
    }
    return names
  }()

  /// Whether a name may be an utterance's.
  static func isGood(_ name: [UInt8]) -> Bool {
    String(validating: name, as: UTF8.self) != nil && !name.contains { $0 < 0x20 || $0 == 0x7f }
  }

  private static let texts: [String] = [
    // Twins, and what Swift takes for ASCII.
    "\u{e9}", "e\u{301}", "\u{c5}", "A\u{30a}", "\u{212b}", "K", "\u{212a}", ";", "\u{37e}", "`", "\u{1fef}", "\u{3a9}",
    "\u{2126}",
    "\u{f1}o", "n\u{303}o", "\u{d55c}", "\u{1112}\u{1161}\u{11ab}", "q\u{323}\u{307}", "q\u{307}\u{323}", "\u{fb01}",
    "fi",
    "\u{958b}", "\u{2f92e}", "\u{1e9b}\u{323}", "\u{17f}\u{323}\u{307}",
    // Marks that join what stands before them, and what joins what stands after.
    "\u{301}x", "\u{338}", "\u{20dd}x", "x\u{600}", "\u{600}", "x\u{200d}", "\u{200d}x", "\u{fe0f}", "x\u{110bd}",
    "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
    // What nobody sees, or sees elsewhere.
    "\u{202e}gnp.x", "a\u{200b}b", "ab", "\u{feff}bom", "bom\u{feff}", "a\u{a0}b", "a b", "a\u{2028}b", "a\u{2029}b",
    "a\u{85}b", "\u{ad}soft",
    // What shells and formats read.
    " leading", "trailing ", "  ", "a  b", "'", "\"", "\\", "\\n", "$(touch x)", "`x`", "*", "?", "[a]", "{a,b}", "~",
    "#", "#a", "|", "a|b",
    "&", "<", ">", "%", "%s%n", "%2F", "%00", "=", "a=b", ":", "a:b", "key:x", ",", "a,b", "-", "--", "-x", "--help",
    "@", "!", "^", "(1)", ";;",
    "null", "NaN", "0", "-1", "1e5", "true", "{}", "[]", "\"id\"", "train", "default", "phones", "SIL", "SPN",
    "dataset.json",
    "x.wav", "x.flac", "x.txt", "x.TextGrid", "x.", "x..y", "a.tar.gz", "84-121123-0000", "con", "nul",
    String(repeating: "x", count: 200), String(repeating: "\u{e9}", count: 120),
    String(repeating: "e\u{301}", count: 75),
    // What cannot stand in a list of one name a line.
    "a\nb", "\n", "a\tb", "\t", "a\rb", "a\r\nb", "\u{1}", "\u{1b}[31mred", "\u{7f}", "a\u{b}b", "a\u{c}b", "\u{8}",
  ]

  private static let invalid: [[UInt8]] = [
    [0xff], [0xc3], [0x61, 0xe9], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82],
    [0xd6, 0xd0, 0xce, 0xc4], [0x61, 0xfe, 0x0a],
  ]

  /// Gives a file a second name of these bytes in `folder`.
  static func link(_ file: String, in folder: String, as name: [UInt8]) throws {
    let path = Array("\(folder)/".utf8) + name
    let status = path.map { CChar(bitPattern: $0) }.withUnsafeBufferPointer { raw in
      (Array(raw) + [0]).withUnsafeBufferPointer { Glibc.link(file, $0.baseAddress!) }
    }
    guard status == 0 else { throw Failure.system("link", path: shown(path)) }
  }

  /// Makes a folder of these bytes in `folder`, which holds one file.
  static func makeFolder(_ name: [UInt8], in folder: String, holding file: String, as fileName: String) throws {
    let path = Array("\(folder)/".utf8) + name
    let status = (path.map { CChar(bitPattern: $0) } + [0]).withUnsafeBufferPointer { mkdir($0.baseAddress!, 0o777) }
    guard status == 0 else { throw Failure.system("make folder", path: shown(path)) }
    try link(file, in: folder, as: name + Array("/\(fileName)".utf8))
  }
}
