import FileIO

/// Kaldi's and NIST's CTM: `UTT CHANNEL BEGIN DURATION PHONE [CONFIDENCE [TYPE [SPEAKER]]]`, a phone a line, the lines of
/// an utterance one after the other; lines that begin with `;;` are comments (NIST's SCTK, "CTM Format"). Phones are
/// names, or numbers of a `phones.txt`. Lines of two channels are of two utterances, which the format calls by one name.
final class CTMLines: LabelSource {
  private let reader: LineReader
  private let symbols: SymbolTable?
  private var pending: Row?
  /// The utterance whose lines are passed over because one of them is bad.
  private var skipping: Name?
  let path: String

  private struct Row {
    var id: String
    var channel: String
    var interval: PhoneInterval
    var line: Int
  }

  init(_ file: File, head: [UInt8], symbols: SymbolTable?) {
    reader = LineReader(file, head: head)
    self.symbols = symbols
    path = file.path
  }

  func next() throws -> LabelTrack? {
    guard let first = try pending ?? read() else { return nil }
    pending = nil
    var sequence = IntervalSequence()
    do {
      var row = first
      while true {
        guard isSame(row.channel, first.channel) else {
          throw bad(
            "\(first.id): channel \(row.channel) behind channel \(first.channel)",
            hint: "labels are of one channel: keep one, or give each an id of its own")
        }
        do { try sequence.append(row.interval) } catch let failure as Failure {
          throw bad("\(first.id): \(failure.reason)")
        }
        guard let next = try read() else { break }
        guard isSame(next.id, first.id) else {
          pending = next
          break
        }
        row = next
      }
    } catch {
      skipping = Name(first.id)
      throw error
    }
    var track = LabelTrack(id: first.id, content: .intervals(sequence.intervals), position: "line \(first.line)")
    track.mends = sequence.mends
    return track
  }

  private func read() throws -> Row? {
    while let line = try reader.next() {
      let fields = line.split { $0 == 0x20 || $0 == 0x09 }
      guard let first = fields.first, !first.starts(with: Array(";;".utf8)) else { continue }
      if let skipping, first.elementsEqual(skipping.text.utf8) { continue }
      skipping = nil
      guard let texts = fields.map({ String(validating: $0, as: UTF8.self) }) as? [String] else {
        throw bad("not UTF-8")
      }
      guard CTMLines.fieldCounts.contains(texts.count) else {
        throw bad("\(texts.count) fields", hint: "UTTERANCE CHANNEL BEGIN DURATION PHONE [CONFIDENCE [TYPE [SPEAKER]]]")
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
      return Row(id: texts[0], channel: texts[1], interval: interval, line: reader.line)
    }
    return nil
  }

  /// With confidence, type and speaker or without.
  static let fieldCounts = 5...8

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
