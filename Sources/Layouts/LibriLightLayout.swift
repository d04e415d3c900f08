import Audio
import FileIO
import OrderedJSON

/// `…/SPEAKER/BOOK/FILE.flac`, long recordings, each with `FILE.json` beside it (Kahn et al. 2020; the corpus's
/// data_preparation/README.md). Utterances are the intervals of the JSON's `voice_activity`, or whole files without it.
package struct LibriLightLayout: LayoutRules {
  package let expectation = "SPEAKER/BOOK/FILE.flac"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    let components = (path.context + path.components).suffix(3).map(String.init)
    guard let name = components.last else { return .other }
    let isActivity = name.asciiLowercased.ends(with: ".json")
    guard isActivity || isAudioName(name) else { return .other }
    guard components.count == 3, isActivity || name.asciiLowercased.ends(with: ".flac") else {
      return isActivity ? .other : .stray
    }
    let id = "\(components[0])/\(components[1])/\(Folder.stem(of: name))"
    return isActivity ? .activity(id: id) : .utterance(id: id, group: components[0], session: components[1])
  }
}

/// When somebody speaks in a recording: intervals in seconds, ascending, as the key `voice_activity` of Libri-Light's JSON
/// has them. Nil if it has none.
package func parseVoiceActivity(_ bytes: [UInt8], name: String) throws -> [(begin: Double, end: Double)]? {
  let json: JSON
  do {
    json = try JSON(parsing: bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...])
  } catch { throw Failure(.badInput, path: name, "not JSON: \(error)") }
  guard json.objectValue != nil else { throw Failure(.badInput, path: name, "not a JSON object") }
  guard let value = json["voice_activity"], value != .null else { return nil }
  var last = 0.0
  return try (value.arrayValue ?? [.null]).enumerated().map { i, interval in
    guard let pair = interval.arrayValue, pair.count == 2, let begin = pair[0].doubleValue,
      let end = pair[1].doubleValue, begin >= 0, end > begin, end.isFinite
    else { throw Failure(.badInput, path: name, "'voice_activity[\(i)]' is not [begin,end] in seconds") }
    guard begin >= last else { throw Failure(.badInput, path: name, "'voice_activity[\(i)]' overlaps the one before") }
    last = end
    return (begin, end)
  }
}
