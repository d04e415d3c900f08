/// A JSON value (RFC 8259) that keeps what other decoders lose: the order of an object's members and the spelling of
/// numbers. What a tool does not understand passes through it unchanged, and what it writes is the same every time.
public enum JSON: Sendable, Equatable {
  case null
  case bool(Bool)
  /// The number as spelled, for example `0.10` or `1e-3`.
  case number(String)
  case string(String)
  case array([JSON])
  case object(JSONObject)

  public static func int(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

  /// The shortest decimal that reads back as the same number; not-a-number and infinities have no JSON form and become
  /// `null`.
  public static func real(_ value: Double) -> JSON { value.isFinite ? .number(JSON.shortest(value)) : .null }

  /// As ``real(_:)-(Double)``, with as many digits as single precision needs.
  public static func real(_ value: Float) -> JSON {
    value.isFinite ? .number(JSON.dropFraction("\(value)")) : .null
  }

  public var stringValue: String? { if case .string(let value) = self { value } else { nil } }
  /// A whole number, also one that is spelled as a decimal fraction or with an exponent (`93680.0`, `1.6e4`).
  public var intValue: Int? { if case .number(let text) = self { Int(text) ?? Self.whole(text) } else { nil } }
  public var doubleValue: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The member `key` of an object; nil for any other value.
  public subscript(key: String) -> JSON? { objectValue?[key] }

  /// By its digits, because the nearest `Double` may be whole where the number is not.
  private static func whole(_ text: String) -> Int? {
    let parts = text.utf8.split(maxSplits: 1) { $0 | 0x20 == UInt8(ascii: "e") }
    guard let mantissa = parts.first, let exponent = parts.count == 2 ? Int(Substring(parts[1])) : 0 else { return nil }
    var digits = mantissa.filter { 0x30...0x39 ~= $0 }
    var zeros = exponent
    if let point = mantissa.firstIndex(of: UInt8(ascii: ".")) {
      zeros =
        exponent.subtractingReportingOverflow(mantissa.distance(from: point, to: mantissa.endIndex) - 1).partialValue
    }
    while digits.last == 0x30 {
      digits.removeLast()
      zeros = zeros.addingReportingOverflow(1).partialValue
    }
    if digits.isEmpty { return 0 }
    guard zeros >= 0, zeros < 20 else { return nil }
    let sign = mantissa.first == UInt8(ascii: "-") ? "-" : ""
    return Int(sign + String(decoding: digits, as: UTF8.self) + String(repeating: "0", count: zeros))
  }

  /// Whether two values are the same: keys and texts by their bytes, numbers by their spelling.
  public static func == (a: JSON, b: JSON) -> Bool {
    switch (a, b) {
    case (.null, .null): true
    case (.bool(let a), .bool(let b)): a == b
    case (.number(let a), .number(let b)), (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
    case (.array(let a), .array(let b)): a == b
    case (.object(let a), .object(let b)): a == b
    default: false
    }
  }

  private static func shortest(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  private static func dropFraction(_ text: String) -> String {
    text.utf8.suffix(2).elementsEqual(".0".utf8) ? String(text.dropLast(2)) : text
  }
}

/// An object's members in the order in which they were read or set. Keys are unique, compared by their bytes.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public private(set) var members: [(key: String, value: JSON)]

  public init() { members = [] }

  public init(dictionaryLiteral elements: (String, JSON)...) {
    members = []
    for (key, value) in elements { self[key] = value }
  }

  /// Setting a new key appends it; setting nil removes it.
  public subscript(key: String) -> JSON? {
    get { members.first { $0.key.utf8.elementsEqual(key.utf8) }?.value }
    set {
      let position = members.firstIndex { $0.key.utf8.elementsEqual(key.utf8) }
      switch (position, newValue) {
      case (let position?, let value?): members[position].value = value
      case (let position?, nil): members.remove(at: position)
      case (nil, let value?): members.append((key, value))
      case (nil, nil): break
      }
    }
  }

  /// Appends a member whose key is known to be new.
  mutating func append(_ key: String, _ value: JSON) { members.append((key, value)) }

  public static func == (a: JSONObject, b: JSONObject) -> Bool {
    a.members.count == b.members.count
      && zip(a.members, b.members).allSatisfy { $0.key.utf8.elementsEqual($1.key.utf8) && $0.value == $1.value }
  }
}
