/// How a corpus arranges its files.
public enum Layout: String, CaseIterable, Sendable {
  case librispeech
  case speakerFolders = "speaker-folders"
  case libriLight = "libri-light"
  case kaldi
  case classFolders = "class-folders"
  case imageTable = "image-table"
  case webdataset
  case documents
  case sentences
  case flat
  case ljspeech
  case libritts
  case timit
  case mls
  case commonVoice = "common-voice"
  case aishell
  case lhotse

  /// All names, for help and messages.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Nil for layouts that are told from tables, not from paths.
  package func rules(below: [String]?, groupsByFolder: Bool = false) -> (any LayoutRules)? {
    switch self {
    case .librispeech: LibriSpeechLayout()
    case .speakerFolders: SpeakerFoldersLayout(below: below)
    case .libriLight: LibriLightLayout()
    case .kaldi, .lhotse: nil
    case .classFolders: ClassFoldersLayout(below: below)
    case .imageTable: ImageTableLayout(below: below)
    case .webdataset: WebDatasetLayout()
    case .documents, .sentences: DocumentsLayout(below: below, groupsByFolder: groupsByFolder)
    case .flat: FlatLayout()
    case .ljspeech: LJSpeechLayout()
    case .libritts: LibriTTSLayout()
    case .timit: TIMITLayout()
    case .mls: MLSLayout()
    case .commonVoice: CommonVoiceLayout()
    case .aishell: AISHELLLayout()
    }
  }

  /// Whether the layout has a folder that a user may name.
  package var hasBelow: Bool { [.speakerFolders, .classFolders, .imageTable].contains(self) || isText }

  /// Whether texts are of utterances that must be there.
  package var listsUtterances: Bool {
    [.librispeech, .ljspeech, .libritts, .timit, .mls, .commonVoice, .aishell].contains(self)
  }

  /// Those that a file may be told to be of, the strictest first.
  package static let guesses: [Layout] = [
    .kaldi, .ljspeech, .libritts, .timit, .mls, .commonVoice, .aishell, .librispeech, .libriLight, .webdataset,
    .classFolders, .imageTable, .speakerFolders, .documents, .sentences,
  ]

  /// Whether an archive in the input is as a folder of that name.
  package var unpacksArchives: Bool { self == .classFolders }

  public var isText: Bool { self == .documents || self == .sentences }

  /// What a manifest calls the kind of its files.
  public var kind: String {
    switch self {
    case .classFolders, .imageTable, .webdataset: "image"
    case .documents, .sentences: "text"
    default: "audio"
    }
  }
}
