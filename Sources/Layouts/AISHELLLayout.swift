import Archives
import Audio
import FileIO

/// `wav/(train|dev|test)/S0002/BAC009S0002W0122.wav` and `transcript/aishell_transcript_v0.8.txt` (Bu et al. 2017;
/// openslr.org/33). As it is published, each speaker is an archive, `wav/S0002.tar.gz`, that holds
/// `train/S0002/BAC009S0002W0122.wav`; packed again by others, also `S0002/BAC009S0002W0122.wav`, which says no split.
package struct AISHELLLayout: LayoutRules {
  package let expectation = "wav/(train|dev|test)/SPEAKER/BAC009SPEAKERW….wav, or wav/SPEAKER.tar.gz"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    if name.begins(with: "aishell_transcript"), name.ends(with: ".txt") { return .transcripts() }
    if ArchiveMembers.isArchive(name: name) {
      return name.begins(with: "S") && isNumber(name.dropping(first: 1).pieces(at: ".")[0]) ? .archive : .other
    }
    guard isAudioName(name) else { return .other }
    guard let speaker = path.last(2)?[0], speaker.begins(with: "S"), isNumber(speaker.dropping(first: 1)),
      name.begins(with: "BAC009" + speaker)
    else { return .stray }
    let above = path.last(3)?[0]
    return .utterance(
      id: Folder.stem(of: name), group: speaker, session: nil, split: above.flatMap { isSplit($0) ? $0 : nil })
  }
}
