import FileIO

/// A line of a text file of the corpus: what it says, or why it says nothing.
enum TextLine<Value> {
  case value(Value)
  case problem(Failure)
}

/// `ID TEXT` a line.
func parseTranscripts(_ bytes: [UInt8], name: String) -> [TextLine<(id: String, text: String)>] {
  parseLines(bytes, name: name) { line in
    guard let space = line.utf8.firstIndex(of: UInt8(ascii: " ")), space > line.startIndex else {
      throw Failure(.badInput, "not 'ID TEXT'")
    }
    return (String(line[..<space]), trimmed(line[line.utf8.index(after: space)...]))
  }
}

/// SPEAKERS.TXT: `ID | SEX | SUBSET | MINUTES | NAME`, comments behind `;`. A name may contain bars.
func parseSpeakers(_ bytes: [UInt8], name: String) -> [TextLine<Speaker>] {
  parseLines(bytes, name: name) { line in
    if line.hasPrefix(";") { return nil }
    let fields = line.split(separator: "|", maxSplits: 4, omittingEmptySubsequences: false).map { trimmed($0) }
    guard fields.count == 5, let minutes = Double(fields[3]), minutes >= 0, minutes.isFinite, !fields[0].isEmpty else {
      throw Failure(.badInput, "not 'ID | SEX | SUBSET | MINUTES | NAME'")
    }
    return Speaker(id: fields[0], sex: fields[1], subset: fields[2], minutes: minutes, name: fields[4])
  }
}

/// Lines that hold more than space, each parsed by `body`, which returns nil for a comment.
private func parseLines<T>(
  _ bytes: [UInt8], name: String, body: (String) throws -> T?
) -> [TextLine<T>] {
  var result: [TextLine<T>] = []
  for (i, raw) in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated() {
    if raw.allSatisfy({ $0 == 0x20 || $0 == 0x0d || $0 == 0x09 }) { continue }
    do {
      guard let line = String(validating: raw, as: UTF8.self) else { throw Failure(.badInput, "not UTF-8") }
      if let value = try body(line) { result.append(.value(value)) }
    } catch {
      let reason = (error as? Failure)?.reason ?? "\(error)"
      result.append(.problem(Failure(.badInput, path: name, at: "line \(i + 1)", reason)))
    }
  }
  return result
}

/// Without spaces, tabs and carriage returns at both ends.
func trimmed(_ text: some StringProtocol) -> String {
  let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0d }
  var bytes = Substring(text).utf8
  while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
  while let last = bytes.last, isSpace(last) { bytes.removeLast() }
  return String(Substring(bytes))
}
