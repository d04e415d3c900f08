public import FileIO

/// Reads documents, each in one pass and in memory that depends on the ``TextRules`` alone, and hands out their sentences
/// in order. One reader is for any number of documents, one after the other, and for one user at a time.
public final class TextReader {
  public let kind: TextKind
  public let rules: TextRules
  public let encoding: TextEncoding
  private let decoder: any TextDecoder
  private let splitter = LineSplitter()
  private let divider: SentenceDivider
  private var frame = GutenbergFrame()
  private var isTextLine = true
  /// Where the text of Project Gutenberg begins, and where the last that was read ended, as far as that is known.
  private var textStart: Int?
  private var textEnd: Int?
  private var path = ""
  private var textBytes = 0

  /// What was found in the document that is being read, or was read last.
  public var facts: TextFacts { divider.facts }

  /// A locale that ICU does not have, or a limit out of bounds, is a failure of usage.
  public init(_ kind: TextKind, rules: TextRules = TextRules(), encoding: TextEncoding = .utf8) throws {
    guard TextRules.sentenceLimits.contains(rules.maximumSentence) else {
      let limits = TextRules.sentenceLimits
      throw Failure(.usage, "a sentence is at most \(limits.lowerBound) to \(limits.upperBound) bytes")
    }
    guard rules.versions == .current else {
      let (theirs, ours) = (rules.versions, TextVersions.current)
      throw Failure(
        .usage, "the rules are those of ICU \(theirs.icu) (Unicode \(theirs.unicode)), and this is ICU \(ours.icu)",
        hint: "set their versions to the current ones to use these all the same")
    }
    self.kind = kind
    self.rules = rules
    self.encoding = encoding
    decoder = try encoding.decoder()
    divider = try SentenceDivider(rules, isWhole: kind == .lines)
  }

  /// Reads a document to its end. Text that cannot be decoded, a zero byte, a file that is no text and a missing START line
  /// of Project Gutenberg are bad input, named with the byte from 0; sentences before it have been handed out.
  @discardableResult
  public func read(_ source: any ByteSource, _ body: (Sentence) throws -> Void) throws -> TextFacts {
    begin(source.path)
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 16, alignment: 8)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(into: buffer)
      if count == 0 { return try finish(body) }
      try add(UnsafeRawBufferPointer(rebasing: buffer[..<count]), body)
    }
  }

  /// As ``read(_:_:)``, of a document that is all there. `path` is for messages.
  @discardableResult
  public func read(_ bytes: [UInt8], path: String, _ body: (Sentence) throws -> Void) throws -> TextFacts {
    begin(path)
    try bytes.withUnsafeBytes { try add($0, body) }
    return try finish(body)
  }

  /// As ``read(_:_:)``, of pieces that `next` returns, nil after the last.
  @discardableResult
  public func read(
    path: String, pieces next: () throws -> [UInt8]?, _ body: (Sentence) throws -> Void
  ) throws -> TextFacts {
    begin(path)
    while let piece = try next() { try piece.withUnsafeBytes { try add($0, body) } }
    return try finish(body)
  }

  private func begin(_ path: String) {
    self.path = path
    decoder.begin(path: path)
    splitter.begin()
    divider.begin()
    frame = GutenbergFrame()
    (isTextLine, textStart, textEnd, textBytes) = (true, nil, nil, 0)
  }

  private func add(_ bytes: UnsafeRawBufferPointer, isLast: Bool = false, _ body: (Sentence) throws -> Void) throws {
    divider.facts.bytes += bytes.count
    try decoder.decode(bytes, isLast: isLast) { text in
      textBytes += text.count
      try splitter.add(text) { try take($0, body) }
    }
  }

  private func finish(_ body: (Sentence) throws -> Void) throws -> TextFacts {
    try add(UnsafeRawBufferPointer(start: nil, count: 0), isLast: true, body)
    try splitter.finish { try take($0, body) }
    try divider.endParagraph(body)
    if kind == .gutenberg { try endGutenberg() }
    divider.facts.textBytes = textBytes
    divider.facts.lines = splitter.lines
    return divider.facts
  }

  private func take(_ piece: LinePiece, _ body: (Sentence) throws -> Void) throws {
    switch kind {
    case .plain: try addPlain(piece, body)
    case .markdown: try addMarkdown(piece, body)
    case .gutenberg:
      let wasText = isTextLine
      if try isText(piece) { try addPlain(piece, body) } else if wasText { try divider.endParagraph(body) }
    case .lines:
      if piece.isFirst { divider.hasInk = false }
      try divider.add(piece.bytes, at: piece.offset, body)
      guard piece.isLast else { return }
      if !divider.hasInk { divider.facts.emptyLines += 1 }
      try divider.endParagraph(body)
    }
  }

  private func addPlain(_ piece: LinePiece, _ body: (Sentence) throws -> Void) throws {
    if piece.isFirst { divider.hasInk = false }
    try divider.add(piece.bytes, at: piece.offset, body)
    guard piece.isLast else { return }
    if divider.hasInk {
      divider.addSpace(at: piece.offset + piece.bytes.count)
    } else {
      try divider.endParagraph(body)
    }
  }

  private func addMarkdown(_ piece: LinePiece, _ body: (Sentence) throws -> Void) throws {
    let whole = 0..<piece.bytes.count
    let line = piece.isFirst ? MarkdownLine(piece.bytes, isWhole: piece.isLast) : .text(whole)
    switch line {
    case .text(let range): try addInline(piece, range, body)
    case .item(let range):
      try divider.endParagraph(body)
      try addInline(piece, range, body)
    case .heading(let range):
      try divider.endParagraph(body)
      try addInline(piece, range, body)
      if piece.isLast { try divider.endParagraph(body) }
    case .blank: try divider.endParagraph(body)
    case .markup:
      divider.facts.markupLines += 1
      try divider.endParagraph(body)
    }
    if piece.isLast { divider.addSpace(at: piece.offset + piece.bytes.count) }
  }

  private func addInline(_ piece: LinePiece, _ range: Range<Int>, _ body: (Sentence) throws -> Void) throws {
    let text = UnsafeRawBufferPointer(rebasing: piece.bytes[range])
    let start = piece.offset + range.lowerBound
    var inline = MarkdownInline(text)
    try inline.strip(
      keep: { try divider.add(UnsafeRawBufferPointer(rebasing: text[$0]), at: start + $0.lowerBound, body) },
      replace: { byte, place in
        try withUnsafeBytes(of: byte) { try divider.add($0, at: start + place, body) }
      })
  }

  private func isText(_ piece: LinePiece) throws -> Bool {
    if piece.isFirst {
      isTextLine = frame.isText(piece.bytes)
      if isTextLine, textStart == nil { textStart = piece.offset }
      if frame.hasFooter, textEnd == nil { textEnd = piece.offset }
      if isTextLine, let end = textEnd {
        divider.facts.footerBytes += piece.offset - end
        textEnd = nil
      }
    }
    if frame.isInHeader, piece.offset > GutenbergFrame.longestHeader { throw noStart() }
    return isTextLine
  }

  private func endGutenberg() throws {
    if frame.isInHeader { throw noStart() }
    divider.facts.headerBytes = textStart ?? textEnd ?? textBytes
    divider.facts.footerBytes += textEnd.map { textBytes - $0 } ?? 0
    divider.facts.missingFooters = frame.hasFooter ? 0 : 1
  }

  private func noStart() -> Failure {
    Failure(
      .badInput, path: path, "no line '*** START OF THE PROJECT GUTENBERG EBOOK' in the first megabyte",
      hint: "read it as plain text")
  }
}
