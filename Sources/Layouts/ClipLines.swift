import Audio
import FileIO

/// A clip as a table of Common Voice has it.
package struct ClipLine {
  package var id: String
  package var client: String
  package var text: String
}

/// Tab-separated lines under a header that names the columns. Quotation marks are part of the text.
///
/// - Throws: a `Failure` if the header lacks a column that is needed.
package func parseClips(_ bytes: [UInt8], name: String) throws -> [TextLine<ClipLine>] {
  var columns: (path: Int, client: Int, text: Int, count: Int)?
  let lines: [TextLine<ClipLine>] = parseLines(bytes, name: name) { line in
    let fields = line.pieces(at: "\t").map { trimmed($0) }
    guard let found = columns else {
      func column(_ name: String) throws -> Int {
        guard let index = fields.firstIndex(where: { isSame($0, name) }) else {
          throw Failure(.badInput, "the header has no column '\(name)'")
        }
        return index
      }
      columns = (try column("path"), try column("client_id"), try column("sentence"), fields.count)
      return nil
    }
    guard fields.count > max(found.path, found.client, found.text) else {
      throw Failure(.badInput, "\(fields.count) column\(fields.count == 1 ? "" : "s"), fewer than in the header")
    }
    guard fields.dropFirst(found.count).allSatisfy(\.isEmpty) else {
      throw Failure(.badInput, "\(fields.count) columns, more than in the header: a tab in a text?")
    }
    let file = Folder.name(of: fields[found.path])
    guard !file.isEmpty, !fields[found.client].isEmpty else { throw Failure(.badInput, "no path or no client_id") }
    guard !fields[found.client].hasControlCharacter else { throw Failure(.badInput, "a control character") }
    // The first releases have names without their ending.
    return ClipLine(
      id: isAudioName(file) ? Folder.stem(of: file) : file, client: fields[found.client], text: fields[found.text])
  }
  if columns == nil {
    if case .problem(let failure)? = lines.first { throw failure }
    throw Failure(.badInput, path: name, "an empty table")
  }
  return lines
}
