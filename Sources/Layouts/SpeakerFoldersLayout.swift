import Audio
import FileIO

/// `SPEAKER/…/FILE.EXT`, any audio that is read: VCTK and many others. The group is the first folder, the id the
/// path without its extension; text is in `FILE.txt` beside the audio, or as in VCTK in `txt/SPEAKER/FILE.txt` beside the
/// corpus folder, there without the microphone's `_mic1` or `_mic2`.
package struct SpeakerFoldersLayout: LayoutRules {
  package let expectation = "SPEAKER/FILE.wav (or .flac, .ogg, .aiff, .sph, …)"
  /// The corpus folder inside the input; nil is the input itself.
  var below: [String]?

  package init(below: [String]?) { self.below = below }

  package func role(of path: CorpusPath) -> FileRole {
    var components = path.components.map(String.init)
    guard let name = components.last else { return .other }
    let isText = name.asciiLowercased.ends(with: ".txt")
    guard isText || isAudioName(name) else { return .other }
    if let below {
      if isText, !below.isEmpty, starts(components, with: below.dropLast() + ["txt"]) {
        return text(components.dropFirst(below.count))
      }
      guard starts(components, with: below) else { return .other }
      components.removeFirst(below.count)
    } else if components.count > 2, !isText {
      let top = components[0]
      return .unclear(
        "whether '\(top)' is a speaker or the corpus folder cannot be told from \(components.joined(separator: "/"))",
        hint: "\(setting: "below") \(top) if speakers are the folders in it, \(setting: "below") . if it is a speaker")
    }
    if isText { return text(components[...]) }
    guard components.count >= 2 else { return .stray }
    return .utterance(
      id: id(components[...]), group: components[0],
      session: components.count > 2 ? components[1..<(components.count - 1)].joined(separator: "/") : nil)
  }

  private func starts(_ path: [String], with folders: [String]) -> Bool {
    path.count >= folders.count && zip(path, folders).allSatisfy { isSame($0, $1) }
  }

  private func id(_ components: ArraySlice<String>) -> String {
    (components.dropLast() + [Folder.stem(of: components.last!)]).joined(separator: "/")
  }

  private func text(_ components: ArraySlice<String>) -> FileRole {
    guard components.count >= 2 else { return .other }
    let id = id(components)
    return .text(ids: [id, id + "_mic1", id + "_mic2"])
  }
}
