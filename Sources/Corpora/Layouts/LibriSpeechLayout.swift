/// `…/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac`, `SPEAKER-CHAPTER.trans.txt` and `SPEAKERS.TXT`
/// (Panayotov et al. 2015; the archives' README.TXT).
struct LibriSpeechLayout: LayoutRules {
  let expectation = "SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac"

  func role(of path: CorpusPath) -> FileRole {
    let components = path.context + path.components
    guard let name = components.last else { return .other }
    let lowercased = name.lowercased()
    if lowercased == "speakers.txt" { return .speakers }
    if lowercased.hasSuffix(".trans.txt") { return .transcripts }
    guard isAudioName(name) else { return .other }
    guard lowercased.hasSuffix(".flac"), components.count >= 3 else { return .strayAudio }
    let id = name.dropLast(".flac".count)
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    let isNumber = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    guard parts.count == 3, parts.allSatisfy(isNumber), parts[0] == components[components.count - 3],
      parts[1] == components[components.count - 2]
    else { return .strayAudio }
    return .audio(id: String(id), group: String(parts[0]), session: String(parts[1]))
  }
}
