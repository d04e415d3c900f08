/// Something that a caller may choose, by its name in settings' JSON, for example `valid_fraction`.
///
/// Libraries do not know how it is chosen, so in their messages it stands as ``description`` spells it, and a tool puts
/// its flag in the place of that: ``replaceAll(in:_:)``. Messages stay plain text, which a journal can keep.
public struct Setting: Sendable, CustomStringConvertible {
  public let name: String

  /// - Parameter name: small letters, digits and underscores.
  public init(_ name: String) { self.name = name }

  private static let marks: (open: Unicode.Scalar, close: Unicode.Scalar) = ("‹", "›")

  /// `‹valid_fraction›`: marks that hardly any name of a file has, and that can be read as they are.
  public var description: String { "\(Self.marks.open)\(name)\(Self.marks.close)" }

  /// A message with `spelling` of each setting in the place of its description.
  public static func replaceAll(in text: String, _ spelling: (Setting) -> String) -> String {
    var result = String.UnicodeScalarView()
    var rest = text.unicodeScalars[...]
    while let open = rest.firstIndex(of: marks.open) {
      result += rest[..<open]
      rest = rest[rest.index(after: open)...]
      let name = rest.prefix { "a"..."z" ~= $0 || "0"..."9" ~= $0 || $0 == "_" }
      if !name.isEmpty, name.endIndex < rest.endIndex, rest[name.endIndex] == marks.close {
        result += spelling(Setting(String(name))).unicodeScalars
        rest = rest[rest.index(after: name.endIndex)...]
      } else {
        result.append(marks.open)
      }
    }
    return String(result + rest)
  }
}

extension DefaultStringInterpolation {
  /// `"\(setting: "batch") must be at least 1"`.
  public mutating func appendInterpolation(setting name: String) { appendInterpolation(Setting(name)) }
}
