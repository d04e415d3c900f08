public import FileIO
public import OrderedJSON

/// A line of JSON Lines: a document.
public struct JSONLinesDocument: Sendable {
  /// From 1.
  public var line: Int
  /// The whole object, with whatever else is known about the document.
  public var object: JSON
  /// UTF-8.
  public var text: [UInt8]
}

/// Reads JSON Lines, UTF-8 with one object a line, whose texts are documents: each to be given to a ``TextReader``. Blank
/// lines are passed over.
public final class JSONLinesReader {
  private let lines: LineReader
  private let path: String
  private let key: String

  /// The line that was read last, from 1.
  public var line: Int { lines.line }

  /// `key` is that of the text, a string, compared by bytes. A line of more bytes than `longestLine` is refused: a
  /// document is in memory as a whole.
  public init(_ source: any ByteSource, key: String = "text", longestLine: Int = 1 << 26) {
    lines = LineReader(source, maximumLength: longestLine)
    path = source.path
    self.key = key
  }

  /// The next document; nil at the end. A bad line is thrown, named, and reading may go on after it, except where the
  /// file is no text at all (then there is nothing after it).
  public func next() throws -> JSONLinesDocument? {
    while let bytes = try lines.next() {
      if isBlank(bytes) { continue }
      func bad(_ reason: String, hint: String? = nil) -> Failure {
        Failure(.badInput, path: path, at: "line \(lines.line)", reason, hint: hint)
      }
      let object: JSON
      do { object = try JSON(parsing: bytes) } catch { throw bad("not JSON: \(error)") }
      guard let members = object.objectValue else { throw bad("not an object") }
      guard let value = members[key] else { throw bad("no '\(key)'", hint: "name the key of the text") }
      guard let text = value.stringValue else { throw bad("'\(key)' is not a text") }
      return JSONLinesDocument(line: lines.line, object: object, text: Array(text.utf8))
    }
    return nil
  }
}
