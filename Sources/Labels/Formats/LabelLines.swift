public import FileIO
import OrderedJSON

/// Labels from JSON Lines, a manifest for example: each line with `id` and `phones` (`[["SIL",0.0,0.21],…]`, seconds) or
/// `cells` (`["SIL","SIL",null,…]`, one label for every cell). Lines with neither, or with null, have no labels. Words are
/// under `words`, in the form of `phones`; what stands there in another form is something else.
public final class LabelLines: LabelSource {
  private let reader: LineReader
  private let tiers: LabelTiers
  public let path: String

  /// - Parameter head: bytes already read from `file`.
  public init(_ file: File, head: [UInt8] = [], tiers: LabelTiers = LabelTiers()) {
    reader = LineReader(file, head: head)
    self.tiers = tiers
    path = file.path
  }

  /// Of bytes that are all there. `path` is for messages.
  public init(_ bytes: [UInt8], path: String, tiers: LabelTiers = LabelTiers()) {
    reader = LineReader(bytes, path: path)
    self.tiers = tiers
    self.path = path
  }

  /// The line of a track, without its end: intervals as `phones`, or as `words` where they are, labels on our own grid as
  /// `cells`.
  static func write(_ track: LabelTrack, areWords: Bool = false) -> String {
    let labels: (key: String, values: [JSON]) =
      switch track.content {
      case .intervals(let intervals): (areWords ? "words" : "phones", intervals.map(\.json))
      case .frames(let labels, _): ("cells", labels.map { $0.map { .string($0) } ?? .null })
      }
    var line: JSONObject = ["id": .string(track.id), labels.key: .array(labels.values)]
    if let words = track.words { line["words"] = .array(words.map(\.json)) }
    return JSON.object(line).compact
  }

  public func next() throws -> LabelTrack? {
    try tiers.requireKey(path)
    while let line = try reader.next() {
      if isBlank(line) { continue }
      if let track = try parse(line) { return track }
    }
    return nil
  }

  private func parse(_ line: [UInt8]) throws -> LabelTrack? {
    let position = "line \(reader.line)"
    func bad(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: path, at: position, reason, hint: hint)
    }
    let json: JSON
    do { json = try JSON(parsing: line) } catch { throw bad("not JSON: \(error)", hint: "one JSON object a line") }
    guard json.objectValue != nil else { throw bad("not a JSON object") }
    guard let id = json["id"]?.stringValue, !id.isEmpty else { throw bad("no 'id'") }
    guard !id.hasControlCharacter else { throw bad("the id \(id) contains a control character") }
    func present(_ key: String) throws -> [JSON]? {
      guard let value = json[key], value != .null else { return nil }
      guard let array = value.arrayValue else { throw bad("\(id): '\(key)' is not an array") }
      return array
    }
    func sequence(_ intervals: [PhoneInterval]) throws -> IntervalSequence {
      do { return try IntervalSequence(intervals) } catch let failure as Failure {
        throw bad("\(id): \(failure.reason)")
      }
    }
    func track(_ content: LabelTrack.Content) throws -> LabelTrack {
      var track = LabelTrack(id: id, content: content, position: position)
      if let key = tiers.words, let words = PhoneInterval.list(json[key]) { track.take(words: words) }
      return track
    }
    let key = tiers.areWords ? tiers.phones : "phones"
    switch (try present(key), tiers.areWords ? nil : try present("cells")) {
    case (nil, nil): return nil
    case (_?, _?): throw bad("\(id): both 'phones' and 'cells'")
    case (let phones?, nil):
      let intervals = try phones.map { phone in
        guard let interval = PhoneInterval(phone) else {
          throw bad("\(id): '\(key)' holds \(phone.compact), not [\"label\",begin,end] in seconds")
        }
        return interval
      }
      let sequence = try sequence(intervals)
      var track = try track(.intervals(sequence.intervals))
      track.mends += sequence.mends
      return track
    case (nil, let cells?):
      let labels: [String?] = try cells.map { cell in
        switch cell {
        case .null: return nil
        case .string(let label) where !label.isEmpty: return label
        // Numbers are names too: of clusters, for example.
        case .number(let label): return label
        default: throw bad("\(id): 'cells' holds \(cell.compact), not a label or null")
        }
      }
      return try track(.frames(labels, .cells))
    }
  }
}
