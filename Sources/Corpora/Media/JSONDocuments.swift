import Archives
import FileIO
import Layouts
import Manifests
import OrderedJSON
import Text

/// The documents of a file of JSON Lines, compressed or not, read front to back.
final class JSONDocuments {
  /// Keys of a manifest's entries: the line that the document is, from 1, and the key of its text unless that is `text`.
  static let lineKey = "line"
  static let textKey = "text_key"
  static let usualTextKey = "text"

  /// Whether a name is that of such a file.
  static func takes(_ name: String) -> Bool {
    let name = textName(name)
    return name.ends(with: ".jsonl") || name.ends(with: ".ndjson")
  }

  let file: EncodedFile
  let key: String
  private let reader: JSONLinesReader
  /// Documents by their lines: kept once they are asked for in another order than the file's.
  private var all: [Int: JSONLinesDocument]?
  /// What was wrong with the line that was read last; with the file itself, if nothing came after it.
  private var last: Failure?

  init(_ file: EncodedFile, key: String, keepsAll: Bool = false) throws {
    self.file = file
    self.key = key
    reader = JSONLinesReader(try file.text(), key: key)
    if keepsAll { all = [:] }
  }

  /// The next document; nil at the end. A bad line is thrown, and reading may go on.
  func next() throws -> JSONLinesDocument? {
    try file.naming {
      do {
        let document = try reader.next()
        if document != nil { last = nil }
        return document
      } catch var failure as Failure {
        failure.path = file.name
        last = failure
        throw failure
      }
    }
  }

  /// Whether the document of a line can still come.
  func isAhead(_ line: Int) -> Bool { all != nil || reader.line < line }

  /// The document of a line that ``isAhead(_:)``; nil if the line has none.
  func document(line: Int) throws -> JSONLinesDocument? {
    if let known = all?[line] { return known }
    while reader.line < line {
      do {
        guard let document = try next() else { break }
        all?[document.line] = document
        if document.line == line { return document }
      } catch let failure as Failure {
        // Bad lines before it are other documents' matter.
        if failure.isOfSystem || reader.line == line { throw failure }
      }
    }
    if let last { throw last }
    return nil
  }

  /// Reads to the end; what is wrong with the file, as its checksum tells, and not with one of its lines.
  func finish() -> Failure? {
    while true {
      do { if try next() == nil { return last } } catch let failure as Failure { if failure.isOfSystem { return failure } } catch {
        return asBadInput(error)
      }
    }
  }

  /// A document as a file of its own.
  func encoded(_ document: JSONLinesDocument) -> EncodedFile {
    EncodedFile(name: "\(file.name), line \(document.line)", bytes: document.text)
  }
}

extension CorpusWalk {
  /// The next document of a file of JSON Lines; nil after the last.
  func next(_ list: DocumentList) -> CorpusEvent? {
    var id: String?
    do {
      guard let document = try list.documents.next() else { return nil }
      func value(_ key: String) throws -> String? {
        guard let value = document.object[key], value != .null else { return nil }
        guard let text = value.stringValue ?? value.intValue.map({ "\($0)" }), !text.isEmpty,
          !text.hasControlCharacter
        else { throw list.bad(document, "'\(key)' is not a name: a text without control characters, or a number") }
        return text
      }
      let own = "\(list.id)/\(try value("id") ?? "\(document.line)")"
      id = own
      var group = list.group ?? own
      if let key = groupKey {
        guard let name = try value(key) else { throw list.bad(document, "no '\(key)' to name its group") }
        group = name
      }
      let file = list.documents.encoded(document)
      let (extent, format) = try medium.examine(file)
      var entry = ManifestEntry(id: own, source: list.source, member: list.member, group: group, extent: extent)
      entry.extra[JSONDocuments.lineKey] = .int(document.line)
      if !isSame(list.documents.key, JSONDocuments.usualTextKey) {
        entry.extra[JSONDocuments.textKey] = .string(list.documents.key)
      }
      if case .text(var format) = format {
        // JSON is UTF-8, whatever other texts are.
        format.encoding = .utf8
        format.write(to: &entry)
        return try enter(entry, place: file.name, file, .text(format))
      }
      return nil
    } catch {
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }
}

/// A file of JSON Lines that a walk has come to.
struct DocumentList {
  let documents: JSONDocuments
  /// What the ids of its documents begin with.
  let id: String
  /// Nil if each document is a group.
  let group: String?
  let source: String
  /// Its path in the source; nil if it is the source.
  let member: String?

  func bad(_ document: JSONLinesDocument, _ reason: String) -> Failure {
    Failure(.badInput, path: documents.file.name, at: "line \(document.line)", reason)
  }
}
