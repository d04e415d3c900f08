import FileIO
package import OrderedJSON

/// What a line of lhotse's manifests is (lhotse.readthedocs.io, "Corpus"; their `to_dict`).
package enum LhotseLine {
  case recording(LhotseRecording)
  case supervision(LhotseSegment)
  case cut(LhotseSegment, recording: LhotseRecording)
}

/// A recording: files of which each holds one or more of its channels.
package struct LhotseRecording {
  package var id: String
  package var sources: [(path: String, channels: [Int])]
  package var rate: Int
  package var samples: Int

  /// The file that holds a channel, the channel's place in it, from 1 on, and how many channels it is said to have; nil
  /// takes the only file whole.
  package func source(of channel: Int?) throws -> (path: String, place: Int?, channels: Int) {
    guard let channel else {
      guard sources.count == 1 else { throw Failure(.badInput, "the recording '\(id)' has several files") }
      let count = sources[0].channels.count
      return (sources[0].path, count == 1 ? 1 : nil, count)
    }
    for source in sources {
      if let place = source.channels.indices.first(where: { source.channels[$0] == channel }) {
        return (source.path, place + 1, source.channels.count)
      }
    }
    throw Failure(.badInput, "the recording '\(id)' has no channel \(channel)")
  }
}

extension LhotseRecording {
  /// Refuses a file that has not as many channels as the recording names: the place of one among these is then not its
  /// place in the file.
  package func require(_ named: Int, is channels: Int, in path: String) throws {
    guard named != channels else { return }
    throw Failure(
      .badInput, path: path,
      "it has \(channels) channel\(channels == 1 ? "" : "s"), and the recording '\(id)' names \(named) in it")
  }
}

/// A symbol of an alignment, in seconds.
package typealias LhotseItem = (symbol: String, begin: Double, end: Double)

/// What adding and taking away leave is no time: lhotse rounds to eight places, too.
private func tidy(_ seconds: Double) -> Double { (seconds * 1e8).rounded() / 1e8 }

/// Something that is said: a supervision in its recording, or a cut.
package struct LhotseSegment {
  package var id: String
  package var recording: String
  /// In seconds, in the recording.
  package var start: Double
  package var duration: Double
  /// Nil are all.
  package var channel: Int?
  package var speaker: String?
  package var text: String?
  /// In seconds from its own start: symbols, where they begin and end.
  package var phones: [LhotseItem]?
  package var words: [LhotseItem]?
  /// Items of alignments that did not lie wholly in it, or not at all.
  package var clipped = 0
  package var outside = 0
  /// Alignments of other things than phones and words.
  package var otherAlignments = 0
  /// What else is known of it: `language`, `gender` and the members of `custom`.
  package var facts = JSONObject()

  init(id: String, recording: String, start: Double, duration: Double, channel: Int?) {
    (self.id, self.recording, self.channel) = (id, recording, channel)
    (self.start, self.duration) = (start, duration)
  }

  /// All of a recording.
  package init(_ recording: LhotseRecording) {
    self.init(
      id: recording.id, recording: recording.id, start: 0,
      duration: Double(recording.samples) / Double(recording.rate), channel: nil)
  }

  /// Items in the order of time, as far as they lie between two times; counts what is cut off, but for rounding.
  mutating func clip(_ items: [LhotseItem], to first: Double, _ last: Double) -> [LhotseItem] {
    items.sorted { ($0.begin, $0.end) < ($1.begin, $1.end) }.compactMap { item in
      guard item.end > first, item.begin < last else {
        outside += 1
        return nil
      }
      if item.begin < first - 0.001 || item.end > last + 0.001 { clipped += 1 }
      return (item.symbol, max(first, item.begin), min(item.end, tidy(last)))
    }
  }

  /// The samples of a recording, as lhotse counts them: start and duration each rounded, halves up.
  package func range(rate: Int) -> Range<Int> {
    func count(_ seconds: Double) -> Int {
      Int(min(max(0, (tidy(seconds * Double(rate)) + 0.5).rounded(.down)), 1e15))
    }
    return count(start)..<count(start) + count(duration)
  }
}

/// Reads a line. A `Failure` names what is not read.
package func parseLhotse(_ line: [UInt8]) throws -> LhotseLine {
  let json: JSON
  do { json = try JSON(parsing: line) } catch { throw Failure(.badInput, "not JSON: \(error)") }
  guard let object = json.objectValue else { throw Failure(.badInput, "not a JSON object") }
  let reader = LhotseReader(object: object)
  if let type = reader.text("type"), type.ends(with: "Cut") {
    guard isSame(type, "MonoCut") || isSame(type, "Cut") else {
      throw Failure(.badInput, "a \(type), which is not read", hint: "save it with its audio, or take its MonoCuts")
    }
    return try reader.cut()
  }
  if object["sources"] != nil { return .recording(try reader.recording()) }
  if object["recording_id"] != nil, object["storage_type"] == nil {
    return .supervision(try reader.supervision(from: nil))
  }
  throw Failure(.badInput, "neither a recording nor a supervision nor a cut")
}

/// Whether a line of a manifest is one of lhotse's rather than of ours.
package func isLhotse(_ line: JSONObject) -> Bool {
  line["source"] == nil
    && (line["sources"] != nil || line["recording_id"] != nil || line["type"]?.stringValue?.ends(with: "Cut") == true)
}

/// Takes typed values out of an object; `null` counts as absent.
private struct LhotseReader {
  let object: JSONObject

  func text(_ key: String) -> String? { object[key]?.stringValue }

  func name(_ key: String) throws -> String {
    guard let name = text(key) ?? object[key]?.intValue.map({ "\($0)" }), !name.isEmpty else {
      throw Failure(.badInput, "no '\(key)'")
    }
    guard !name.hasControlCharacter else { throw Failure(.badInput, "'\(key)' contains a control character") }
    return name
  }

  func number(_ key: String) throws -> Double {
    guard let number = object[key]?.doubleValue, number.isFinite, abs(number) < 1e9 else {
      throw Failure(.badInput, "no '\(key)' in seconds")
    }
    return number
  }

  func recording() throws -> LhotseRecording {
    let id = try name("id")
    if let transforms = object["transforms"]?.arrayValue, !transforms.isEmpty {
      let names = transforms.map { $0["name"]?.stringValue ?? $0.stringValue ?? "one without name" }
      throw Failure(
        .badInput, "'\(id)' has transforms, which are not applied: \(names.joined(separator: ", "))",
        hint: "save its audio, and name that")
    }
    guard let rate = object["sampling_rate"]?.intValue, let samples = object["num_samples"]?.intValue, rate > 0,
      samples > 0
    else { throw Failure(.badInput, "'\(id)' has no 'sampling_rate' and 'num_samples'") }
    let sources = try (object["sources"]?.arrayValue ?? []).map { source in
      let type = source["type"]?.stringValue ?? ""
      guard isSame(type, "file") else {
        throw Failure(
          .badInput, "'\(id)' has a source of the type '\(type)': only files are read, nothing is run or fetched",
          hint: "save its audio, and name that")
      }
      guard let path = source["source"]?.stringValue, !path.isEmpty, !path.utf8.contains(0) else {
        throw Failure(.badInput, "'\(id)' has a source without a path")
      }
      return (path, (source["channels"]?.arrayValue ?? []).map { $0.intValue ?? -1 })
    }
    guard !sources.isEmpty else { throw Failure(.badInput, "'\(id)' has no source") }
    return LhotseRecording(id: id, sources: sources, rate: rate, samples: samples)
  }

  /// A channel, or nothing for all.
  private func channel() throws -> Int? {
    guard let value = object["channel"], value != .null else { return nil }
    if let channel = value.intValue { return channel }
    guard let channels = value.arrayValue, channels.count == 1, let channel = channels[0].intValue else {
      throw Failure(.badInput, "several channels at once: \(value.compact)", hint: "take cuts of one channel")
    }
    return channel
  }

  /// - Parameter origin: when in the recording the alignment's times begin to count; nil is with the supervision.
  func supervision(from origin: Double?) throws -> LhotseSegment {
    var segment = LhotseSegment(
      id: try name("id"), recording: try name("recording_id"), start: try number("start"),
      duration: try number("duration"), channel: try channel())
    segment.speaker = try speaker()
    segment.text = text("text")
    let start = origin ?? segment.start
    let first = origin == nil ? 0 : segment.start
    func items(_ names: String...) throws -> [LhotseItem]? {
      try alignment(names, from: start).map { segment.clip($0, to: first, first + segment.duration) }
    }
    segment.phones = try items("phone", "phones")
    segment.words = try items("word", "words")
    segment.otherAlignments =
      object["alignment"]?.objectValue?.members.count { member in
        !["phone", "phones", "word", "words"].contains { isSame($0, member.key) }
      } ?? 0
    segment.facts = facts()
    return segment
  }

  private func speaker() throws -> String? {
    guard let value = object["speaker"], value != .null else { return nil }
    return try name("speaker")
  }

  private func facts() -> JSONObject {
    var facts = JSONObject()
    for key in ["language", "gender"] { if let value = object[key], value != .null { facts[key] = value } }
    for (key, value) in object["custom"]?.objectValue?.members ?? [] where value != .null { facts[key] = value }
    return facts
  }

  /// Items of an alignment, `["AH",0.1,0.05,…]`, or objects with these names. Their times are those of the recording, also
  /// in cuts, whose supervisions' are not (lhotse's `SupervisionSegment.with_offset` leaves them alone).
  private func alignment(_ names: [String], from start: Double) throws -> [LhotseItem]? {
    guard let items = names.lazy.compactMap({ object["alignment"]?[$0]?.arrayValue }).first else { return nil }
    return try items.map { item in
      let parts = item.arrayValue ?? ["symbol", "start", "duration"].map { item[$0] ?? .null }
      guard parts.count >= 3, let symbol = parts[0].stringValue, let begin = parts[1].doubleValue,
        let duration = parts[2].doubleValue, abs(begin) < 1e9, (0..<1e9).contains(duration)
      else { throw Failure(.badInput, "'alignment' holds \(item.compact), not [SYMBOL, START, DURATION]") }
      return (symbol, tidy(begin - start), tidy(begin + duration - start))
    }
  }

  func cut() throws -> LhotseLine {
    let id = try name("id")
    guard let nested = object["recording"]?.objectValue else {
      throw Failure(.badInput, "the cut '\(id)' has no recording", hint: "cuts of features alone have no audio")
    }
    let recording = try LhotseReader(object: nested).recording()
    var segment = LhotseSegment(
      id: id, recording: recording.id, start: try number("start"), duration: try number("duration"),
      channel: try channel())
    let supervisions = try (object["supervisions"]?.arrayValue ?? []).map { value in
      guard let object = value.objectValue else { throw Failure(.badInput, "a supervision is not an object") }
      return try LhotseReader(object: object).supervision(from: segment.start)
    }.sorted { $0.start < $1.start }
    let speakers = supervisions.compactMap(\.speaker)
    if let other = speakers.first(where: { !isSame($0, speakers[0]) }) {
      throw Failure(
        .badInput, "the cut '\(id)' has two speakers, \(speakers[0]) and \(other)",
        hint: "CutSet.trim_to_supervisions makes a cut of each")
    }
    segment.speaker = speakers.first
    // Words that are said outside of the cut are not those of its audio.
    let whole = supervisions.filter { $0.start >= -0.001 && $0.start + $0.duration <= segment.duration + 0.001 }
    let texts = whole.compactMap(\.text).filter { !$0.isEmpty }
    if whole.count == supervisions.count, !texts.isEmpty { segment.text = texts.joined(separator: " ") }
    for supervision in supervisions {
      segment.clipped += supervision.clipped
      segment.outside += supervision.outside
      segment.otherAlignments += supervision.otherAlignments
    }
    segment.phones = join(supervisions, \.phones).map { segment.clip($0, to: 0, segment.duration) }
    segment.words = join(supervisions, \.words).map { segment.clip($0, to: 0, segment.duration) }
    segment.facts = supervisions.first?.facts ?? JSONObject()
    for (key, value) in facts().members where segment.facts[key] == nil { segment.facts[key] = value }
    return .cut(segment, recording: recording)
  }

  /// The items of all supervisions of a cut.
  private func join(_ supervisions: [LhotseSegment], _ items: (LhotseSegment) -> [LhotseItem]?) -> [LhotseItem]? {
    let some = supervisions.compactMap(items)
    return some.isEmpty ? nil : some.flatMap { $0 }
  }
}
