import FileIO
import OrderedJSON

/// Reads the members of a JSON object. What is not there, or null, is nil; what is there and not what it should be is an
/// error that names it; keys that nobody asks for are passed over.
struct Fields {
  let object: JSONObject
  let path: String
  /// Where the object is, for messages: a line, or a key.
  let place: String?

  init(_ object: JSONObject, path: String, place: String? = nil) {
    self.object = object
    self.path = path
    self.place = place
  }

  func failure(_ key: String, _ expected: String) -> Failure {
    let there = object[key].map { "it is \(Self.shortened($0))" } ?? "it is not there"
    return Failure(.badInput, path: path, at: place, "\"\(key)\": \(expected) expected; \(there)")
  }

  private static func shortened(_ value: JSON) -> String {
    let text = value.compact
    return text.utf8.count > 60 ? "\(text.prefix(50))…" : text
  }

  private func read<Value>(_ key: String, _ expected: String, _ convert: (JSON) -> Value?) throws -> Value? {
    guard let value = object[key], value != .null else { return nil }
    guard let result = convert(value) else { throw failure(key, expected) }
    return result
  }

  func require<Value>(_ value: Value?, _ key: String, _ expected: String) throws -> Value {
    guard let value else { throw failure(key, expected) }
    return value
  }

  func text(_ key: String) throws -> String? { try read(key, "a text") { $0.stringValue } }

  func count(_ key: String) throws -> Int? {
    try read(key, "a whole number from 0") { $0.intValue.flatMap { $0 >= 0 ? $0 : nil } }
  }

  func number(_ key: String) throws -> Double? { try read(key, "a number") { $0.finite } }

  func fraction(_ key: String) throws -> Double? { try read(key, "a fraction from 0 to 1") { $0.fraction } }

  /// Numbers, of which null is one that was not finite.
  func numbers(_ key: String) throws -> [Double?]? {
    try read(key, "a list of numbers") { value in
      value.arrayValue.flatMap { list in
        let numbers = list.map(\.finite)
        return zip(list, numbers).allSatisfy { $0 == .null || $1 != nil } ? numbers : nil
      }
    }
  }

  func list(_ key: String) throws -> [JSON]? { try read(key, "a list") { $0.arrayValue } }

  func texts(_ key: String) throws -> [String]? {
    try read(key, "a list of texts") { value in
      value.arrayValue.flatMap { list in
        let texts = list.compactMap(\.stringValue)
        return texts.count == list.count ? texts : nil
      }
    }
  }

  /// Texts by name, in their order; numbers and truth values become texts.
  func facts(_ key: String) throws -> [(name: String, text: String)] {
    let object = try read(key, "an object of texts") { $0.objectValue } ?? JSONObject()
    return try object.members.compactMap { name, value in
      switch value {
      case .string(let text): (name, text)
      case .number(let text): (name, text)
      case .bool(let value): (name, value ? "yes" : "no")
      case .null: nil
      default: throw failure(key, "texts in it, as \"\(name)\",")
      }
    }
  }

  func fields(_ key: String) throws -> Fields? {
    try read(key, "an object") { value in value.objectValue.map { Fields($0, path: path, place: key) } }
  }
}

extension JSON {
  /// Nil also of numbers that are beyond double precision.
  var finite: Double? { doubleValue.flatMap { $0.isFinite ? $0 : nil } }
  var fraction: Double? { finite.flatMap { (0...1).contains($0) ? $0 : nil } }
}
