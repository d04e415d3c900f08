import Audio
import FileIO

/// `clips/FILE.mp3` with `validated.tsv`, `train.tsv`, `dev.tsv` and `test.tsv` (Ardila et al. 2020;
/// github.com/common-voice/cv-dataset). The group is the `client_id` of a clip's line, the split what the table is called
/// that lists it; clips that are in none of these tables were found wanting, or by nobody heard.
package struct CommonVoiceLayout: LayoutRules {
  package let expectation = "clips/FILE.mp3 and validated.tsv, train.tsv, dev.tsv or test.tsv"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    if isSame(name, "validated.tsv") { return .clips(split: nil) }
    if name.ends(with: ".tsv"), isSplit(Folder.stem(of: name)) { return .clips(split: Folder.stem(of: name)) }
    guard isAudioName(name) else { return .other }
    guard let place = path.last(2), isSame(place[0], "clips") else { return .stray }
    // Who speaks, and where the clip belongs, is in the tables.
    return .utterance(id: Folder.stem(of: name), group: "", session: nil)
  }
}
