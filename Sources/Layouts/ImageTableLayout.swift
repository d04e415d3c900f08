import FileIO
import Images

/// Pictures at any depth that a table lists. The id is the path, or with `below` what follows that; class and group are in
/// the table.
package struct ImageTableLayout: LayoutRules {
  package let expectation = "FILE.jpg (or .png, .webp) in a table's column"
  var below: [String]?

  package init(below: [String]?) { self.below = below }

  package func role(of path: CorpusPath) -> FileRole {
    var rest = path.components.map(String.init)[...]
    guard let name = rest.last, isImageName(name) else { return .other }
    if let below {
      guard rest.count > below.count, zip(rest, below).allSatisfy({ isSame($0, $1) }) else { return .other }
      rest = rest.dropFirst(below.count)
    }
    return .utterance(id: rest.joined(separator: "/"), group: "", session: nil)
  }
}
