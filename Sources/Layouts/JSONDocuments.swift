package import Archives
import FileIO
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

  package init(_ file: EncodedFile, key: String) throws {
    self.file = file
    self.key = key
    reader = JSONLinesReader(try file.text(), key: key)
  }

  /// The next document; nil at the end. A bad line is thrown, and reading may go on.
  package func next() throws -> JSONLinesDocument? {
    try file.naming {
      do { return try reader.next() } catch var failure as Failure {
        failure.path = file.name
        throw failure
      }
    }
  }

  /// The document of a line that has not been passed; nil if it has none, or if it has been.
  package func document(line: Int) throws -> JSONLinesDocument? {
    while reader.line < line {
      do {
        guard let document = try next() else { return nil }
        if document.line >= line { return document.line == line ? document : nil }
      } catch let failure as Failure where reader.line < line {
        // Bad lines before it are other documents' matter, unless nothing comes after them.
        if failure.isOfSystem { throw failure }
      }
    }
    return nil
  }

  /// A document as a file of its own.
  package func encoded(_ document: JSONLinesDocument) -> EncodedFile {
    EncodedFile(name: "\(file.name), line \(document.line)", bytes: document.text)
  }
}
