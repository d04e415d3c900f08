import FileIO

/// UTF-8 that is looked through and passed on.
final class UTF8Decoder: TextDecoder {
  private var path = ""
  /// Before the beginning is known its bytes, afterwards the first ones of a character whose rest is still to come.
  private var held: [UInt8] = []
  private var hasBegun = false
  /// Bytes that came before those of this call.
  private var passed = 0

  func begin(path: String) {
    self.path = path
    held.removeAll(keepingCapacity: true)
    hasBegun = false
    passed = 0
  }

  func decode(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    if hasBegun {
      try follow(bytes, body)
    } else {
      held.append(contentsOf: bytes)
      guard isLast || held.count >= Signature.length else { return }
      let head = held
      held.removeAll(keepingCapacity: true)
      hasBegun = true
      if let (name, hint) = Signature.name(head) { throw badText(path, at: 0, name, hint: hint) }
      passed = head.starts(with: byteOrderMark) ? byteOrderMark.count : 0
      try head.withUnsafeBytes { try follow(UnsafeRawBufferPointer(rebasing: $0[passed...]), body) }
    }
    if isLast, !held.isEmpty { throw invalid(at: passed - held.count, held, "an incomplete character at the end") }
  }

  private func follow(_ bytes: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = bytes
    if !held.isEmpty {
      let start = held.count
      held.append(contentsOf: bytes.prefix(4 - start))
      let (count, state) = held.withUnsafeBytes { UTF8Scan.valid($0) }
      if count == 0 {
        guard state == .incomplete else { throw invalid(at: passed - start, held) }
        passed += bytes.count
        return
      }
      // What is after the first character is looked at where it is.
      let width = UTF8Scan.width(held[0])
      try held.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[..<width])) }
      held.removeAll(keepingCapacity: true)
      rest = UnsafeRawBufferPointer(rebasing: bytes[(width - start)...])
      passed += width - start
    }
    let (count, state) = UTF8Scan.valid(rest)
    if count > 0 { try body(UnsafeRawBufferPointer(rebasing: rest[..<count])) }
    if state == .invalid { throw invalid(at: passed + count, rest[count...].prefix(4)) }
    held.append(contentsOf: rest[count...])
    passed += rest.count
  }

  private func invalid(at byte: Int, _ bytes: some Collection<UInt8>, _ reason: String = "not UTF-8") -> Failure {
    if bytes.first == 0 {
      return badText(path, at: byte, zeroByte, hint: "UTF-16 without a mark has such: name the encoding")
    }
    // One byte says it: how many come with it depends on how the file was read.
    return badText(
      path, at: byte, "\(reason) (\(hexadecimal(bytes.prefix(1))))", hint: "name the encoding, such as windows-1252")
  }
}
