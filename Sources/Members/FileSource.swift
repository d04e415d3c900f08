import FileIO

/// One recording and the text beside it if there is one, or one document.
package final class FileSource: MemberSource {
  private var members: [Member]
  package private(set) var done = 0

  /// - Parameter withText: whether a text beside it is its own.
  package init(_ path: String, size: Int, withText: Bool) {
    members = [Self.member(path, size: size)]
    guard withText else { return }
    for text in [".txt", ".TXT"].map({ Folder.stem(of: path) + $0 }) where Folder.kind(of: text) == .file {
      // Read when its turn comes, whatever its size.
      members.append(Self.member(text, size: 0))
      break
    }
    members.reverse()
  }

  package func next() -> Found? {
    guard let member = members.popLast() else { return nil }
    done = 1
    return .member(member)
  }

  private static func member(_ path: String, size: Int) -> Member {
    Member(path: Folder.name(of: path), label: path, place: .disk(path: path, size: size))
  }
}
