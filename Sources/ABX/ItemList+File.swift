public import FileIO

// The item files of ZeroSpeech 2021 and Libri-Light: a header, then one item a line, fields between blanks.
extension ItemList {
  private static let columns = ["#file", "onset", "offset", "#phone", "prev-phone", "next-phone", "speaker"]

  /// - Throws: What is wrong in which line of the file.
  public init(reading source: any ByteSource) throws {
    self.init()
    let reader = LineReader(source)
    var hasHeader = false
    while let line = try reader.next() {
      if isBlank(line) { continue }
      do {
        let fields = try Self.fields(line)
        if hasHeader { try append(fields) } else { try Self.require(header: fields) }
        hasHeader = true
      } catch let problem as Problem {
        throw Failure(.badInput, path: source.path, at: "line \(reader.line)", problem.reason, hint: problem.hint)
      }
    }
    guard hasHeader else {
      throw Failure(
        .badInput, path: source.path, "empty: no item file",
        hint: "its first line is \(Self.columns.joined(separator: " "))")
    }
    guard count > 0 else { throw Failure(.badInput, path: source.path, "a header and no item") }
  }

  public init(contentsOf path: String) throws { try self.init(reading: File.reading(path)) }

  private struct Problem: Error {
    var reason: String
    var hint: String?
  }

  private static func fields(_ line: [UInt8]) throws -> [Substring] {
    guard let text = String(validating: line, as: UTF8.self) else {
      throw Problem(reason: "\(shown(line)): not UTF-8")
    }
    return text.pieces(at: " ", "\t", omittingEmpty: true)
  }

  private static func require(header: [Substring]) throws {
    if header.elementsEqual(columns, by: { isSame($0, $1) }) { return }
    let missing = columns.filter { column in !header.contains { isSame($0, column) } }
    throw Problem(
      reason: missing.isEmpty
        ? "the columns of the header are in another order"
        : "no header of an item file: \(missing.joined(separator: ", ")) missing",
      hint: "the first line is \(columns.joined(separator: " "))")
  }

  private mutating func append(_ fields: [Substring]) throws {
    guard fields.count == Self.columns.count else {
      throw Problem(reason: "\(fields.count) fields instead of \(Self.columns.count)")
    }
    func time(_ i: Int) throws -> Seconds {
      guard let time = Seconds(fields[i].utf8) else {
        throw Problem(reason: "\(Self.columns[i]) \(fields[i]): no time in seconds, such as 0.3475")
      }
      return time
    }
    let (onset, offset) = (try time(1), try time(2))
    guard onset < offset else { throw Problem(reason: "offset \(offset) is not after onset \(onset)") }
    append(
      file: Name(fields[0]), onset: onset, offset: offset, phone: Name(fields[3]), previous: Name(fields[4]),
      next: Name(fields[5]), speaker: Name(fields[6]))
  }

  /// Writes the list as an item file.
  ///
  /// - Throws: If a name cannot stand in one, as it is empty or has a blank in it.
  public func write(to path: String) throws {
    for name in files + phones + speakers {
      guard !name.text.isEmpty, !name.text.hasControlCharacter, name.text.pieces(at: " ").count == 1 else {
        throw Failure(
          .badInput, path: path, "\"\(name)\": an item file has blanks between fields, and none in a name",
          hint: "give the utterance, phone or speaker another name")
      }
    }
    let file = BufferedFile(try File.writing(path))
    try file.write(Self.columns.joined(separator: " ") + "\n")
    for item in items {
      try file.write(
        "\(files[item.file]) \(item.onset) \(item.offset) \(phones[item.phone]) \(phones[item.previous]) "
          + "\(phones[item.next]) \(speakers[item.speaker])\n")
    }
    try file.flush()
    try file.file.close()
  }
}
