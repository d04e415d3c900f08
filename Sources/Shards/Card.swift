import FileIO
public import OrderedJSON

/// `dataset.json`: what a dataset is, how it was made, and every other file in it with its digest.
///
/// It is written last, and its presence is what makes a folder a dataset. Its own last key, `digest`, is the XXH3-128 of
/// the bytes before it.
public struct Card: Sendable {
  public static let fileName = "dataset.json"

  /// Everything but `files` and `digest`, in order.
  public var facts: JSONObject
  public var files: [FileEntry]

  public init(facts: JSONObject, files: [FileEntry]) {
    self.facts = facts
    self.files = files
  }

  public func file(_ path: String) -> FileEntry? { files.first { isSame($0.path, path) } }

  /// Shards in the order of their records.
  public var shards: [FileEntry] { files.filter { $0.records != nil } }

  /// Names of the groups, by index.
  public var groups: [String] { facts["groups"]?.arrayValue?.map { $0["name"]?.stringValue ?? "" } ?? [] }

  private static let digestLine = "  \"digest\": \""

  /// The bytes of `dataset.json`.
  public var encoded: [UInt8] {
    var object = facts
    object["files"] = .array(files.map(\.json))
    object["digest"] = .string("")
    let text = JSON.object(object).lines
    // Up to the quote that opens `"digest"`.
    let body = Array(text.utf8).dropLast((Self.digestLine + "\"\n}").utf8.count)
    return body + Self.seal(body)
  }

  /// The digest line that belongs after `body`, to the end of the file.
  private static func seal(_ body: some Sequence<UInt8>) -> [UInt8] {
    Array("\(digestLine)\(XXH3.hash128(Array(body)))\"\n}\n".utf8)
  }

  /// Parses and checks a card; any changed bit is an error.
  public init(parsing bytes: [UInt8], path: String) throws {
    let sealLength = (Self.digestLine + "\"\n}\n").utf8.count + 32
    guard bytes.count > sealLength, bytes.suffix(sealLength).elementsEqual(Self.seal(bytes.dropLast(sealLength))) else {
      throw Failure(
        .corrupt, path: path, "damaged: its digest does not match its content",
        hint: "restore it from a copy, or make the dataset again")
    }
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw Failure(.corrupt, path: path, "not JSON: \(error)") }
    guard var facts = json.objectValue, let files = facts["files"]?.arrayValue else {
      throw Failure(.corrupt, path: path, "not a dataset card")
    }
    guard facts["schema"]?.intValue == RecordSchema.version else {
      throw Failure(
        .badInput, path: path,
        "schema \(facts["schema"]?.compact ?? "missing"), this version reads \(RecordSchema.version)")
    }
    facts["files"] = nil
    facts["digest"] = nil
    self.facts = facts
    self.files = try files.map { json in
      guard let entry = FileEntry(json) else { throw Failure(.corrupt, path: path, "bad file entry \(json.compact)") }
      return entry
    }
  }

  /// The digest that identifies this state of the dataset.
  public var digest: String { String(decoding: encoded.dropLast(4).suffix(32), as: UTF8.self) }

  public static func read(folder: String) throws -> Card {
    let path = "\(folder)/\(fileName)"
    guard Folder.kind(of: folder) != nil else { throw Failure(.badInput, path: folder, "no such dataset folder") }
    guard Folder.kind(of: path) == .file else {
      throw Failure(
        .badInput, path: folder, "not a dataset: it holds no \(fileName)",
        hint: "cpc-shard writes it last; an interrupted cpc-shard goes on when it is started again")
    }
    return try Card(parsing: File.contents(of: path), path: path)
  }

  public func write(folder: String) throws {
    try writeAtomically(to: "\(folder)/\(Self.fileName)") { try $0.write(encoded) }
  }
}

extension FileEntry {
  private static let pendingMark = ".new."

  /// Where a file is while it takes the place of another that the card still lists, or has just ceased to:
  /// `splits/.new.default.txt`. A name can be replaced only after the card has changed, so there are two for a moment.
  static func pendingPath(_ path: String) -> String {
    "\(Folder.parent(of: path))/\(pendingMark)\(Folder.name(of: path))"
  }

  /// The path without the mark of ``pendingPath(_:)``.
  static func lastingPath(_ path: String) -> String {
    let name = Folder.name(of: path)
    guard name.begins(with: pendingMark) else { return path }
    return "\(Folder.parent(of: path))/\(name.dropping(first: pendingMark.utf8.count))"
  }

  /// As the card lists it.
  public var json: JSON {
    var object: JSONObject = ["path": .string(path), "bytes": .int(bytes), "xxh3_128": .string(digest)]
    if let records { object["records"] = .int(records) }
    if !planes.isEmpty {
      var members = JSONObject()
      for plane in planes { members[plane.name] = .string(plane.digest) }
      object["planes"] = .object(members)
    }
    return .object(object)
  }

  /// Nil if it is not an entry, or names a file outside the dataset.
  public init?(_ json: JSON) {
    // Sums over thousands of files must not overflow.
    guard let path = json["path"]?.stringValue, let bytes = json["bytes"]?.intValue, (0...(1 << 48)).contains(bytes),
      let digest = json["xxh3_128"]?.stringValue
    else { return nil }
    let planes = json["planes"]?.objectValue?.members ?? []
    self.init(
      path: path, bytes: bytes, digest: digest,
      planes: planes.map { Plane(name: $0.key, digest: $0.value.stringValue ?? "") }, records: json["records"]?.intValue
    )
    if path.begins(with: "/")
      || path.utf8.split(separator: UInt8(ascii: "/")).contains(where: { $0.elementsEqual("..".utf8) })
    {
      return nil
    }
  }
}
