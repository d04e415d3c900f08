package import Archives
package import FileIO
package import Text

/// The documents of a file of JSON Lines, compressed or not, read front to back.
package final class JSONDocuments {
  /// Keys of a manifest's entries: the line that the document is, from 1, and the key of its text unless that is `text`.
  package static let lineKey = "line"
  package static let textKey = "text_key"
  package static let usualTextKey = "text"

  /// Whether a name is that of such a file.
  package static func takes(_ name: String) -> Bool {
    let name = textName(name)
    return name.ends(with: ".jsonl") || name.ends(with: ".ndjson")
  }

  package let file: EncodedFile
  package let key: String
  private let reader: JSONLinesReader
  /// Documents by their lines: kept once they are asked for in another order than the file's.
  private var all: [Int: JSONLinesDocument]?
  /// What is wrong with the file itself, and not with one of its lines.
  private var damage: Failure?

  package init(_ file: EncodedFile, key: String, keepsAll: Bool = false) throws {
    self.file = file
    self.key = key
    reader = JSONLinesReader(try file.text(), key: key)
    if keepsAll { all = [:] }
  }

  /// The next document; nil at the end. A bad line is thrown, and reading may go on.
  package func next() throws -> JSONLinesDocument? {
    let line = reader.line
    return try file.naming {
      do { return try reader.next() } catch var failure as Failure {
        failure.path = file.name
        // A bad line has been read.
        if reader.line == line { damage = failure }
        throw failure
      }
    }
  }

  /// Whether the document of a line can still come.
  package func isAhead(_ line: Int) -> Bool { all != nil || reader.line < line }

  /// The document of a line that ``isAhead(_:)``; nil if the line has none.
  package func document(line: Int) throws -> JSONLinesDocument? {
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
    if let damage { throw damage }
    return nil
  }

  /// Reads to the end: what is wrong with the file as a whole, as its checksum tells.
  package func finish() -> Failure? {
    while damage == nil {
      do {
        if try next() == nil { return nil }
      } catch {
        let failure = asBadInput(error)
        if failure.isOfSystem { return failure }
      }
    }
    return damage
  }

  /// A document as a file of its own.
  package func encoded(_ document: JSONLinesDocument) -> EncodedFile {
    EncodedFile(name: "\(file.name), line \(document.line)", bytes: document.text)
  }
}
