import FileIO

/// The lines that Project Gutenberg puts around a book. In files from about 2004 on they are
/// `*** START OF THE PROJECT GUTENBERG EBOOK TITLE ***` (or `THIS`, `ETEXT`, no spaces; a long title goes on in the next
/// lines) and `*** END OF …`, sometimes after `End of the Project Gutenberg EBook of TITLE`; in older ones the header
/// ends with `*END*THE SMALL PRINT! … *END*`.
public struct GutenbergFrame {
  private enum Place { case header, startLine, text, footer }
  private var place = Place.header

  /// A header that is longer is none, in bytes.
  public static let longestHeader = 1 << 20

  /// Whether these first bytes of a file hold the START line.
  public static func isHeader(_ head: some Sequence<UInt8>) -> Bool {
    Array(head.prefix(longestHeader)).withUnsafeBytes { raw in
      raw.split(omittingEmptySubsequences: true) { $0 == 0x0a || $0 == 0x0d }
        .contains { startEnd(words(UnsafeRawBufferPointer(rebasing: $0))) != nil }
    }
  }

  init() {}

  var isInHeader: Bool { place == .header }
  var hasFooter: Bool { place == .footer }

  /// Whether a line is of the text; to be asked of each in turn.
  mutating func isText(_ line: UnsafeRawBufferPointer) -> Bool {
    switch place {
    // Of several books in one file, what stands between two is the end of one and the beginning of the next.
    case .header, .footer:
      // In a footer the small print ends no header: some books have it there.
      if place == .footer, !Self.words(line).starts(with: "***START".utf8) { return false }
      if let isWhole = Self.startEnd(Self.words(line)) { place = isWhole ? .text : .startLine }
      return false
    case .startLine:
      let words = Self.words(line)
      if words.isEmpty || words.suffix(3).elementsEqual("***".utf8) { place = .text }
      return false
    case .text:
      let words = Self.words(line)
      guard Self.isEnd(words) else { return true }
      place = .footer
      return false
    }
  }

  /// Longer lines are no marks.
  private static let longestMark = 512

  /// In capitals, without white space; of a line that can be no mark its beginning.
  private static func words(_ line: UnsafeRawBufferPointer) -> [UInt8] {
    line.prefix(longestMark).compactMap { $0 <= 0x20 ? nil : 0x61...0x7a ~= $0 ? $0 - 0x20 : $0 }
  }

  /// Whether a line that ends the header is the last one that does; nil if it is none.
  private static func startEnd(_ words: [UInt8]) -> Bool? {
    if words.starts(with: "*END*THESMALLPRINT!".utf8) || words.starts(with: "*END*THESMALLPRINT".utf8) { return true }
    guard ["THE", "THIS"].contains(where: { words.starts(with: "***STARTOF\($0)PROJECTGUTENBERG".utf8) }) else {
      return nil
    }
    return words.suffix(3).elementsEqual("***".utf8)
  }

  private static func isEnd(_ words: [UInt8]) -> Bool {
    // Nearly every line.
    guard let first = words.first, first == UInt8(ascii: "*") || first == UInt8(ascii: "E") else { return false }
    return ends.contains { words.starts(with: $0) }
  }

  private static let ends = [
    "***ENDOFTHEPROJECTGUTENBERG", "***ENDOFTHISPROJECTGUTENBERG", "ENDOFTHEPROJECTGUTENBERG",
    "ENDOFTHISPROJECTGUTENBERG", "ENDOFPROJECTGUTENBERG",
  ].map { Array($0.utf8) }
}
