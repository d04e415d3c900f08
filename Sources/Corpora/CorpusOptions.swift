public import Audio
import FileIO
import Layouts
public import Manifests
public import Text

extension Layout {
  func medium(_ options: CorpusOptions) throws -> any Medium {
    switch kind {
    case "image": ImageMedium()
    case "text": TextMedium(options)
    default: try AudioMedium(options)
    }
  }

  /// Of which files one is a corpus by itself.
  var takesFiles: FileCorpus? { self == .flat ? .recording : isText ? .text : nil }
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
