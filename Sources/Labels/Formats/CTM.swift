import Corpora
import FileIO

/// Kaldi's and NIST's CTM: `UTT CHANNEL BEGIN DURATION PHONE [CONFIDENCE]`, a phone a line, the lines of an utterance one
/// after the other; lines that begin with `;;` are comments. Phones are names, or numbers of a `phones.txt`.
final class CTMLines: LabelSource {
  private let reader: LineReader
  private let symbols: SymbolTable?
  private var pending: (id: String, interval: PhoneInterval, line: Int)?
  /// The utterance whose lines are passed over because one of them is bad.
  private var skipping: String?
  let path: String

  init(_ file: File, head: [UInt8], symbols: SymbolTable?) {
    reader = LineReader(file, head: head)
    self.symbols = symbols
    path = file.path
  }

  func next() throws -> LabelTrack? {
    guard let first = try pending ?? read() else { return nil }
    pending = nil
    var intervals = [first.interval]
    do {
      while let next = try read() {
        guard next.id == first.id else {
          pending = next
          break
        }
        if let reason = disorder(of: next.interval, behind: intervals.last!.end) { throw bad("\(next.id): \(reason)") }
        intervals.append(next.interval)
      }
    } catch {
      skipping = first.id
      throw error
    }
    return LabelTrack(id: first.id, content: .intervals(intervals), position: "line \(first.line)")
  }

  private func read() throws -> (id: String, interval: PhoneInterval, line: Int)? {
    while let line = try reader.next() {
      let fields = line.split { $0 == 0x20 || $0 == 0x09 }
      guard let first = fields.first, !first.starts(with: Array(";;".utf8)) else { continue }
      if let skipping, first.elementsEqual(skipping.utf8) { continue }
      skipping = nil
      guard let texts = fields.map({ String(validating: $0, as: UTF8.self) }) as? [String] else {
        throw bad("not UTF-8")
      }
      guard (5...6).contains(texts.count) else {
        throw bad("\(texts.count) fields", hint: "UTTERANCE CHANNEL BEGIN DURATION PHONE [CONFIDENCE]")
      }
      let (begin, duration) = (texts[2], texts[3])
      guard let x = Double(begin), let y = Double(duration), x.isFinite, y.isFinite, x >= 0, y >= 0 else {
        throw bad("\(begin) and \(duration) are not a begin and a duration in seconds")
      }
      let end = DecimalTime.sum(begin, duration) ?? "\(x + y)"
      let label = try symbols?.name(texts[4], at: { self.bad($0) }) ?? texts[4]
      guard let interval = PhoneInterval(label: label, begin: begin, end: end) else {
        throw bad("\(begin) and \(duration) are not a begin and a duration in seconds")
      }
      return (texts[0], interval, reader.line)
    }
    return nil
  }

  private func bad(_ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "line \(reader.line)", reason, hint: hint)
  }

  /// The lines of a track of intervals. A blank label, silence to MFA, is written as `SIL`.
  static func write(_ track: LabelTrack, _ intervals: [PhoneInterval], symbols: SymbolTable?) throws -> String {
    let id = try field(track.id)
    return try intervals.map { interval in
      let (begin, end) = (interval.beginText, interval.endText)
      let duration = DecimalTime.difference(end, begin) ?? "\(interval.end - interval.begin)"
      let name = try field(interval.label.isEmpty ? "SIL" : interval.label)
      return "\(id) 1 \(begin) \(duration) \(try symbols?.number(name) ?? name)\n"
    }.joined()
  }
}

/// A word of a line, or a `Failure`: these formats have no way to write one that holds a space.
func field(_ text: String) throws -> String {
  guard !text.isEmpty, !text.utf8.contains(where: { $0 <= 0x20 || $0 == 0x7f }) else {
    throw Failure(.badInput, "\"\(text)\" is blank or holds a space: the format cannot say that")
  }
  return text
}
