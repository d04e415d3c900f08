package import FileIO

/// A line of a text file of the corpus: what it says, or why it says nothing.
package enum TextLine<Value> {
  case value(Value)
  case problem(Failure)
}

/// How a line of transcripts is divided.
package enum TranscriptForm: Sendable {
  /// `ID TEXT`, with spaces or tabs between them.
  case spaced
  /// `ID TAB TEXT`.
  case tabbed
  /// `ID|TEXT|NORMALISED TEXT`, of which the last is taken, and the one before it if it is empty.
  case barred
}

/// An id and its text a line.
package func parseTranscripts(
  _ bytes: [UInt8], _ form: TranscriptForm = .spaced, name: String
) -> [TextLine<(id: String, text: String)>] {
  parseLines(bytes, name: name) { line in
    let line = trimmed(line)
    switch form {
    case .spaced:
      guard let space = line.utf8.firstIndex(where: { $0 == 0x20 || $0 == 0x09 }) else {
        throw Failure(.badInput, "not 'ID TEXT'")
      }
      return (String(line[..<space]), withoutTabs(trimmed(line[space...])))
    case .tabbed:
      guard let (id, text) = line.divided(atFirst: "\t") else { throw Failure(.badInput, "not 'ID TAB TEXT'") }
      return (trimmed(id), withoutTabs(trimmed(text)))
    case .barred:
      let fields = line.pieces(at: "|", maxSplits: 2).map { withoutTabs(trimmed($0)) }
      guard fields.count >= 2, !fields[0].isEmpty, let text = fields.dropFirst().last(where: { !$0.isEmpty }) else {
        throw Failure(.badInput, "not 'ID|TEXT|NORMALISED TEXT'")
      }
      return (fields[0], text)
    }
  }
}

/// A text that may go over lines, each without spaces around it; blank ones are left out.
package func parseTextLines(_ bytes: [UInt8], name: String) -> [TextLine<String>] {
  parseLines(bytes, name: name) { line in
    let pieces = line.unicodeScalars.split { [0x0b, 0x0c, 0x85, 0x2028, 0x2029].contains($0.value) }
      .map { trimmed(Substring($0)) }.filter { !$0.isEmpty }
    return pieces.isEmpty ? nil : withoutTabs(pieces.joined(separator: " "))
  }
}

/// Lines that hold more than space, each parsed by `body`, which returns nil for a comment.
package func parseLines<T>(
  _ bytes: [UInt8], name: String, body: (String) throws -> T?
) -> [TextLine<T>] {
  var result: [TextLine<T>] = []
  let reader = LineReader(bytes, path: name)
  while true {
    do {
      guard let raw = try reader.next() else { return result }
      if isBlank(raw) { continue }
      do {
        guard let line = String(validating: raw, as: UTF8.self) else { throw Failure(.badInput, "not UTF-8") }
        if let value = try body(line) { result.append(.value(value)) }
      } catch {
        var failure = asBadInput(error)
        failure.path = name
        failure.position = "line \(reader.line)"
        result.append(.problem(failure))
      }
    } catch {
      result.append(.problem(asBadInput(error)))
    }
  }
}

/// With a space for each tab: texts are words with spaces between them.
package func withoutTabs(_ text: String) -> String {
  text.utf8.contains(0x09) ? String(decoding: text.utf8.map { $0 == 0x09 ? 0x20 : $0 }, as: UTF8.self) : text
}
