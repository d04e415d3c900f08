package import FileIO

/// Reads rows of fields as RFC 4180 has them: in quotation marks a separator, a line end and a doubled quotation mark are
/// text. Lines end at LF, CR LF or CR; blank ones, and a byte order mark, are passed over.
package struct CSVReader {
  private let bytes: [UInt8]
  private let separator: UInt8
  private let name: String
  private var place: Int
  private var line = 1

  private static let quote = UInt8(ascii: "\"")
  private static let (lf, cr): (UInt8, UInt8) = (0x0a, 0x0d)

  /// - Parameters:
  ///   - separator: an ASCII character.
  ///   - name: for messages.
  package init(_ bytes: [UInt8], separator: UInt8, name: String) {
    self.bytes = bytes
    self.separator = separator
    self.name = name
    place = bytes.starts(with: byteOrderMark) ? byteOrderMark.count : 0
  }

  /// The next row, and the line that it begins on; nil at the end. After a `Failure`, which names the line, reading goes on
  /// with the next row.
  package mutating func next() throws -> (line: Int, fields: [String])? {
    while place < bytes.count, isLineEnd { passLineEnd() }
    guard place < bytes.count else { return nil }
    let first = line
    var fields: [[UInt8]] = []
    do throws(Fault) {
      repeat {
        let isQuoted = place < bytes.count && bytes[place] == Self.quote
        fields.append(try isQuoted ? quotedField() : plainField())
      } while passSeparator()
    } catch {
      while place < bytes.count, !isLineEnd { place += 1 }
      passLineEnd()
      throw failure(line: first, error.reason)
    }
    passLineEnd()
    return (
      first,
      try fields.map { field in
        guard let text = String(validating: field, as: UTF8.self) else { throw failure(line: first, "not UTF-8") }
        return text
      }
    )
  }

  package func failure(line: Int, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: name, at: "line \(line)", reason, hint: hint)
  }

  private struct Fault: Error { var reason: String }

  private mutating func plainField() -> [UInt8] {
    let start = place
    while place < bytes.count, bytes[place] != separator, !isLineEnd { place += 1 }
    return Array(bytes[start..<place])
  }

  private mutating func quotedField() throws(Fault) -> [UInt8] {
    let opened = line
    var field: [UInt8] = []
    place += 1
    while place < bytes.count {
      if bytes[place] == Self.quote {
        place += 1
        guard place < bytes.count, bytes[place] == Self.quote else {
          guard place == bytes.count || bytes[place] == separator || isLineEnd else {
            throw Fault(reason: "text after a closing quotation mark")
          }
          return field
        }
      } else if isLineEnd {
        let start = place
        passLineEnd()
        field += bytes[start..<place]
        continue
      }
      field.append(bytes[place])
      place += 1
    }
    throw Fault(reason: "the quotation mark that opens on line \(opened) is never closed: nothing after it can be read")
  }

  private var isLineEnd: Bool { bytes[place] == Self.lf || bytes[place] == Self.cr }

  private mutating func passLineEnd() {
    guard place < bytes.count else { return }
    place += bytes[place] == Self.cr && bytes[(place + 1)...].first == Self.lf ? 2 : 1
    line += 1
  }

  private mutating func passSeparator() -> Bool {
    guard place < bytes.count, bytes[place] == separator else { return false }
    place += 1
    return true
  }
}
