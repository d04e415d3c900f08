import Audio
import FileIO

/// `train/audio/SPEAKER/BOOK/SPEAKER_BOOK_NNNNNN.flac` (or `.opus`) and `train/transcripts.txt`, the same of `dev` and `test`:
/// Multilingual LibriSpeech (Pratap et al. 2020; openslr.org/94).
package struct MLSLayout: LayoutRules {
  package let expectation = "(train|dev|test)/audio/SPEAKER/BOOK/SPEAKER_BOOK_NNNNNN.flac (or .opus)"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    if isSame(name, "transcripts.txt") { return .transcripts(.tabbed) }
    guard isAudioName(name) else { return .other }
    let id = Folder.stem(of: name)
    let parts = id.pieces(at: "_")
    guard parts.count == 3, parts.allSatisfy({ isNumber($0) }), let place = path.last(5), isSplit(place[0]),
      isSame(place[1], "audio"), isSame(parts[0], place[2]), isSame(parts[1], place[3])
    else { return .stray }
    return .utterance(id: id, group: place[2], session: place[3], split: place[0])
  }
}

/// Whether a folder is called as a part of a corpus that is published in three.
func isSplit(_ name: String) -> Bool { ["train", "dev", "test"].contains { isSame($0, name) } }
