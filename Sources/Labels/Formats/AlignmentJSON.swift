import FileIO
import OrderedJSON

/// The Montreal Forced Aligner's JSON: `{"start":…,"end":…,"tiers":{NAME:{"type":"interval","entries":[[begin,end,label],…]}}}`.
enum AlignmentJSON {
  /// The phones of a file, which has one utterance.
  static func read(_ bytes: [UInt8], id: String, path: String, tier: String) throws -> LabelTrack {
    func bad(_ place: String?, _ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: path, at: place, reason, hint: hint)
    }
    let json: JSON
    let text = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    do { json = try JSON(parsing: text) } catch {
      let line = 1 + text.prefix(error.offset).count { $0 == 0x0a }
      throw bad("line \(line)", "not JSON: \(error)")
    }
    guard let tiers = json["tiers"]?.objectValue else {
      throw bad(
        nil, "no object 'tiers'", hint: "MFA's {\"tiers\":{\"phones\":{\"entries\":[[begin,end,\"label\"],…]}}}")
    }
    let names = tiers.members.map(\.key).filter { isTier($0, called: tier) }
    guard let name = names.first else { throw noTier(called: tier, among: tiers.members.map(\.key), path: path) }
    guard names.count == 1 else { throw bad(nil, "two tiers of phones, \(names[0]) and \(names[1])") }
    guard let entries = tiers[name]?["entries"]?.arrayValue else { throw bad("tier \(name)", "no array 'entries'") }
    let intervals = try entries.enumerated().map { i, entry in
      guard let parts = entry.arrayValue, parts.count == 3,
        let interval = PhoneInterval(.array([parts[2], parts[0], parts[1]]))
      else {
        throw bad(
          "tier \(name), entry \(i)", "\(entry.compact) is not [begin,end,\"label\"] with 0 <= begin <= end in seconds")
      }
      return interval
    }
    let sequence: IntervalSequence
    do { sequence = try IntervalSequence(intervals) } catch let failure as Failure {
      throw bad("tier \(name)", failure.reason)
    }
    var duration: Double?
    switch json["end"] {
    case nil, .null?: break
    case let end?:
      guard let seconds = end.doubleValue, seconds.isFinite else { throw bad(nil, "'end' is \(end.compact)") }
      duration = seconds
      if let last = intervals.last, last.end > seconds + LabelLength.tolerance {
        throw bad("tier \(name)", "it goes on until \(last.endText), after the end of the file's time at \(seconds)")
      }
    }
    var track = LabelTrack(
      id: id, content: .intervals(sequence.intervals), position: "tier \(name)", duration: duration)
    track.mends = sequence.mends
    return track
  }

  static func write(_ intervals: [PhoneInterval], end: String) -> String {
    let entries = intervals.map { JSON.array([.number($0.beginText), .number($0.endText), .string($0.label)]) }
    let tier: JSON = .object(["type": .string("interval"), "entries": .array(entries)])
    let tiers: JSON = .object(["phones": tier])
    return JSON.object(["start": .int(0), "end": .number(end), "tiers": tiers]).compact + "\n"
  }
}
