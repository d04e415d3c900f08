import Archives
import FileIO
import Images

/// `…/CLASS/FILE.jpg`: pictures in folders that are their classes, at any depth, as of ImageNet and Caltech-101. The class
/// and the group are the folder that a file lies in, or with `below` the first one below that; the id is the path from
/// there on, with its extension: of one picture in two formats neither is lost. An archive in the input, such as each
/// class of ImageNet is published in (`n01440764.tar`), is as a folder that it was unpacked into.
package struct ClassFoldersLayout: LayoutRules {
  package let expectation = "CLASS/FILE.jpg (or .png, .webp)"
  /// The folder that holds the classes' folders; nil takes any.
  var below: [String]?

  package init(below: [String]?) { self.below = below }

  package func role(of path: CorpusPath) -> FileRole {
    let components = path.components.map(String.init)
    guard let name = components.last else { return .other }
    guard !ArchiveMembers.isArchive(name: name) else { return .archive }
    guard !name.asciiLowercased.ends(with: ".cls") else {
      return .unclear(
        "a class in a file of its own, so that the folder is perhaps not the class",
        hint: "\(setting: "layout") webdataset takes the class from there; if the folder is it, leave the .cls out")
    }
    guard isImageName(name) else { return .other }
    var rest = components[...]
    if let below {
      guard rest.count > below.count, zip(rest, below).allSatisfy({ isSame($0, $1) }) else { return .other }
      rest = rest.dropFirst(below.count)
    }
    guard rest.count >= 2 else { return .stray }
    let label = below == nil ? rest[rest.endIndex - 2] : rest[rest.startIndex]
    return .utterance(id: rest.joined(separator: "/"), group: label, session: nil, label: label)
  }
}
