import CICU

/// Whose segmentation it is: two versions of ICU may divide the same text in two ways.
public struct TextVersions: Sendable, Equatable {
  /// For example `72.1`.
  public var icu: String
  /// Of the Unicode Character Database, for example `15.0`.
  public var unicode: String

  public init(icu: String, unicode: String) {
    self.icu = icu
    self.unicode = unicode
  }

  /// Those of the library that this process has loaded.
  public static let current: TextVersions = {
    let room = Int(U_MAX_VERSION_STRING_LENGTH)
    var library = [CChar](repeating: 0, count: room)
    var unicode = [CChar](repeating: 0, count: room)
    cpc_icu_versions(&library, &unicode)
    func text(_ name: [CChar]) -> String {
      String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
    return TextVersions(icu: text(library), unicode: text(unicode))
  }()
}
