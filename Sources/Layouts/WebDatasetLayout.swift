import Archives
import FileIO

/// What a file of a sample holds.
package enum SamplePart: Equatable {
  case picture
  /// The class: a number, or a name.
  case label
  case text
  /// JSON.
  case facts
  case other
}

/// `KEY.jpg` and `KEY.cls`, perhaps `KEY.txt` and `KEY.json`, one after the other in tar archives (github.com/webdataset/
/// webdataset). The key is the path up to the first dot of the file's name, the rest in small letters says what it holds.
package struct WebDatasetLayout: LayoutRules {
  package let expectation = "KEY.jpg (or .jpeg, .png, .webp) and KEY.cls"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    guard !ArchiveMembers.isArchive(name: name) else { return .archive }
    guard let (stem, ending) = name.divided(atFirst: "."), !stem.isEmpty else { return .other }
    let key = (path.components.dropLast() + [stem]).joined(separator: "/")
    let parts: [(endings: [String], part: SamplePart)] = [
      (["jpg", "jpeg", "png", "webp"], .picture), (["cls"], .label), (["txt"], .text), (["json"], .facts),
    ]
    let small = ending.asciiLowercased
    return .sample(key: key, parts.first { $0.endings.contains { isSame($0, small) } }?.part ?? .other)
  }
}
