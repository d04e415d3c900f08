import CICU
import FileIO

/// ICU's iterator over the sentences or the words of a text. For one user at a time.
final class BreakIterator {
  enum Level { case sentences, words }

  private let iterator: OpaquePointer
  private let level: Level
  /// Where the segments of the last text end, in UTF-16 units.
  private(set) var ends: UnsafeMutablePointer<Int32>
  /// Of words: the rule status of each segment.
  private(set) var kinds: UnsafeMutablePointer<Int32>
  private var capacity = 256

  /// The status from which on a segment is a word (`UBRK_WORD_NUMBER`), and not a mark or white space.
  static let wordKind: Int32 = 100

  init(_ level: Level, locale: String) throws {
    var status: Int32 = 0
    let isName = locale.utf8.allSatisfy { 0x21...0x7e ~= $0 } && 1...100 ~= locale.utf8.count
    guard isName, cpc_icu_locale_is_known(locale) != 0,
      let iterator = cpc_icu_breaks_open(level == .words ? 1 : 0, locale, &status), status <= 0
    else {
      throw Failure(.usage, "ICU has no rules for a locale '\(locale)'", hint: "root has those of UAX 29")
    }
    self.iterator = iterator
    self.level = level
    ends = .allocate(capacity: capacity)
    kinds = .allocate(capacity: capacity)
  }

  deinit {
    cpc_icu_breaks_close(iterator)
    ends.deallocate()
    kinds.deallocate()
  }

  /// Fills ``ends`` and ``kinds``; returns how many segments there are: none only if there is no text.
  func divide(_ text: UnsafeBufferPointer<UInt16>) throws -> Int {
    if text.count > capacity {
      ends.deallocate()
      kinds.deallocate()
      capacity = max(text.count, 2 * capacity)
      ends = .allocate(capacity: capacity)
      kinds = .allocate(capacity: capacity)
    }
    var status: Int32 = 0
    let count = cpc_icu_breaks(
      iterator, text.baseAddress, Int32(text.count), ends, level == .words ? kinds : nil, &status)
    try check(status, "divide a text")
    return Int(count)
  }
}
