public import Audio
import FileIO
public import Text
import Manifests

/// How a corpus arranges its files.
public enum Layout: String, CaseIterable, Sendable {
  case librispeech
  case speakerFolders = "speaker-folders"
  case libriLight = "libri-light"
  case kaldi
  case classFolders = "class-folders"
  case documents
  case sentences

  /// All names, for help and messages.
  public static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

  /// Nil for the layout that is told from tables, not from paths.
  func rules(below: [String]?, groupsByFolder: Bool = false) -> (any LayoutRules)? {
    switch self {
    case .librispeech: LibriSpeechLayout()
    case .speakerFolders: SpeakerFoldersLayout(below: below)
    case .libriLight: LibriLightLayout()
    case .kaldi: nil
    case .classFolders: ClassFoldersLayout(below: below)
    case .documents, .sentences: DocumentsLayout(below: below, groupsByFolder: groupsByFolder)
    }
  }

  func medium(_ options: CorpusOptions) throws -> any Medium {
    switch self {
    case .librispeech, .speakerFolders, .libriLight, .kaldi: try AudioMedium(options)
    case .classFolders: ImageMedium()
    case .documents, .sentences: TextMedium(options)
    }
  }

  /// Whether the layout has a folder that ``CorpusOptions/below`` names.
  var hasBelow: Bool { self == .speakerFolders || !isAudio }

  private var isAudio: Bool { [.librispeech, .speakerFolders, .libriLight, .kaldi].contains(self) }
  public var isText: Bool { self == .documents || self == .sentences }
}

/// What a user may choose when a corpus is opened.
public struct CorpusOptions: Sendable {
  public var layout: Layout
  /// The folder inside each input that holds the speakers' folders (``Layout/speakerFolders``).
  public var below: String?
  /// What the entries' sources are written relative to; nil leaves them as given. For a manifest what its relative
  /// sources are relative to; nil is its folder, for a pipe the working directory.
  public var root: String?
  /// What relative paths in a Kaldi folder are relative to; nil is the working directory.
  public var audioRoot: String?
  /// Nil takes audio of any rate and any number of channels.
  public var conversion: AudioConversion?
  /// Ids and groups get the name of their input in front, so that several corpora do not meet in one name.
  public var prefixesGroups: Bool
  /// Of texts that do not say it.
  public var encoding = TextEncoding.utf8
  /// Texts of one folder are one group; each is one otherwise.
  public var groupsByFolder = false
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

/// A file's place in a corpus.
struct CorpusPath {
  /// Inside the input, split at `/`.
  var components: [Substring]
  /// What stands above the input on disk.
  var context: [Substring] = []
}

/// Tells from a path alone what a file is for. A new layout is a new type with these rules.
protocol LayoutRules {
  /// What a corpus of this layout must contain, for messages.
  var expectation: String { get }
  func role(of path: CorpusPath) -> FileRole
}

enum FileRole: Equatable {
  /// A file that is an utterance, a picture or a document.
  ///
  /// - label: the class that it is of, where its place says it.
  case utterance(id: String, group: String, session: String?, label: String? = nil)
  /// Lines of `ID TEXT`.
  case transcripts
  /// One text, of all of these that exist.
  case text(ids: [String])
  /// JSON beside the audio `id`, with the intervals in which somebody speaks.
  case activity(id: String)
  case speakers
  /// One that is not where or named as the layout says.
  case stray
  /// The layout cannot be told from this path: why, and what the user can do.
  case unclear(String, hint: String)
  case other
}
