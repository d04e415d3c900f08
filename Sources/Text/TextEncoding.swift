import CICU
import FileIO

/// How a file's characters are written: UTF-8, or anything that ICU has a converter for.
public struct TextEncoding: Sendable, Equatable, CustomStringConvertible {
  /// As ICU calls it: `windows-1252` is `ibm-5348_P100-1997`.
  public let name: String

  public static let utf8 = TextEncoding(known: "UTF-8")

  private init(known name: String) { self.name = name }

  /// By any of the names that ICU knows (IANA's and many more, letter case and hyphens do not matter). Another is a
  /// failure of usage.
  public init(_ name: String) throws {
    var status: Int32 = 0
    let isName =
      1...60 ~= name.utf8.count
      && name.utf8.allSatisfy { 0x21...0x7e ~= $0 && $0 != UInt8(ascii: ",") && $0 != UInt8(ascii: "/") }
    guard isName, let converter = cpc_icu_converter_open(name, &status), status <= 0 else {
      throw Failure(
        .usage, "no encoding is called '\(name)'", hint: "utf-8, utf-16, windows-1252, iso-8859-1, shift_jis, …")
    }
    defer { cpc_icu_converter_close(converter) }
    self.name = cpc_icu_converter_name(converter).map { String(cString: $0) } ?? name
  }

  public static func == (a: Self, b: Self) -> Bool { isSame(a.name, b.name) }

  public var description: String { name }

  var isUTF8: Bool { self == .utf8 }
}
