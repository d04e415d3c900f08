import FileIO

/// Whether a table is a list of classes without a header, as ImageNet's are (`val.txt`,
/// `ILSVRC2012_validation_ground_truth.txt`): a `.txt` whose first line has neither a comma nor a tab.
package func isImageList(_ bytes: [UInt8], name: String) -> Bool {
  guard name.ends(with: ".txt") else { return false }
  let lines = LineReader(bytes, path: name)
  while let line = try? lines.next() {
    if !isBlank(line) { return !line.contains(UInt8(ascii: ",")) && !line.contains(UInt8(ascii: "\t")) }
  }
  return false
}

/// Reads `PATH CLASS` a line; or, where the first line is one word, a class a line, of the pictures in the order of their
/// paths.
///
/// - Parameter pictures: the paths of all pictures, asked for where the list does not have them.
/// - Throws: a `Failure` if the list has not as many lines as there are pictures.
package func parseImageList(
  _ bytes: [UInt8], name: String, pictures: () throws -> [String]
) throws -> [ImageTableLine] {
  let reader = LineReader(bytes, path: name)
  var lines: [(number: Int, text: String?)] = []
  while let line = try reader.next() {
    if isBlank(line) { continue }
    lines.append((reader.line, String(validating: line, as: UTF8.self).map { trimmed($0) }))
  }
  func problem(_ line: Int, _ reason: String, path: String? = nil) -> ImageTableLine {
    .problem(Failure(.badInput, path: name, at: "line \(line)", reason), path: path)
  }
  guard lines.first?.text?.contains(" ") == false else {
    return lines.map { number, text in
      guard let text else { return problem(number, "not UTF-8") }
      guard let (path, label) = text.divided(atLast: " ") else { return problem(number, "not 'PATH CLASS'") }
      guard !text.hasControlCharacter else { return problem(number, "a control character", path: trimmed(path)) }
      return .row(ImageRow(line: number, path: trimmed(path), label: String(label), group: String(label)))
    }
  }
  let paths = try pictures().map { Name($0) }.sorted()
  guard lines.count == paths.count else {
    throw Failure(
      .badInput, path: name,
      "a list of \(lines.count) class\(lines.count == 1 ? "" : "es"), in the order of the pictures' names, of which there are \(paths.count)"
    )
  }
  return zip(lines, paths).map { line, path in
    guard let label = line.text, !label.contains(" "), !label.hasControlCharacter else {
      return problem(line.number, "not a class, that of '\(path)'", path: path.text)
    }
    return .row(ImageRow(line: line.number, path: path.text, label: label, group: label))
  }
}
