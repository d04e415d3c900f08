import Audio
import FileIO

extension ManifestEntry {
  /// Bytes of an id, a group or a class.
  static let maximumName = 4096

  /// Sentences of a document, and their like, that can be held as records at once.
  static let maximumCount = 1 << 24

  /// Refuses pieces that are too long to be held, or too short.
  package func checkLength(name: String) throws {
    for (key, value) in [("id", id), ("group", group), (Self.classKey, classLabel ?? "")]
    where value.utf8.count > Self.maximumName {
      throw Failure(
        .badInput, path: name, "its \(key) has \(value.utf8.count) bytes: a name has \(Self.maximumName) at most")
    }
    switch extent {
    case .audio(_, let rate): try HeaderCheck.checkLength(of: range.count, rate: rate, name: name)
    case .image: break
    case .text, .other:
      guard extent.count <= Self.maximumCount else {
        throw Failure(
          .badInput, path: name, "\(extent.description): one file may have \(Self.maximumCount) at most",
          hint: "divide it into several files")
      }
    }
  }
}
