/// An id as a file name, different for different ids: some bytes as `%2F`.
///
/// - Parameter isEscaped: bytes that may not stand in the name, beside `/`, `%` and control characters.
public func fileName(_ id: String, escaping isEscaped: (UInt8) -> Bool = { _ in false }) -> String {
  var name: [UInt8] = []
  for byte in id.utf8 {
    guard byte < 0x20 || byte == 0x7f || "/%".utf8.contains(byte) || isEscaped(byte) else {
      name.append(byte)
      continue
    }
    let hex = String(byte, radix: 16, uppercase: true)
    name += Array("%\(hex.count == 1 ? "0" : "")\(hex)".utf8)
  }
  return String(decoding: name, as: UTF8.self)
}
