import FileIO
import OrderedJSON

/// The Montreal Forced Aligner's JSON: `{"start":…,"end":…,"tiers":{NAME:{"type":"interval","entries":[[begin,end,label],…]}}}`.
struct AlignmentJSON {
  private let tiers: JSONObject
  private let path: String

  /// The phones of a file, which has one utterance.
  static func read(_ bytes: [UInt8], id: String, path: String, tiers wanted: LabelTiers) throws -> LabelTrack {
    let json: JSON
    let text = bytes.starts(with: byteOrderMark) ? Array(bytes.dropFirst(byteOrderMark.count)) : bytes
    do { json = try JSON(parsing: text) } catch {
      let line = 1 + text.prefix(error.offset).count { $0 == 0x0a }
      throw Failure(.badInput, path: path, at: "line \(line)", "not JSON: \(error)")
    }
    guard let tiers = json["tiers"]?.objectValue else {
      throw Failure(
        .badInput, path: path, "no object 'tiers'",
        hint: "MFA's {\"tiers\":{\"phones\":{\"entries\":[[begin,end,\"label\"],…]}}}")
    }
    let file = AlignmentJSON(tiers: tiers, path: path)
    guard let (name, phones) = try file.tier(wanted.phones, of: "phones") else {
      throw noTier(called: wanted.phones, among: tiers.members.map(\.key), path: path)
    }
    var duration: Double?
    switch json["end"] {
    case nil, .null?: break
    case let end?:
      guard let seconds = end.doubleValue, seconds.isFinite else { throw file.bad(nil, "'end' is \(end.compact)") }
      duration = seconds
      if let last = phones.intervals.last, last.end > seconds + LabelLength.tolerance {
        throw file.bad(
          "tier \(name)", "it goes on until \(last.endText), after the end of the file's time at \(seconds)")
      }
    }
    var track = LabelTrack(id: id, content: .intervals(phones.intervals), position: "tier \(name)", duration: duration)
    track.mends = phones.mends
    if let wanted = wanted.words {
      do {
        if let (_, words) = try file.entries(wanted, of: "words") { track.take(words: words) }
      } catch let failure as Failure { track.wordsProblem = failure.reason }
      track.checkWords(until: duration)
    }
    return track
  }

  private func bad(_ place: String?, _ reason: String) -> Failure {
    Failure(.badInput, path: path, at: place, reason)
  }

  private func tier(_ wanted: String, of content: String) throws -> (name: String, sequence: IntervalSequence)? {
    guard let (name, intervals) = try entries(wanted, of: content) else { return nil }
    do { return (name, try IntervalSequence(intervals)) } catch let failure as Failure {
      throw bad("tier \(name)", failure.reason)
    }
  }

  /// What a tier holds; nil if there is none of that name.
  private func entries(_ wanted: String, of content: String) throws -> (name: String, intervals: [PhoneInterval])? {
    let names = tiers.members.map(\.key).filter { isTier($0, called: wanted) }
    guard let name = names.first else { return nil }
    guard names.count == 1 else { throw bad(nil, "two tiers of \(content), \(names[0]) and \(names[1])") }
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
    return (name, intervals)
  }

  static func write(_ tiers: [(name: String, intervals: [PhoneInterval])], end: String) -> String {
    var object = JSONObject()
    for tier in tiers {
      let entries = tier.intervals.map { JSON.array([.number($0.beginText), .number($0.endText), .string($0.label)]) }
      object[tier.name] = .object(["type": .string("interval"), "entries": .array(entries)])
    }
    return JSON.object(["start": .int(0), "end": .number(end), "tiers": .object(object)]).compact + "\n"
  }
}
