import Audio
import FileIO
import Labels
public import OrderedJSON

extension ManifestEntry {
  private static let knownKeys = Set(
    ["id", "source", "member", "group", "session", "text", "split", "phones", "offset", "length"].map { Name($0) })

  /// Whether a key of a line has a meaning of its own, of any kind of file.
  public static func isKnown(_ key: String) -> Bool {
    knownKeys.contains(Name(key))
      || ["samples", "rate", "channel", "width", "height", "sentences"].contains { isSame($0, key) }
  }

  /// Reads one line; a `Failure` of kind `badInput` names the key and what is wrong with it.
  public init(parsing line: [UInt8]) throws {
    let object: JSONObject
    do {
      guard let parsed = try JSON(parsing: line).objectValue else { throw Failure(.badInput, "not a JSON object") }
      object = parsed
    } catch let error as JSONError {
      throw Failure(.badInput, "not JSON: \(error)")
    }
    let reader = KeyReader(object: object)
    id = try reader.name("id")
    do { source = try reader.path("source").required("source") } catch var failure as Failure {
      // Those of documents look much like a manifest.
      failure.hint = "each line of a manifest names one; JSON Lines of texts need \(setting: "layout") documents"
      throw failure
    }
    member = try reader.path("member")
    // What speech is grouped by, in the words of who wrote the line by hand.
    let groupKey = [nil, .null].contains(object["group"]) && object["speaker"] != nil ? "speaker" : "group"
    group = try reader.name(groupKey)
    session = try reader.text("session")
    if session?.hasControlCharacter == true { throw Failure(.badInput, "'session' contains a control character") }
    let extentKeys: [String]
    (extent, extentKeys) = try reader.extent()
    if case .audio = extent { channel = try reader.channel() }
    text = try reader.text("text")
    split = object["split"] == nil || object["split"] == .null ? nil : try reader.name("split")
    phones = try reader.phones()
    offset = try reader.integer("offset", least: 0)
    length = try reader.integer("length", least: 1)
    extra = JSONObject()
    let known = Self.knownKeys.union((extentKeys + [groupKey]).map { Name($0) })
    for (key, value) in object.members where !known.contains(Name(key)) { extra[key] = value }

    let first = offset ?? 0
    guard first < extent.count, (length ?? 1) <= extent.count - first else {
      throw Failure(
        .badInput,
        "'offset' and 'length' cut \(first) to \(length.map { "\($0) further" } ?? "the end"), "
          + "which is not inside the \(extent.count) \(extent.unit)")
    }
  }

  /// The line as an object.
  public var json: JSON {
    var object: JSONObject = ["id": .string(id), "source": .string(source)]
    object["member"] = member.map(JSON.string)
    object["group"] = .string(group)
    object["session"] = session.map(JSON.string)
    switch extent {
    case .audio(let samples, let rate):
      object["samples"] = .int(samples)
      object["rate"] = .int(rate)
      switch channel {
      case .one(let number): object["channel"] = .int(number)
      case .mean: object["channel"] = .string("mean")
      case nil: break
      }
    case .image(let width, let height):
      object["width"] = .int(width)
      object["height"] = .int(height)
    case .text(let sentences): object["sentences"] = .int(sentences)
    case .other(let kind, let count, let unit):
      object["kind"] = .string(kind)
      object["count"] = .int(count)
      object["unit"] = .string(unit)
    }
    object["text"] = text.map(JSON.string)
    object["split"] = split.map(JSON.string)
    object["phones"] = phones.map { .array($0.map(\.json)) }
    object["offset"] = offset.map { .int($0) }
    object["length"] = length.map { .int($0) }
    for (key, value) in extra.members { object[key] = value }
    return .object(object)
  }

  /// Appends the line with its line end.
  public func write(to bytes: inout [UInt8]) {
    json.write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
  }
}

extension Optional {
  fileprivate func required(_ key: String) throws -> Wrapped {
    guard let self else { throw Failure(.badInput, "'\(key)' is missing") }
    return self
  }
}

/// Takes typed values out of an object; `null` counts as absent.
private struct KeyReader {
  let object: JSONObject

  private func value(_ key: String) -> JSON? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  func text(_ key: String) throws -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.stringValue else { throw Failure(.badInput, "'\(key)' is not a text") }
    return text
  }

  /// A text that may stand in lists of one name a line.
  func name(_ key: String) throws -> String {
    let name = try text(key).required(key)
    guard !name.isEmpty else { throw Failure(.badInput, "'\(key)' is empty") }
    guard !name.hasControlCharacter else { throw Failure(.badInput, "'\(key)' contains a control character") }
    return name
  }

  /// A text that the operating system takes for the same: it reads no further than a zero byte.
  func path(_ key: String) throws -> String? {
    let path = try text(key)
    if path?.utf8.contains(0) == true { throw Failure(.badInput, "'\(key)' contains a zero byte") }
    return path
  }

  func integer(_ key: String, least: Int) throws -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.intValue else { throw Failure(.badInput, "'\(key)' is not a whole number") }
    guard number >= least else { throw Failure(.badInput, "'\(key)' is \(number): at least \(least) is needed") }
    return number
  }

  /// What the file holds, and the keys that say it. Keys of another kind of file are no more than carried.
  func extent() throws -> (Extent, keys: [String]) {
    func number(_ key: String) throws -> Int { try integer(key, least: 1).required(key) }
    let isAudio = object["samples"] != nil || object["rate"] != nil
    if !isAudio, object["width"] != nil || object["height"] != nil {
      return (.image(width: try number("width"), height: try number("height")), ["width", "height"])
    }
    if !isAudio, object["sentences"] != nil { return (.text(sentences: try number("sentences")), ["sentences"]) }
    if !isAudio, object["kind"] != nil, object["count"] != nil {
      let extent = Extent.other(kind: try name("kind"), count: try number("count"), unit: try name("unit"))
      return (extent, ["kind", "count", "unit"])
    }
    return (.audio(samples: try number("samples"), rate: try number("rate")), ["samples", "rate", "channel"])
  }

  func channel() throws -> Channel? {
    guard let value = value("channel") else { return nil }
    if isSame(value.stringValue, "mean") { return .mean }
    guard let number = value.intValue, number >= 1 else {
      throw Failure(.badInput, "'channel' is neither a number from 1 on nor \"mean\"")
    }
    return .one(number)
  }

  func phones() throws -> [PhoneInterval]? {
    guard let value = value("phones") else { return nil }
    guard let elements = value.arrayValue else { throw Failure(.badInput, "'phones' is not an array") }
    return try elements.enumerated().map { index, element in
      guard let phone = PhoneInterval(element) else {
        throw Failure(.badInput, "'phones[\(index)]' is not [\"LABEL\",begin,end] with 0 <= begin <= end in seconds")
      }
      return phone
    }
  }
}
