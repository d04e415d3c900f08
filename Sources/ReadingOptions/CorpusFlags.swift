public import ArgumentParser
public import Corpora
public import Manifests

/// How a corpus is read: the same for every tool that reads one.
public struct CorpusFlags: ParsableArguments {
  private static let layouts = Layout.allCases.map(\.rawValue).joined(separator: ", ")

  @Option(help: ArgumentHelp("How the corpus arranges its files: \(Self.layouts).", valueName: "name"))
  public var layout = Layout.librispeech

  @Option(
    help: ArgumentHelp(
      """
      The folder in each input that holds the speakers' folders (speaker-folders), the classes' or the texts; '.' is the \
      input itself, which is the default, for speakers only where no file lies deeper than SPEAKER/FILE.
      """, valueName: "folder"))
  public var below: String?

  @Option(
    help: ArgumentHelp(
      """
      Of recordings with several channels: the channel N, numbered from 1 as by sox and in CTM; mean, the mean of all; or \
      each, which makes an utterance of every channel, with -N at the end of its id and of its group, as of two people on \
      a telephone line; where the layout knows no speaker (flat), the group of a channel is its id. The manifest keeps the choice. What the corpus's own tables say of channels comes first.
      """, valueName: "N|mean|each"))
  public var channel: ChannelRule?

  @Flag(help: "Put the input's name before its ids and groups, so that several corpora stay apart.")
  public var prefixGroups = false

  public init() {}

  /// - Parameters:
  ///   - root: as ``CorpusOptions/root``.
  ///   - audioRoot: as ``CorpusOptions/audioRoot``.
  public func options(root: String?, audioRoot: String?) -> CorpusOptions {
    var options = CorpusOptions(
      layout: layout, below: below, root: root, audioRoot: audioRoot, conversion: nil, prefixesGroups: prefixGroups)
    options.channels = channel
    return options
  }
}

extension Layout: ExpressibleByArgument {}

extension ChannelRule: ExpressibleByArgument {
  public init?(argument: String) { self.init(argument) }
}
