public import Audio
import FileIO
import Layouts
public import Manifests
public import Text

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
  func rules(below: [String]?, groupsByFolder: Bool = false) -> (any LayoutRules)? {
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

  func medium(_ options: CorpusOptions) throws -> any Medium {
    switch kind {
    case "image": ImageMedium()
    case "text": TextMedium(options)
    default: try AudioMedium(options)
    }
  }

  /// Of which files one is a corpus by itself.
  var takesFiles: FileCorpus? { self == .flat ? .recording : isText ? .text : nil }

  /// Whether the layout has a folder that ``CorpusOptions/below`` names.
  var hasBelow: Bool { [.speakerFolders, .classFolders, .imageTable].contains(self) || isText }

  /// Whether texts are of utterances that must be there.
  var listsUtterances: Bool {
    [.librispeech, .ljspeech, .libritts, .timit, .mls, .commonVoice, .aishell].contains(self)
  }

  /// Those that a file may be told to be of, the strictest first.
  static let guesses: [Layout] = [
    .kaldi, .ljspeech, .libritts, .timit, .mls, .commonVoice, .aishell, .librispeech, .libriLight, .webdataset,
    .classFolders, .imageTable, .speakerFolders, .documents, .sentences,
  ]

  /// Whether an archive in the input is as a folder of that name.
  var unpacksArchives: Bool { self == .classFolders }

  public var isText: Bool { self == .documents || self == .sentences }

  /// ``Extent/kind`` of its files.
  public var kind: String {
    switch self {
    case .classFolders, .imageTable, .webdataset: "image"
    case .documents, .sentences: "text"
    default: "audio"
    }
  }
}

/// What a user may choose when a corpus is opened.
public struct CorpusOptions: Sendable {
  public var layout: Layout
  /// The folder inside each input that holds the speakers' folders (``Layout/speakerFolders``).
  public var below: String?
  /// What the entries' sources are written relative to; nil leaves them as given. For a manifest what its relative
  /// sources are relative to; nil is its folder, for a pipe the working directory.
  public var root: String?
  /// What relative paths in a Kaldi folder or in lhotse's manifests are relative to; nil is the working directory.
  public var audioRoot: String?
  /// Nil takes audio of any rate and any number of channels.
  public var conversion: AudioConversion?
  /// Nil refuses or mixes several channels as ``conversion`` says, and manifests leave them open.
  public var channels: ChannelRule?
  /// Ids and groups get the name of their input in front, so that several corpora do not meet in one name.
  public var prefixesGroups: Bool
  /// Of texts that do not say it.
  public var encoding = TextEncoding.utf8
  /// Of JSON Lines, the key of a document's text, and that of its group if it has one.
  public var textKey = "text"
  public var groupKey: String?
  /// Texts of one folder are one group; each is one otherwise.
  public var groupsByFolder = false
  /// Of pictures that a table lists, or that JSON describes.
  public var table = TableOptions()
  /// Lossy audio is decoded to its end, so that what cannot be is found here and not by who reads the entry.
  public var decodesLossy = false
  /// Archives get an MD5 while they are read, for ``Corpus/sources()``.
  public var digestsSources = false

  public init(
    layout: Layout = .librispeech, below: String? = nil, root: String? = nil, audioRoot: String? = nil,
    conversion: AudioConversion? = AudioConversion(), prefixesGroups: Bool = false
  ) {
    self.layout = layout
    self.below = below
    self.root = root
    self.audioRoot = audioRoot
    self.conversion = conversion
    self.prefixesGroups = prefixesGroups
  }
}

/// Where the classes and the groups of pictures are written down.
public struct TableOptions: Sendable {
  /// The table of ``Layout/imageTable``: tab-separated if it is called `.tsv`, else comma-separated (RFC 4180).
  public var file: String?
  /// Column of the paths; nil is one of `filename`, `path`, `file`, `image`.
  public var path: String?
  /// Column, or of ``Layout/webdataset`` key in `KEY.json`, of the class; nil is `label` or `class`, or `KEY.cls`.
  public var label: String?
  /// The same of the group; nil is the class.
  public var group: String?

  public init() {}
}
