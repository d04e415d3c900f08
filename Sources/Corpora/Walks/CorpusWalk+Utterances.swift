import Archives
import Audio
import FileIO
import Images
import Layouts
import Manifests
import Members
import OrderedJSON

/// Files that are an utterance, a picture or a document each.
extension CorpusWalk {
  func utterance(
    _ member: Member, id: String, group: String, session: String?, label: String? = nil, split: String? = nil,
    text: String? = nil, file: EncodedFile? = nil, facts: JSON? = nil
  ) -> CorpusEvent? {
    files += 1
    do {
      // Of TIMIT some have each recording as SPHERE and again as RIFF.
      if layout == .timit, let first = register.place(of: id),
        isSame(places[first], Folder.parent(of: member.label))
      {
        leftOut.twins += 1
        return nil
      }
      var file = try file ?? member.encoded()
      let path = nested?.path.map { "\($0)/\(member.path)" } ?? member.path
      if medium.kind == TextMedium.textKind, JSONDocuments.takes(file.name) {
        documents = DocumentList(
          documents: try JSONDocuments(file, key: textKey), id: id, group: isSame(group, id) ? nil : group,
          source: nested?.name ?? input.source, member: input.kind == .file ? nil : path)
        return nil
      }
      let (extent, format) = try medium.examine(&file)
      var entry = ManifestEntry(
        id: id, source: nested?.name ?? input.source, member: input.kind == .file ? nil : path, group: group,
        session: session, extent: extent, text: text, split: split)
      if let facts { entry.extra["json"] = facts }
      if let label { entry.extra[ManifestEntry.classKey] = .string(label) }
      if case .image(let format) = format, format.orientation != .upright {
        entry.extra["orientation"] = .int(format.orientation.rawValue)
      }
      if case .text(let format) = format { format.write(to: &entry) }
      guard case .audio(let audio) = format else { return try enter(entry, place: member.label, file, format) }
      let entries = entry.divided(by: channels, channels: audio.channels, hasSpeaker: layout != .flat)
      var events = try entries.map { try enter($0, place: member.label, file, format) }
      if entries.count > 1, register.enterDividedAudio(id) || text != nil {
        events.append(.problem(InputProblem(id: id, Failure(.badInput, path: member.label, ofSeveral(["a text"])))))
      }
      queue += events.dropFirst().reversed()
      return events.first
    } catch {
      register.enterBadAudio(id)
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }

  /// - Parameter place: the utterance's file, for messages.
  func enter(
    _ entry: ManifestEntry, place: String, _ file: EncodedFile, _ format: FileFormat
  ) throws -> CorpusEvent {
    if let earlier = register.place(of: entry.id) {
      throw Failure(
        .badInput, path: place, "duplicate utterance id; the first is in \(places[earlier])")
    }
    try entry.checkLength(name: file.name)
    let folder = Folder.parent(of: place)
    if !isSame(places.last, folder) { places.append(folder) }
    register.enterAudio(entry.id, place: places.count - 1)
    return .utterance(CorpusUtterance(entry: entry, file: file, format: format))
  }
}
