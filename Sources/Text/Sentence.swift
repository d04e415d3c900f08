/// A sentence as a ``TextReader`` hands it out; its memory is good until the callback returns.
public struct Sentence {
  /// UTF-8, with each run of white space and control characters as one space, without mark-up; none at either end.
  public let text: UnsafeRawBufferPointer
  /// Where it stands, in bytes of the text as UTF-8 (without a byte order mark): from its first character to after its
  /// last. What was left out between them is in it.
  public let range: Range<Int>
  /// Whether it ends at the limit, and its rest follows as the next.
  public let isCut: Bool
  /// Whether it is the first of a paragraph (of a line, where lines are sentences).
  public let isFirst: Bool
  public let tokens: TokenList
}

/// Tokens as bytes: of UTF-8, without white space and control characters, never empty. Its memory is that of a
/// ``Sentence``.
public struct TokenList: RandomAccessCollection {
  let bytes: UnsafeRawBufferPointer
  let ends: UnsafeBufferPointer<Int32>

  public var startIndex: Int { 0 }
  public var endIndex: Int { ends.count }

  public subscript(index: Int) -> UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(rebasing: bytes[(index == 0 ? 0 : Int(ends[index - 1]))..<Int(ends[index])])
  }
}
