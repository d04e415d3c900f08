import Audio
import FileIO

/// Recordings at any depth, or single ones. The id is the path without its extension, the group the folder that a file lies
/// in, as a path from the input, or what the input is called where there is none; text is in `FILE.txt` beside the audio.
package struct FlatLayout: LayoutRules {
  package let expectation = "FILE.wav (or .flac, .mp3, .ogg, …)"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    let folders = path.components.dropLast().map(String.init)
    let id = (folders + [Folder.stem(of: name)]).joined(separator: "/")
    let isInput = folders.isEmpty && isSame(name, path.file)
    if name.asciiLowercased.ends(with: ".txt"), !isInput { return .text(ids: [id]) }
    guard isAudioName(name) || isInput else { return .other }
    return .utterance(id: id, group: folders.isEmpty ? path.input : folders.joined(separator: "/"), session: nil)
  }
}
