import CICU
import Glibc

/// The tokens of a sentence, one after the other in one buffer. For one user at a time.
final class Tokenizer {
  private let rules: TextRules
  private let words: BreakIterator
  private let marks: PlainMarks
  /// The bytes of all tokens of the last sentence, and where each ends: there are no more of them than units.
  private var bytes: UnsafeMutableRawBufferPointer
  private var byteCount = 0
  private var endStore: UnsafeMutableBufferPointer<Int32>
  private(set) var count = 0
  private var scratch = [UInt16](repeating: 0, count: 256)
  private var other = [UInt16](repeating: 0, count: 256)

  init(_ rules: TextRules) throws {
    self.rules = rules
    words = try BreakIterator(.words, locale: rules.locale)
    marks = try PlainMarks(words)
    bytes = .allocate(byteCount: 4096, alignment: 8)
    endStore = .allocate(capacity: 4096)
  }

  deinit {
    bytes.deallocate()
    endStore.deallocate()
  }

  var tokens: TokenList {
    TokenList(
      bytes: UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]),
      ends: UnsafeBufferPointer(rebasing: endStore[..<count]))
  }

  /// Finds the ``tokens`` of a sentence.
  ///
  /// ICU is asked where it could know more than that letters and digits of ASCII go together, that a space is a border, and
  /// that ``PlainMarks`` are each for itself: where one of these is between two letters or digits, and where there is
  /// anything else.
  func divide(_ text: UnsafeBufferPointer<UInt16>) throws {
    byteCount = 0
    count = 0
    if endStore.count < text.count {
      endStore.deallocate()
      endStore = .allocate(capacity: 2 * text.count)
    }
    let keepsMarks = rules.tokens == .wordsAndMarks
    var i = 0
    while i < text.count {
      let unit = text[i]
      if unit == 0x20 {
        i += 1
      } else if PlainMarks.isAlphanumeric(unit) {
        var end = i + 1
        while end < text.count, PlainMarks.isAlphanumeric(text[end]) { end += 1 }
        let isCertain =
          end == text.count || text[end] == 0x20
          || (marks.contains(text[end])
            && (end + 1 == text.count || text[end + 1] == 0x20 || marks.contains(text[end + 1])))
        if isCertain {
          addPlain(text, i, end)
        } else {
          end = Self.stretchEnd(text, from: end)
          try divideByICU(UnsafeBufferPointer(rebasing: text[i..<end]))
        }
        i = end
      } else if marks.contains(unit), i + 1 == text.count || text[i + 1] < 0x80 {
        if keepsMarks { addPlain(text, i, i + 1) }
        i += 1
      } else {
        let end = Self.stretchEnd(text, from: i)
        try divideByICU(UnsafeBufferPointer(rebasing: text[i..<end]))
        i = end
      }
    }
  }

  /// The next space that has ASCII after it, or the end.
  private static func stretchEnd(_ text: UnsafeBufferPointer<UInt16>, from start: Int) -> Int {
    var i = start
    while i < text.count, text[i] != 0x20 || (i + 1 < text.count && text[i + 1] >= 0x80) { i += 1 }
    return i
  }

  /// Adds a token of ASCII.
  @inline(__always)
  private func addPlain(_ text: UnsafeBufferPointer<UInt16>, _ start: Int, _ end: Int) {
    makeRoom(end - start)
    let out = bytes.baseAddress! + byteCount
    let isKept = rules.letterCase == .kept
    for k in start..<end {
      let unit = text[k]
      let isUpper = unit &- 0x41 < 26
      out.storeBytes(
        of: UInt8(truncatingIfNeeded: isUpper && !isKept ? unit | 0x20 : unit), toByteOffset: k - start, as: UInt8.self)
    }
    byteCount += end - start
    endToken()
  }

  @inline(__always)
  private func endToken() {
    endStore[count] = Int32(byteCount)
    count += 1
  }

  private func divideByICU(_ text: UnsafeBufferPointer<UInt16>) throws {
    var start = 0
    for i in 0..<(try words.divide(text)) {
      let end = Int(words.ends[i])
      if rules.tokens == .wordsAndMarks || words.kinds[i] >= BreakIterator.wordKind || hidesWord(text[start..<end]) {
        let first = byteCount
        var all: UInt16 = 0
        var least = UInt16.max
        for k in start..<end {
          all |= text[k]
          least = min(least, text[k])
        }
        if all < 0x80, least > 0x20 {
          addPlain(text, start, end)
        } else {
          try addUnicode(UnsafeBufferPointer(rebasing: text[start..<end]))
          if byteCount > first { endToken() }
        }
      }
      start = end
    }
  }

  /// Whether a segment that ICU calls no word is one with something invisible in it: after such characters ICU loses the
  /// status of words of some scripts.
  private func hidesWord(_ segment: Slice<UnsafeBufferPointer<UInt16>>) -> Bool {
    guard segment.contains(where: Characters.isInvisible) else { return false }
    return String(decoding: segment, as: UTF16.self).unicodeScalars.contains {
      $0.properties.isAlphabetic || $0.properties.generalCategory == .decimalNumber
    }
  }

  /// The first border that is not after the last word of a text, which may be cut off; the whole if it is one word.
  func lastBorder(_ text: UnsafeBufferPointer<UInt16>) throws -> Int {
    let count = try words.divide(text)
    return count > 1 ? Int(words.ends[count - 2]) : text.count
  }

  private func makeRoom(_ count: Int) {
    guard byteCount + count > bytes.count else { return }
    let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: 2 * (byteCount + count), alignment: 8)
    memcpy(larger.baseAddress!, bytes.baseAddress!, byteCount)
    bytes.deallocate()
    bytes = larger
  }

  private func addUnicode(_ text: UnsafeBufferPointer<UInt16>) throws {
    if scratch.count < text.count { scratch = [UInt16](repeating: 0, count: 2 * text.count) }
    var count = 0
    for unit in text where unit > 0x20 && !Characters.isInvisible(unit) {
      scratch[count] = unit
      count += 1
    }
    guard count > 0 else { return }
    switch rules.letterCase {
    case .kept: break
    case .lower: count = try transform(count, "lower the case of a word", cpc_icu_lower)
    case .folded: count = try transform(count, "fold the case of a word", cpc_icu_fold)
    }
    count = try transform(count, "normalise a word", cpc_icu_compose)
    makeRoom(3 * count)
    var i = 0
    while i < count {
      let unit = scratch[i]
      i += 1
      var scalar = UInt32(unit)
      if UTF16.isLeadSurrogate(unit), i < count {
        scalar = 0x10000 + (UInt32(unit & 0x3ff) << 10 | UInt32(scratch[i] & 0x3ff))
        i += 1
      }
      for byte in UTF8.encode(Unicode.Scalar(scalar) ?? "\u{fffd}")! {
        bytes[byteCount] = byte
        byteCount += 1
      }
    }
  }

  /// Replaces the first `count` units of the scratch by what ICU makes of them; returns how many that are.
  private func transform(
    _ count: Int, _ action: String,
    _ body: (UnsafeMutablePointer<UInt16>?, Int32, UnsafePointer<UInt16>?, Int32, UnsafeMutablePointer<Int32>?) -> Int32
  ) throws -> Int {
    var status: Int32 = 0
    var length = body(&other, Int32(other.count), scratch, Int32(count), &status)
    if status == icuNeedsRoom {
      other = [UInt16](repeating: 0, count: 2 * Int(length))
      length = body(&other, Int32(other.count), scratch, Int32(count), &status)
    }
    try check(status, action)
    swap(&scratch, &other)
    return Int(length)
  }
}
