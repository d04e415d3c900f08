/// Whether a line holds nothing but spaces and tabs; readers of lines pass over such lines.
public func isBlank(_ line: [UInt8]) -> Bool { line.allSatisfy { $0 == 0x20 || $0 == 0x09 } }

/// Without spaces, tabs and carriage returns at both ends.
public func trimmed(_ text: some StringProtocol) -> String {
  let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 || byte == 0x0d }
  var bytes = Substring(text).utf8
  while let first = bytes.first, isSpace(first) { bytes.removeFirst() }
  while let last = bytes.last, isSpace(last) { bytes.removeLast() }
  return String(Substring(bytes))
}
