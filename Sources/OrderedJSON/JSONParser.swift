/// Why a text is not JSON, and at which byte.
public struct JSONError: Error, Sendable, CustomStringConvertible {
  public var reason: String
  /// Offset in bytes from the start of the text.
  public var offset: Int
  public var description: String { "\(reason) at byte \(offset)" }
}

extension JSON {
  /// Parses one JSON value (RFC 8259); duplicate keys, invalid UTF-8 and anything after the value are errors.
  public init(parsing text: some Sequence<UInt8>) throws(JSONError) {
    var parser = JSONParser(bytes: ContiguousArray(text))
    self = try parser.document()
  }

  public init(parsing text: String) throws(JSONError) { try self.init(parsing: text.utf8) }
}

/// Recursive descent over bytes.
private struct JSONParser {
  let bytes: ContiguousArray<UInt8>
  var position = 0
  /// Deeper nesting is refused: nothing that we read is deep, and recursion must end before the stack does.
  static let maximumDepth = 128

  init(bytes: ContiguousArray<UInt8>) { self.bytes = bytes }

  mutating func document() throws(JSONError) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard position == bytes.count else { throw error("unexpected text after the value") }
    return value
  }

  private func error(_ reason: String) -> JSONError { JSONError(reason: reason, offset: position) }
  private var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte = current, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  private mutating func consume(_ character: Unicode.Scalar) -> Bool {
    guard current == UInt8(ascii: character) else { return false }
    position += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSONError) -> JSON {
    guard depth < Self.maximumDepth else { throw error("nested too deeply") }
    skipSpace()
    guard let first = current else { throw error("unexpected end") }
    switch first {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try literal("true", .bool(true))
    case UInt8(ascii: "f"): return try literal("false", .bool(false))
    case UInt8(ascii: "n"): return try literal("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number(try number())
    default: throw error("unexpected character")
    }
  }

  private mutating func literal(_ text: StaticString, _ value: JSON) throws(JSONError) -> JSON {
    let end = position + text.utf8CodeUnitCount
    guard end <= bytes.count, (position..<end).allSatisfy({ bytes[$0] == text.utf8Start[$0 - position] }) else {
      throw error("unexpected word")
    }
    position = end
    return value
  }

  private mutating func object(depth: Int) throws(JSONError) -> JSONObject {
    position += 1
    var object = JSONObject()
    var keys: Set<[UInt8]> = []
    skipSpace()
    if consume("}") { return object }
    while true {
      skipSpace()
      guard current == UInt8(ascii: "\"") else { throw error("expected a key") }
      let start = position
      let key = try string()
      guard keys.insert(Array(key.utf8)).inserted else {
        throw JSONError(reason: "duplicate key \"\(key)\"", offset: start)
      }
      skipSpace()
      guard consume(":") else { throw error("expected ':'") }
      object.append(key, try value(depth: depth + 1))
      skipSpace()
      if consume("}") { return object }
      guard consume(",") else { throw error("expected ',' or '}'") }
    }
  }

  private mutating func array(depth: Int) throws(JSONError) -> [JSON] {
    position += 1
    var elements: [JSON] = []
    skipSpace()
    if consume("]") { return elements }
    while true {
      elements.append(try value(depth: depth + 1))
      skipSpace()
      if consume("]") { return elements }
      guard consume(",") else { throw error("expected ',' or ']'") }
    }
  }

  private mutating func digits() throws(JSONError) {
    let start = position
    while let byte = current, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) { position += 1 }
    guard position > start else { throw error("expected a digit") }
  }

  private mutating func number() throws(JSONError) -> String {
    let start = position
    _ = consume("-")
    if !consume("0") { try digits() }
    if consume(".") { try digits() }
    if consume("e") || consume("E") {
      if !consume("+") { _ = consume("-") }
      try digits()
    }
    return String(decoding: bytes[start..<position], as: UTF8.self)
  }

  private mutating func string() throws(JSONError) -> String {
    position += 1
    let start = position
    var unescaped: [UInt8]?
    while let byte = current {
      switch byte {
      case UInt8(ascii: "\""):
        let text: String? =
          if let unescaped { String(validating: unescaped, as: UTF8.self) } else {
            String(validating: bytes[start..<position], as: UTF8.self)
          }
        guard let text else { throw JSONError(reason: "invalid UTF-8 in the string", offset: start) }
        position += 1
        return text
      case UInt8(ascii: "\\"):
        if unescaped == nil { unescaped = Array(bytes[start..<position]) }
        position += 1
        unescaped!.append(contentsOf: String(try escape()).utf8)
      case 0..<0x20: throw error("control character in a string")
      default:
        unescaped?.append(byte)
        position += 1
      }
    }
    throw error("unterminated string")
  }

  private mutating func escape() throws(JSONError) -> Unicode.Scalar {
    guard let byte = current else { throw error("unterminated string") }
    position += 1
    switch byte {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let unit = try hexUnit()
      if let scalar = Unicode.Scalar(UInt32(unit)) { return scalar }
      guard UTF16.isLeadSurrogate(unit), consume("\\"), consume("u") else { throw error("lone surrogate") }
      let trail = try hexUnit()
      guard UTF16.isTrailSurrogate(trail) else { throw error("lone surrogate") }
      return UTF16.decode(UTF16.EncodedScalar([unit, trail]))
    default: throw error("unknown escape")
    }
  }

  private mutating func hexUnit() throws(JSONError) -> UInt16 {
    guard position + 4 <= bytes.count,
      bytes[position..<position + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let unit = UInt16(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw error("expected four hexadecimal digits") }
    position += 4
    return unit
  }
}
