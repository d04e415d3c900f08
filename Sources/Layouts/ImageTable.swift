package import FileIO

/// What a row of a table says of a picture.
package struct ImageRow {
  package var line: Int
  /// As it is written: relative to the folder of the pictures.
  package var path: String
  /// What it is classified as; nil if the table has no such column.
  package var label: String?
  package var group: String
}

/// Names of the columns of a table of pictures; nil takes the usual ones, of the group the class.
package struct ImageColumns {
  package var path: String?
  package var label: String?
  package var group: String?

  package init(path: String?, label: String?, group: String?) {
    (self.path, self.label, self.group) = (path, label, group)
  }

  package var areGiven: Bool { path != nil || label != nil || group != nil }
}

/// A row, or why it says nothing and, if that is known, of which picture.
package enum ImageTableLine {
  case row(ImageRow)
  case problem(Failure, path: String?)
}

/// Comma-separated rows, or tab-separated ones, under a header that names the columns.
///
/// - Throws: a `Failure` if the header lacks a column that is needed.
package func parseImageTable(
  _ bytes: [UInt8], separator: UInt8, name: String, columns: ImageColumns
) throws -> [ImageTableLine] {
  var reader = CSVReader(bytes, separator: separator, name: name)
  guard let (first, header) = try reader.next() else { throw Failure(.badInput, path: name, "an empty table") }
  let names = header.map { trimmed($0) }
  func index(_ what: String, _ given: String?, _ usual: [String], isNeeded: Bool) throws -> Int? {
    let found = names.indices.filter { i in
      given.map { isSame($0, names[i]) } ?? usual.contains { isSame($0, names[i].asciiLowercased) }
    }
    guard !found.isEmpty || isNeeded else { return nil }
    guard found.count == 1 else {
      let wanted = given.map { "'\($0)'" } ?? usual.map { "'\($0)'" }.joined(separator: " or ")
      let there = names.map { "'\($0)'" }.joined(separator: ", ")
      throw reader.failure(
        line: first, (found.isEmpty ? "no column" : "\(found.count) columns") + " \(wanted); there are \(there)",
        hint: "\(setting: "\(what)_column") names the column of the \(what)")
    }
    return found[0]
  }
  let path = try index("path", columns.path, ["filename", "path", "file", "image"], isNeeded: true)!
  let label = try index("class", columns.label, ["label", "class"], isNeeded: columns.group == nil)
  let group = try index("group", columns.group, [], isNeeded: columns.group != nil)
  var lines: [ImageTableLine] = []
  while true {
    do {
      guard let (line, fields) = try reader.next() else { return lines }
      func problem(_ reason: String) { lines.append(.problem(reader.failure(line: line, reason), path: fields[path])) }
      guard fields.count == header.count else {
        let reason = "\(fields.count) column\(fields.count == 1 ? "" : "s"), and the header has \(header.count)"
        lines.append(.problem(reader.failure(line: line, reason), path: fields.count > path ? fields[path] : nil))
        continue
      }
      let used = [path, label, group].compactMap { $0 }
      // A picture that has a group need have no class.
      let wrong = used.first {
        fields[$0].isEmpty && !(group != nil && $0 == label && $0 != group) || fields[$0].hasControlCharacter
      }
      guard let wrong else {
        let label = label.flatMap { fields[$0].isEmpty ? nil : fields[$0] }
        lines.append(
          .row(ImageRow(line: line, path: fields[path], label: label, group: group.map { fields[$0] } ?? label!)))
        continue
      }
      problem(fields[wrong].isEmpty ? "no '\(names[wrong])'" : "a control character in '\(names[wrong])'")
    } catch {
      lines.append(.problem(asBadInput(error), path: nil))
    }
  }
}
