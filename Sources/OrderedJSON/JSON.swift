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
  public var intValue: Int? { if case .number(let text) = self { Int(text) } else { nil } }
  public var doubleValue: Double? { if case .number(let text) = self { Double(text) } else { nil } }
  public var arrayValue: [JSON]? { if case .array(let value) = self { value } else { nil } }
  public var objectValue: JSONObject? { if case .object(let value) = self { value } else { nil } }

  /// The member `key` of an object; nil for any other value.
  public subscript(key: String) -> JSON? { objectValue?[key] }

  private static func shortest(_ value: Double) -> String {
    if value == value.rounded(), abs(value) < 1e15 { return String(Int64(value)) }
    return "\(value)"
  }

  private static func dropFraction(_ text: String) -> String { text.hasSuffix(".0") ? String(text.dropLast(2)) : text }
}

/// An object's members in the order in which they were read or set. Keys are unique.
public struct JSONObject: Sendable, Equatable, ExpressibleByDictionaryLiteral {
  public private(set) var members: [(key: String, value: JSON)]

  public init() { members = [] }

  public init(dictionaryLiteral elements: (String, JSON)...) {
    members = []
    for (key, value) in elements { self[key] = value }
  }

  /// Setting a new key appends it; setting nil removes it.
  public subscript(key: String) -> JSON? {
    get { members.first { $0.key == key }?.value }
    set {
      let position = members.firstIndex { $0.key == key }
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
      && zip(a.members, b.members).allSatisfy { $0.key == $1.key && $0.value == $1.value }
  }
}
