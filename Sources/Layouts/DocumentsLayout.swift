import FileIO

/// Texts at any depth, one file a document: the id is the path, the group the document itself, or the folder that it lies
/// in, such as its author's.
package struct DocumentsLayout: LayoutRules {
  package let expectation = "FILE.txt (or .md, .jsonl; .gz too)"
  var below: [String]?
  /// Whether documents of one folder are one group.
  var groupsByFolder: Bool

  package init(below: [String]?, groupsByFolder: Bool) {
    self.below = below
    self.groupsByFolder = groupsByFolder
  }

  package func role(of path: CorpusPath) -> FileRole {
    var rest = path.components.map(String.init)[...]
    guard let name = rest.last, isTextName(name) else { return .other }
    if let below {
      guard rest.count > below.count, zip(rest, below).allSatisfy({ isSame($0, $1) }) else { return .other }
      rest = rest.dropFirst(below.count)
    }
    let id = rest.joined(separator: "/")
    guard groupsByFolder else { return .utterance(id: id, group: id, session: nil) }
    // One text by itself lies in a folder, too.
    guard rest.count >= 2 else {
      return path.file == nil ? .stray : .utterance(id: id, group: path.input, session: nil)
    }
    return .utterance(id: id, group: rest[rest.endIndex - 2], session: nil)
  }
}
