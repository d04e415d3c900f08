import Glibc

/// A name from outside (a path, an id, a group, a part, a key) as the bytes that it is. Swift's strings are equal as
/// soon as they look alike: `é` as one scalar and as two, `K` and the Kelvin sign. Names are equal if their bytes are, so
/// they are what maps and sets of such names are made of.
public struct Name: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let text: String

  public init(_ text: some StringProtocol) { self.text = String(text) }

  public static func == (a: Name, b: Name) -> Bool { isSame(a.text, b.text) }

  /// By bytes.
  public static func < (a: Name, b: Name) -> Bool { a.text.utf8.lexicographicallyPrecedes(b.text.utf8) }

  public func hash(into hasher: inout Hasher) {
    var text = text
    text.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
  }

  public var description: String { text }
}

/// Whether two names have the same bytes, or are both none.
@inlinable
public func isSame(_ a: (some StringProtocol)?, _ b: (some StringProtocol)?) -> Bool {
  switch (a, b) {
  case (let a?, let b?): a.utf8.elementsEqual(b.utf8)
  case (nil, nil): true
  default: false
  }
}

// Inlinable: called for every file of a corpus, and many times slower where the compiler does not see that a text is a
// `String` or a `Substring`.
extension StringProtocol where SubSequence == Substring {
  @inlinable
  var whole: Substring { self[startIndex...] }

  /// As `hasPrefix`, by bytes.
  @inlinable
  public func begins(with start: some StringProtocol) -> Bool { utf8.starts(with: start.utf8) }

  /// As `hasSuffix`, by bytes.
  @inlinable
  public func ends(with end: some StringProtocol) -> Bool {
    utf8.count >= end.utf8.count && whole.utf8.suffix(end.utf8.count).elementsEqual(end.utf8)
  }

  /// Without so many bytes at the beginning, which must be those of whole characters.
  @inlinable
  public func dropping(first count: Int) -> Substring { Substring(whole.utf8.dropFirst(count)) }

  /// Without so many bytes at the end, which must be those of whole characters: of an ending that is known to be there.
  @inlinable
  public func dropping(last count: Int) -> Substring { Substring(whole.utf8.dropLast(count)) }

  /// The pieces between single ASCII characters, by bytes: a mark after a slash belongs to the next piece, and leaves
  /// the slash what it is.
  @inlinable
  public func pieces(
    at separators: Unicode.Scalar..., maxSplits: Int = .max, omittingEmpty: Bool = false
  ) -> [Substring] {
    let bytes = separators.map { UInt8(ascii: $0) }
    return whole.utf8.split(
      maxSplits: maxSplits, omittingEmptySubsequences: omittingEmpty, whereSeparator: { bytes.contains($0) }
    ).map { Substring($0) }
  }

  /// What stands before and after the last of an ASCII character; nil if it does not occur.
  @inlinable
  public func divided(atLast separator: Unicode.Scalar) -> (head: Substring, tail: Substring)? {
    let bytes = whole.utf8
    guard let place = bytes.lastIndex(of: UInt8(ascii: separator)) else { return nil }
    return (Substring(bytes[..<place]), Substring(bytes[bytes.index(after: place)...]))
  }

  /// What stands before and after the first of an ASCII character; nil if it does not occur.
  @inlinable
  public func divided(atFirst separator: Unicode.Scalar) -> (head: Substring, tail: Substring)? {
    let bytes = whole.utf8
    guard let place = bytes.firstIndex(of: UInt8(ascii: separator)) else { return nil }
    return (Substring(bytes[..<place]), Substring(bytes[bytes.index(after: place)...]))
  }

  /// With A to Z as a to z and nothing else changed: what extensions are compared by.
  @inlinable
  public var asciiLowercased: String {
    String(decoding: utf8.map { 0x41...0x5a ~= $0 ? $0 + 0x20 : $0 }, as: UTF8.self)
  }

  /// Whether there is a byte below space, or DEL: what cannot stand in a list of one name a line.
  @inlinable
  public var hasControlCharacter: Bool { utf8.contains { $0 < 0x20 || $0 == 0x7f } }
}

/// Bytes that are to be shown although they are not UTF-8: those that are none as `\xE9`.
public func shown(_ bytes: some Sequence<UInt8>) -> String {
  let bytes = Array(bytes)
  if let text = String(validating: bytes, as: UTF8.self) { return text }
  var decoder = UTF8()
  var iterator = bytes.makeIterator()
  var text = ""
  var place = 0
  while true {
    switch decoder.decode(&iterator) {
    case .scalarValue(let scalar):
      text.unicodeScalars.append(scalar)
      place += UTF8.width(scalar)
    case .error:
      // One byte that is none, and a new start after it.
      text += "\\x" + String(bytes[place], radix: 16, uppercase: true)
      place += 1
      iterator = Array(bytes[place...]).makeIterator()
      decoder = UTF8()
    case .emptyInput: return text
    }
  }
}
