import FileIO

/// Text in UTF-8 or, with a byte order mark, UTF-16, as Praat writes it.
func unicodeText(_ bytes: [UInt8], path: String) throws -> String {
  func bad(_ reason: String, line: Int? = nil) -> Failure {
    Failure(
      .badInput, path: path, at: line.map { "line \($0)" }, reason,
      hint: "UTF-8, or UTF-16 with a byte order mark, can be read")
  }
  let isBigEndian = bytes.starts(with: [0xfe, 0xff])
  guard isBigEndian || bytes.starts(with: [0xff, 0xfe]) else {
    let body = bytes.starts(with: byteOrderMark) ? bytes[byteOrderMark.count...] : bytes[...]
    if let text = String(validating: body, as: UTF8.self) { return text }
    let lines = body.split(separator: 0x0a, omittingEmptySubsequences: false)
    throw bad("not UTF-8", line: 1 + lines.prefix { String(validating: $0, as: UTF8.self) != nil }.count)
  }
  guard bytes.count % 2 == 0 else { throw bad("half a character at the end of UTF-16 text") }
  let units = stride(from: 2, to: bytes.count, by: 2).map { i in
    let (high, low) = isBigEndian ? (bytes[i], bytes[i + 1]) : (bytes[i + 1], bytes[i])
    return UInt16(high) << 8 | UInt16(low)
  }
  guard let text = String(validating: units, as: UTF16.self) else { throw bad("not UTF-16") }
  return text
}
