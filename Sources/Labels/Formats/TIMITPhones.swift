import FileIO
import OrderedJSON

/// TIMIT's `.PHN`: `FIRST END PHONE` a line, in samples at 16 kHz (Garofolo et al. 1993, LDC93S1; its README.DOC).
enum TIMITPhones {
  static func read(_ bytes: [UInt8], id: String, path: String) throws -> LabelTrack {
    let reader = LineReader(bytes, path: path)
    var sequence = IntervalSequence()
    while let line = try reader.next() {
      if isBlank(line) { continue }
      func bad(_ reason: String) -> Failure { Failure(.badInput, path: path, at: "line \(reader.line)", reason) }
      guard let text = String(validating: line, as: UTF8.self).map({ trimmed($0) }) else { throw bad("not UTF-8") }
      let fields = text.pieces(at: " ", "\t", omittingEmpty: true)
      guard fields.count == 3, let first = Int(fields[0]), let end = Int(fields[1]), 0 <= first, first <= end,
        end < 1 << 40
      else { throw bad("not 'FIRST END PHONE', in samples") }
      func seconds(_ sample: Int) -> Double { Double(sample) / Double(LabelFiles.rate) }
      do {
        try sequence.append(PhoneInterval(label: String(fields[2]), begin: seconds(first), end: seconds(end)))
      } catch let failure as Failure { throw bad(failure.reason) }
    }
    guard !sequence.intervals.isEmpty else { throw Failure(.badInput, path: path, "no phone in it") }
    var track = LabelTrack(id: id, content: .intervals(sequence.intervals), position: path)
    track.mends = sequence.mends
    return track
  }

  static func write(_ intervals: [PhoneInterval]) throws -> String {
    try intervals.map { interval in
      guard !interval.label.isEmpty, !interval.label.utf8.contains(where: { $0 <= 0x20 }) else {
        throw Failure(.badInput, "the label '\(interval.label)' is no word, which the format needs")
      }
      guard interval.end < 1e9 else { throw Failure(.badInput, "\(interval.endText) s is no time of an utterance") }
      func sample(_ seconds: Double) -> Int { Int((seconds * Double(LabelFiles.rate)).rounded()) }
      return "\(sample(interval.begin)) \(sample(interval.end)) \(interval.label)\n"
    }.joined()
  }
}
