/// Divides the paragraphs of a text into sentences, and those into tokens.
///
/// A sentence ends at the first boundary that ICU finds in the `2 · maximumSentence` bytes of the paragraph that begin
/// with it, or, if it is longer than `maximumSentence`, before the last word of its first so many bytes. As ICU's rules
/// begin anew after each boundary, those of a paragraph that is no longer are the ones of the whole paragraph.
final class SentenceDivider {
  private let window: SentenceWindow
  private let limit: Int
  private let sentences: BreakIterator
  private let tokenizer: Tokenizer
  /// Whether a paragraph is one sentence.
  private let isWhole: Bool
  private var isParagraphStart = true
  /// Whether what comes is the rest of a sentence that was cut.
  private var isDivided = false
  var facts = TextFacts()

  typealias Body = (Sentence) throws -> Void

  init(_ rules: TextRules, isWhole: Bool) throws {
    limit = rules.maximumSentence
    window = SentenceWindow(capacity: 2 * limit)
    sentences = try BreakIterator(.sentences, locale: rules.locale)
    tokenizer = try Tokenizer(rules)
    self.isWhole = isWhole
  }

  func begin() {
    window.clear()
    isParagraphStart = true
    isDivided = false
    facts = TextFacts()
  }

  /// Whether anything but white space has been added since this was set to false.
  var hasInk: Bool {
    get { window.hasInk }
    set { window.hasInk = newValue }
  }

  func add(_ text: UnsafeRawBufferPointer, at source: Int, _ body: Body) throws {
    try window.add(text, at: source) { try divide(isEnd: false, body) }
  }

  func addSpace(at source: Int) { window.addSpace(at: source) }

  func endParagraph(_ body: Body) throws {
    if window.unitCount > 0 { try divide(isEnd: true, body) }
    window.clear()
    if !isParagraphStart { facts.paragraphs += 1 }
    isParagraphStart = true
  }

  /// Hands out the sentences of the window and removes them. Before the paragraph's end the last boundary but one may
  /// still turn out to be none (SB8 looks ahead for a small letter, as far as the next letter or end mark), and the last
  /// one is only the window's; if there are no others, the first one is taken as it is.
  private func divide(isEnd: Bool, _ body: Body) throws {
    var start = WindowPlace(byte: 0, unit: 0)
    while start.unit < window.unitCount {
      let base = start.unit
      let count = try isWhole ? 1 : sentences.divide(UnsafeBufferPointer(rebasing: units[base...]))
      var wasCut = false
      for i in 0..<(isEnd ? count : max(1, count - 2)) {
        let unit = isWhole ? window.unitCount : base + Int(sentences.ends[i])
        var end = WindowPlace(byte: window.byte(ofUnit: unit, from: start), unit: unit)
        // It may end with the space that is the next one's first.
        wasCut = end.byte - start.byte > limit
        if wasCut, !isDivided { facts.divided += 1 }
        isDivided = wasCut
        if wasCut { end = try cut(from: start) }
        try send(start, end, isCut: wasCut, body)
        start = end
        if start.byte < window.byteCount, window.bytes[start.byte] == 0x20 {
          start.byte += 1
          start.unit += 1
        }
        if wasCut { break }
      }
      if !isEnd || !wasCut { break }
    }
    window.removeFront(upTo: start)
  }

  private var units: UnsafeBufferPointer<UInt16> {
    UnsafeBufferPointer(rebasing: window.units[..<window.unitCount])
  }

  /// The end of as many words as the limit allows.
  private func cut(from start: WindowPlace) throws -> WindowPlace {
    var byte = start.byte + limit
    while window.bytes[byte] & 0xc0 == 0x80 { byte -= 1 }
    var unit = start.unit
    var place = start.byte
    while place < byte {
      let (scalar, width) = UTF8Scan.scalar(UnsafeRawBufferPointer(window.bytes), at: place)
      place += width
      unit += scalar < 0x10000 ? 1 : 2
    }
    unit = start.unit + (try tokenizer.lastBorder(UnsafeBufferPointer(rebasing: units[start.unit..<unit])))
    facts.cuts += 1
    return WindowPlace(byte: window.byte(ofUnit: unit, from: start), unit: unit)
  }

  private func send(_ start: WindowPlace, _ end: WindowPlace, isCut: Bool, _ body: Body) throws {
    var end = end
    if end.byte > start.byte, window.bytes[end.byte - 1] == 0x20 {
      end.byte -= 1
      end.unit -= 1
    }
    guard end.byte > start.byte else { return }
    try tokenizer.divide(UnsafeBufferPointer(rebasing: units[start.unit..<end.unit]))
    facts.sentences += 1
    facts.tokens += tokenizer.count
    if tokenizer.count == 0 { facts.sentencesWithoutTokens += 1 }
    let first = window.source(ofByte: start.byte)
    try body(
      Sentence(
        text: UnsafeRawBufferPointer(rebasing: window.bytes[start.byte..<end.byte]),
        range: first..<window.source(ofByte: end.byte - 1) + 1, isCut: isCut, isFirst: isParagraphStart,
        tokens: tokenizer.tokens))
    isParagraphStart = false
  }
}
