import Audio
import FileIO

/// `LJSpeech-1.1/wavs/LJ001-0001.wav` and `metadata.csv` (Ito and Johnson 2017; the corpus's README). There is one speaker;
/// the session is the number of the chapter.
package struct LJSpeechLayout: LayoutRules {
  package let expectation = "wavs/LJNNN-NNNN.wav"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    if isSame(name.asciiLowercased, "metadata.csv") { return .transcripts(.barred) }
    guard isAudioName(name) else { return .other }
    let id = Folder.stem(of: name)
    let parts = id.pieces(at: "-")
    guard parts.count == 2, parts[0].begins(with: "LJ"), isNumber(parts[0].dropping(first: 2)), isNumber(parts[1])
    else { return .stray }
    return .utterance(id: id, group: "LJ", session: String(parts[0].dropping(first: 2)))
  }
}
