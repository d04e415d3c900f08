public import Audio
import FileIO
package import Layouts
public import Manifests
public import Text

/// How a corpus arranges its files, and what they are. Users choose among ``allCases``; a program may make its own.
public struct Layout: Sendable, Equatable, RawRepresentable, CaseIterable {
  /// What users call it.
  public let rawValue: String
  /// ``Extent/kind`` of its files.
  public let kind: String
  /// Nil for layouts that are told from tables, not from paths.
  let rules: MakeRules?
  let medium: @Sendable (CorpusOptions) throws -> any Medium

  /// The folder that ``CorpusOptions/below`` names, split, and whether texts are grouped by their folders.
  package typealias MakeRules = @Sendable (_ below: [String]?, _ groupsByFolder: Bool) -> any LayoutRules

  package init(
    _ name: String, kind: String, medium: @escaping @Sendable (CorpusOptions) throws -> any Medium, rules: MakeRules?
  ) {
    (rawValue, self.kind, self.medium, self.rules) = (name, kind, medium, rules)
  }

  private static func audio(_ name: String, _ rules: MakeRules?) -> Layout {
    Layout(name, kind: "audio", medium: { try AudioMedium($0) }, rules: rules)
  }
  private static func images(_ name: String, _ rules: @escaping MakeRules) -> Layout {
    Layout(name, kind: "image", medium: { _ in ImageMedium() }, rules: rules)
  }
  private static func texts(_ name: String) -> Layout {
    Layout(
      name, kind: TextMedium.textKind, medium: { TextMedium($0) },
      rules: { DocumentsLayout(below: $0, groupsByFolder: $1) })
  }

  public static let librispeech = audio("librispeech") { _, _ in LibriSpeechLayout() }
  public static let speakerFolders = audio("speaker-folders") { below, _ in SpeakerFoldersLayout(below: below) }
  public static let libriLight = audio("libri-light") { _, _ in LibriLightLayout() }
  public static let kaldi = audio("kaldi", nil)
  public static let classFolders = images("class-folders") { below, _ in ClassFoldersLayout(below: below) }
  public static let imageTable = images("image-table") { below, _ in ImageTableLayout(below: below) }
  public static let webdataset = images("webdataset") { _, _ in WebDatasetLayout() }
  public static let documents = texts("documents")
  public static let sentences = texts("sentences")
  public static let flat = audio("flat") { _, _ in FlatLayout() }
  public static let ljspeech = audio("ljspeech") { _, _ in LJSpeechLayout() }
  public static let libritts = audio("libritts") { _, _ in LibriTTSLayout() }
  public static let timit = audio("timit") { _, _ in TIMITLayout() }
  public static let mls = audio("mls") { _, _ in MLSLayout() }
  public static let commonVoice = audio("common-voice") { _, _ in CommonVoiceLayout() }
  public static let aishell = audio("aishell") { _, _ in AISHELLLayout() }
  public static let lhotse = audio("lhotse", nil)

  public static let allCases = [
    librispeech, speakerFolders, libriLight, kaldi, classFolders, imageTable, webdataset, documents, sentences, flat,
    ljspeech, libritts, timit, mls, commonVoice, aishell, lhotse,
  ]

  public init?(rawValue: String) {
    guard let layout = Self.allCases.first(where: { isSame($0.rawValue, rawValue) }) else { return nil }
    self = layout
  }

  public static func == (one: Layout, other: Layout) -> Bool { isSame(one.rawValue, other.rawValue) }

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
    .classFolders, .imageTable, .speakerFolders, .flat, .documents, .sentences,
  ]

  /// Whether an archive in the input is as a folder of that name.
  var unpacksArchives: Bool { self == .classFolders }
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
