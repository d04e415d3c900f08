import Audio
import FileIO

/// `SPEAKER/CHAPTER/SPEAKER_CHAPTER_PARAGRAPH_SENTENCE.wav` with the text as it is spoken in `….normalized.txt` beside it
/// (Zen et al. 2019; the archives' README_librispeech.txt).
package struct LibriTTSLayout: LayoutRules {
  package let expectation = "SPEAKER/CHAPTER/SPEAKER_CHAPTER_PARAGRAPH_SENTENCE.wav"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    let small = name.asciiLowercased
    if isSame(small, "speakers.txt") { return .speakers }
    let ending = ".normalized.txt"
    if small.ends(with: ending) { return .text(ids: [String(name.dropping(last: ending.utf8.count))]) }
    guard isAudioName(name) else { return .other }
    let id = Folder.stem(of: name)
    let parts = id.pieces(at: "_")
    guard parts.count == 4, parts.allSatisfy({ isNumber($0) }), let place = path.last(3), isSame(parts[0], place[0]),
      isSame(parts[1], place[1])
    else { return .stray }
    return .utterance(id: id, group: String(parts[0]), session: String(parts[1]))
  }
}
