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
  /// The utterance that the line read last is of, as far as the line tells.
  private var lineID: Name?
  /// What is wrong with the first line of the utterance after the one that was returned last.
  private var deferred: Failure?
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
    if let deferred {
      self.deferred = nil
      skipping = lineID
      throw deferred
    }
    let first: Row
    do {
      guard let row = try pending ?? read() else { return nil }
      first = row
    } catch {
      skipping = lineID
      throw error
    }
    pending = nil
    var sequence = IntervalSequence()
    do {
      var row = first
      while true {
        guard isSame(row.channel, first.channel) else {
          throw bad(
            "\(first.id): channel \(row.channel) after channel \(first.channel)",
            hint: "labels are of one channel: keep one, or give each an id of its own")
        }
        do { try sequence.append(row.interval) } catch let failure as Failure {
          throw bad("\(first.id): \(failure.reason)")
        }
        let next: Row?
        do { next = try read() } catch let failure as Failure where lineID != Name(first.id) {
          deferred = failure
          break
        }
        guard let next else { break }
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
    lineID = nil
    while let line = try reader.next() {
      let fields = line.split { $0 == 0x20 || $0 == 0x09 }
      guard let first = fields.first, !first.starts(with: Array(";;".utf8)) else { continue }
      if let skipping, first.elementsEqual(skipping.text.utf8) { continue }
      skipping = nil
      lineID = Name(String(decoding: first, as: UTF8.self))
      guard let texts = fields.map({ String(validating: $0, as: UTF8.self) }) as? [String] else {
        throw bad("not UTF-8")
      }
      guard CTMLines.fieldCounts.contains(texts.count) else {
        throw bad("\(texts.count) fields", hint: "UTTERANCE CHANNEL BEGIN DURATION PHONE [CONFIDENCE [TYPE [SPEAKER]]]")
      }
      let (begin, duration) = (texts[2], texts[3])
      guard let x = Double(begin), let y = Double(duration), x.isFinite, y.isFinite, y >= 0 else {
        throw bad("\(begin) and \(duration) are not a begin and a duration in seconds")
      }
      let sum =
        x < 0 ? DecimalTime.difference(duration, String(begin.dropFirst())) : DecimalTime.sum(begin, duration)
      let end = sum ?? "\(x + y)"
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
