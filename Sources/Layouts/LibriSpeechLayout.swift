import Audio
import FileIO

/// `…/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac`, `SPEAKER-CHAPTER.trans.txt` and `SPEAKERS.TXT`
/// (Panayotov et al. 2015; the archives' README.TXT).
package struct LibriSpeechLayout: LayoutRules {
  package let expectation = "SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    let components = path.context + path.components
    guard let name = components.last else { return .other }
    if isSame(name.asciiLowercased, "speakers.txt") { return .speakers }
    if name.asciiLowercased.ends(with: ".trans.txt") { return .transcripts() }
    guard isAudioName(String(name)) else { return .other }
    guard name.asciiLowercased.ends(with: ".flac"), components.count >= 3 else { return .stray }
    let id = name.dropping(last: ".flac".utf8.count)
    let parts = id.pieces(at: "-")
    let isNumber = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    guard parts.count == 3, parts.allSatisfy(isNumber), isSame(parts[0], components[components.count - 3]),
      isSame(parts[1], components[components.count - 2])
    else { return .stray }
    return .utterance(id: String(id), group: String(parts[0]), session: String(parts[1]))
  }
}
