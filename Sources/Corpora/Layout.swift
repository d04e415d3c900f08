/// How a corpus arranges its files.
public enum Layout: String, CaseIterable, Sendable {
  case librispeech

  var rules: any LayoutRules {
    switch self {
    case .librispeech: LibriSpeechLayout()
    }
  }
}

/// Tells from a path alone what a file is for. A new layout is a new type with these rules.
protocol LayoutRules {
  /// What a corpus of this layout must contain, for messages.
  var expectation: String { get }
  /// `components` is the path, split at `/`, with some of what stands above the corpus in front.
  func role(of components: [Substring]) -> FileRole
}

enum FileRole: Equatable {
  case audio(id: String, group: String, session: String?)
  /// Lines of `ID TEXT`.
  case transcripts
  case speakers
  /// Audio that is not where or named as the layout says.
  case strayAudio
  case other
}

/// `…/SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac`, `SPEAKER-CHAPTER.trans.txt` and `SPEAKERS.TXT`
/// (Panayotov et al. 2015; the archives' README.TXT).
struct LibriSpeechLayout: LayoutRules {
  let expectation = "SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac"

  func role(of components: [Substring]) -> FileRole {
    guard let name = components.last else { return .other }
    if name == "SPEAKERS.TXT" { return .speakers }
    if name.hasSuffix(".trans.txt") { return .transcripts }
    guard isAudioName(name) else { return .other }
    guard name.hasSuffix(".flac"), components.count >= 3 else { return .strayAudio }
    let id = name.dropLast(".flac".count)
    let parts = id.split(separator: "-", omittingEmptySubsequences: false)
    let isNumber = { (part: Substring) in !part.isEmpty && part.utf8.allSatisfy { 0x30...0x39 ~= $0 } }
    guard parts.count == 3, parts.allSatisfy(isNumber), parts[0] == components[components.count - 3],
      parts[1] == components[components.count - 2]
    else { return .strayAudio }
    return .audio(id: String(id), group: String(parts[0]), session: String(parts[1]))
  }
}

/// Whether a file name ends like audio.
func isAudioName(_ name: some StringProtocol) -> Bool {
  guard let dot = name.lastIndex(of: ".") else { return false }
  return audioExtensions.contains(name[dot...].dropFirst().lowercased())
}

let audioExtensions: Set<String> = ["flac", "wav", "mp3", "ogg", "oga", "opus", "m4a", "aac", "aif", "aiff", "sph"]
