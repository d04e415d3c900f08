import FileIO

/// The little of Python that a `.npy` header is made of: one dictionary whose values are strings, `True` and `False`,
/// and tuples of whole numbers.
struct PythonLiterals {
  enum Value {
    case text(String)
    case bool(Bool)
    case tuple([Int])
    /// A list, as describes records.
    case other
  }

  private let bytes: UnsafeRawBufferPointer
  private let path: String
  /// Of the first byte in the file, for messages.
  private let offset: Int
  private var place = 0

  init(_ bytes: UnsafeRawBufferPointer, path: String, offset: Int) {
    self.bytes = bytes
    self.path = path
    self.offset = offset
  }

  mutating func dictionary() throws -> [(key: String, value: Value)] {
    var members: [(key: String, value: Value)] = []
    try expect("{")
    while !consume("}") {
      let key = try string()
      guard !members.contains(where: { isSame($0.key, key) }) else { throw failure("'\(key)' twice in the header") }
      try expect(":")
      let value = try value()
      members.append((key, value))
      if case .other = value { return members }
      if !consume(",") {
        try expect("}")
        break
      }
    }
    skipSpace()
    guard place == bytes.count else { throw failure("something after the header's dictionary") }
    return members
  }

  private mutating func value() throws -> Value {
    skipSpace()
    switch current {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "("): return .tuple(try tuple())
    case UInt8(ascii: "["): return .other
    default:
      for (word, value) in [("True", true), ("False", false)]
      where bytes[place...].starts(with: word.utf8) {
        place += word.utf8.count
        return .bool(value)
      }
      throw failure("a string, True, False or a tuple expected in the header")
    }
  }

  private mutating func string() throws -> String {
    skipSpace()
    guard let quote = current, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw failure("a string expected in the header")
    }
    let start = place + 1
    guard let end = bytes[start...].firstIndex(of: quote) else {
      throw failure("a string without an end in the header")
    }
    place = end + 1
    guard let text = String(validating: bytes[start..<end], as: UTF8.self) else {
      throw failure("a string of the header is not UTF-8")
    }
    return text
  }

  private mutating func tuple() throws -> [Int] {
    try expect("(")
    var numbers: [Int] = []
    while !consume(")") {
      skipSpace()
      let start = place
      while let byte = current, 0x30...0x39 ~= byte { place += 1 }
      guard let number = Int(String(decoding: bytes[start..<place], as: UTF8.self)) else {
        throw failure("a whole number expected in the shape")
      }
      numbers.append(number)
      // Python 2 wrote long integers so.
      _ = consume("L")
      if !consume(",") {
        try expect(")")
        break
      }
    }
    return numbers
  }

  private var current: UInt8? { place < bytes.count ? bytes[place] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { place += 1 }
  }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard current == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Unicode.Scalar) throws {
    guard consume(character) else { throw failure("'\(character)' expected in the header") }
  }

  private func failure(_ reason: String) -> Failure {
    Failure(.badInput, path: path, at: "byte \(offset + place)", reason)
  }
}
