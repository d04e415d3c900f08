import FileIO

extension KaldiMatrix {
  /// ` [`, rows of numbers on lines, `]` and the end of the line. As in Kaldi, a semicolon ends a row as well, and empty
  /// rows are passed over.
  init(text cursor: inout ByteCursor) throws {
    skipBlanks(&cursor)
    let start = cursor.offset
    guard cursor.rest.first == UInt8(ascii: "[") else {
      throw cursor.failure("a matrix expected: '[', or a zero byte and 'B' before a binary one")
    }
    cursor.offset += 1
    var values: [Float] = []
    var rows = 0
    var columns = 0
    var rowStart = 0
    func endRow(_ cursor: ByteCursor) throws {
      let count = values.count - rowStart
      guard count > 0 else { return }
      guard rows == 0 || count == columns else {
        throw cursor.failure("row \(rows) has \(count) numbers, those before it \(columns)")
      }
      columns = count
      rows += 1
      rowStart = values.count
    }
    while true {
      skipBlanks(&cursor)
      guard let byte = cursor.rest.first else {
        throw cursor.failure("a number or ']' expected; the file ends within the matrix that begins at byte \(start)")
      }
      if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: ";") {
        try endRow(cursor)
        cursor.offset += 1
      } else if byte == UInt8(ascii: "]") {
        try endRow(cursor)
        cursor.offset += 1
        break
      } else {
        let token = cursor.rest.prefix { $0 > 0x20 && $0 != UInt8(ascii: "]") && $0 != UInt8(ascii: ";") }
        guard token.count <= 64, let value = Float(String(decoding: token, as: UTF8.self)) else {
          throw cursor.failure("a number expected, not '\(printed(token.prefix(16)))'")
        }
        values.append(value)
        cursor.offset += token.count
      }
    }
    skipBlanks(&cursor)
    if let byte = cursor.rest.first {
      guard byte == UInt8(ascii: "\n") else { throw cursor.failure("the end of the line expected after ']'") }
      cursor.offset += 1
    }
    coding = .text
    shape = FrameShape(count: rows, dimension: columns)
    data = start..<start
    self.values = values
    end = cursor.offset
  }

  /// Where a matrix in text ends, without its numbers: for the index of an archive.
  static func endOfText(_ cursor: inout ByteCursor) throws {
    let start = cursor.offset
    guard let close = cursor.rest.firstIndex(of: UInt8(ascii: "]")) else {
      throw cursor.failure("no ']' after here: the matrix has no end", at: start)
    }
    cursor.offset += close + 1
    skipBlanks(&cursor)
    if let byte = cursor.rest.first {
      guard byte == UInt8(ascii: "\n") else { throw cursor.failure("the end of the line expected after ']'") }
      cursor.offset += 1
    }
  }
}

private func skipBlanks(_ cursor: inout ByteCursor) {
  cursor.offset += cursor.rest.prefix { $0 == 0x20 || $0 == 0x09 || $0 == 0x0d }.count
}
