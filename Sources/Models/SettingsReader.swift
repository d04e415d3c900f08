import FileIO
public import OrderedJSON

/// Reads settings one by one; a `Failure` of kind `corrupt` names the one that is missing or wrong.
public struct SettingsReader {
  private let settings: JSONObject
  private let subject: String

  /// - Parameter subject: whose settings they are, for messages.
  public init(_ settings: JSONObject, of subject: String) {
    self.settings = settings
    self.subject = subject
  }

  /// A setting that must be there, as `convert` understands it.
  public func value<Value>(_ key: String, _ convert: (JSON) -> Value?) throws -> Value {
    guard let value = settings[key].flatMap(convert) else {
      throw Failure(.corrupt, "\(subject)'s setting \(key) is missing or wrong")
    }
    return value
  }

  /// One of some cases, by its raw value.
  public func choice<Value: RawRepresentable>(_ key: String) throws -> Value where Value.RawValue == String {
    try value(key) { $0.stringValue.flatMap(Value.init(rawValue:)) }
  }

  /// Sets `target`, unless the setting is not there.
  public func read<Value>(_ key: String, _ target: inout Value, _ convert: (JSON) -> Value?) throws {
    if settings[key] != nil { target = try value(key, convert) }
  }

  public func choose<Value: RawRepresentable>(_ key: String, _ target: inout Value) throws
  where Value.RawValue == String {
    if settings[key] != nil { target = try choice(key) }
  }

  /// A whole number that is not negative.
  public func count(_ key: String, _ target: inout Int) throws {
    try read(key, &target) { $0.intValue.flatMap { $0 >= 0 ? $0 : nil } }
  }
}
