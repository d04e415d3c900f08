import Archives
import FileIO
import Layouts
import Manifests
import OrderedJSON
import Text

extension CorpusWalk {
  /// The next document of a file of JSON Lines; nil after the last.
  func next(_ list: DocumentList) -> CorpusEvent? {
    var id: String?
    do {
      guard let document = try list.documents.next() else { return nil }
      func value(_ key: String) throws -> String? {
        guard let value = document.object[key], value != .null else { return nil }
        guard let text = value.stringValue ?? value.intValue.map({ "\($0)" }), !text.isEmpty,
          !text.hasControlCharacter
        else { throw list.bad(document, "'\(key)' is not a name: a text without control characters, or a number") }
        return text
      }
      let own = "\(list.id)/\(try value("id") ?? "\(document.line)")"
      id = own
      var group = list.group ?? own
      if let key = groupKey {
        guard let name = try value(key) else { throw list.bad(document, "no '\(key)' to name its group") }
        group = name
      }
      var file = list.documents.encoded(document)
      let (extent, format) = try medium.examine(&file)
      var entry = ManifestEntry(id: own, source: list.source, member: list.member, group: group, extent: extent)
      entry.extra[JSONDocuments.lineKey] = .int(document.line)
      if !isSame(list.documents.key, JSONDocuments.usualTextKey) {
        entry.extra[JSONDocuments.textKey] = .string(list.documents.key)
      }
      guard case .text(var format) = format else { throw list.bad(document, "not a text") }
      // JSON is UTF-8, whatever other texts are.
      format.encoding = .utf8
      format.write(to: &entry)
      return try enter(entry, place: file.name, file, .text(format))
    } catch {
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }
}

/// A file of JSON Lines that a walk has come to.
struct DocumentList {
  let documents: JSONDocuments
  /// What the ids of its documents begin with.
  let id: String
  /// Nil if each document is a group.
  let group: String?
  let source: String
  /// Its path in the source; nil if it is the source.
  let member: String?

  func bad(_ document: JSONLinesDocument, _ reason: String) -> Failure {
    Failure(.badInput, path: documents.file.name, at: "line \(document.line)", reason)
  }
}
