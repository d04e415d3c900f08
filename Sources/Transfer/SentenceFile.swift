public import FileIO
public import Text

/// A file of `label<TAB>sentence`, one a line.
///
/// Lines end at LF and at nothing else: byte 0x85 of Windows-1252 and U+0085, at which readers of Unicode's lines end
/// one, stand inside published sentences. What stands after the first tab is the sentence.
public struct SentenceFile: Sendable {
  public struct Line: Sendable, Equatable {
    public var label: Name
    /// Without white space at its ends.
    public var text: String
    /// From 1.
    public var number: Int
  }

  /// For messages.
  public let path: String
  public private(set) var lines: [Line] = []
  /// Lines that are left out: which and why.
  public private(set) var problems: [Failure] = []
  /// Numbers of lines with a label and nothing after the tab: they are among ``lines``.
  public private(set) var emptySentences: [Int] = []
  /// Lines of white space alone, which are passed over.
  public private(set) var blankLines = 0
  /// Lines that ended with CR and LF.
  public private(set) var carriageReturns = 0
  public let encoding: TextEncoding
  /// Why the file is no UTF-8, where another encoding was taken for that.
  public let doubt: Failure?

  /// - Throws: Where the file is no text, or has no line of this form.
  public init(_ bytes: [UInt8], path: String, encoding: TextEncoding? = nil) throws {
    self.path = path
    let text = try WholeText(bytes, path: path, encoding: encoding)
    self.encoding = text.encoding
    doubt = text.doubt
    var number = 0
    var rest = text.utf8[...]
    while !rest.isEmpty {
      number += 1
      let end = rest.firstIndex(of: 0x0a) ?? rest.endIndex
      var line = rest[..<end]
      rest = end < rest.endIndex ? rest[(end + 1)...] : []
      if line.last == 0x0d {
        line = line.dropLast()
        carriageReturns += 1
      }
      add(line, number)
    }
    guard !lines.isEmpty else {
      throw Failure(
        .badInput, path: path,
        number == 0 ? "the file is empty" : "none of \(number) lines is a label, a tab and a sentence",
        hint: "a line is a label, a tab and a sentence, in UTF-8")
    }
  }

  private mutating func add(_ line: ArraySlice<UInt8>, _ number: Int) {
    func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || 0x09...0x0d ~= byte }
    func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
      let bytes = bytes.drop { isSpace($0) }
      let end = bytes.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? bytes.startIndex
      return String(decoding: bytes[..<end], as: UTF8.self)
    }
    func refuse(_ reason: String) { problems.append(Failure(.badInput, path: path, at: "line \(number)", reason)) }
    guard !line.allSatisfy({ isSpace($0) }) || line.contains(0x09) else { return blankLines += 1 }
    guard let tab = line.firstIndex(of: 0x09) else { return refuse("no tab between a label and a sentence") }
    let label = trimmed(line[..<tab])
    guard !label.isEmpty else { return refuse("no label before the tab") }
    let text = trimmed(line[(tab + 1)...])
    if text.isEmpty { emptySentences.append(number) }
    lines.append(Line(label: Name(label), text: text, number: number))
  }
}
