import ArgumentParser
import CommandSupport
import Corpora
import FileIO

@main
struct ScanCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-scan",
    abstract: "List the utterances of a speech corpus as a manifest.",
    discussion: """
      Walks a corpus once and writes a manifest: JSON Lines, one utterance a line, with its id, where its audio is \
      (source, member), its speaker (group), chapter (session), samples, rate and text. Nothing is decoded; only the \
      header of each file is checked. The manifest is what cpc-split, cpc-align and cpc-shard read, and jq or any \
      other program may filter it, as long as lines of one archive keep their order.

      A corpus is a folder, a .tar, .tar.gz, .tar.zst (also .bz2 and .xz) or .zip archive, several of them one after \
      the other, or an archive on standard input. It must have the layout of LibriSpeech: \
      SPEAKER/CHAPTER/SPEAKER-CHAPTER-NNNN.flac at any depth, 16 kHz, mono, 16 bit, with SPEAKER-CHAPTER.trans.txt \
      beside it for the texts (optional).

      A bad file is named on standard error, left out and counted, and the exit status is 1 in the end. Otherwise it \
      is 0; wrong usage is 64.

      EXAMPLES

        cpc-scan train-clean-100.tar.gz > ls100.jsonl
        cpc-scan LibriSpeech/dev-clean -o dev.jsonl
        cpc-scan train-clean-100.tar.gz train-clean-360.tar.gz -o clean.jsonl
        curl -L https://www.openslr.org/resources/12/dev-clean.tar.gz \\
          | cpc-scan - > dev.jsonl

        Only utterances longer than 2.56 s, straight into shards:
        cpc-scan dev-clean.tar.gz | jq -c 'select(.samples > 40960)' \\
          | cpc-shard - -o dev

        Sources as they look from the folder /corpora, wherever this runs:
        cpc-scan /corpora/dev-clean.tar.gz --root /corpora > dev.jsonl
      """,
    version: toolsVersion)

  @Argument(
    help: "Folders and archives; '-' is an archive on standard input. Default: standard input if it is no terminal.",
    completion: .file())
  var inputs: [String] = []

  @Option(
    help: ArgumentHelp(
      "How the corpus arranges its files: \(Layout.allCases.map(\.rawValue).joined(separator: ", ")). Default: told from the paths.",
      valueName: "name"))
  var layout: String?

  @Option(
    help: ArgumentHelp(
      """
      The folder that sources in the manifest are written relative to. Default: the folder of --output; on standard \
      output, sources stay as given.
      """, valueName: "dir"), completion: .directory)
  var root: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the manifest goes; '-' is standard output, the default.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace the output file if it exists. Default: refuse.")
  var force = false

  @Flag(help: "Stop at the first bad file. Default: name it, leave it out, go on.")
  var strict = false

  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let layout = try layout.map { name in
      guard let layout = Layout(rawValue: name) else {
        let known = Layout.allCases.map(\.rawValue).joined(separator: ", ")
        throw Failure(.usage, "unknown layout '\(name)'", hint: "known: \(known)")
      }
      return layout
    }
    let inputs = try inputsOrStandardInput(inputs)
    let result = try ResultFile(output, force: force)
    let (corpus, kind) = try Corpus.opening(inputs, layout: layout, root: root ?? folderOfOutput)
    guard kind != .manifest else {
      throw Failure(.usage, path: inputs[0], "a manifest already", hint: "cpc-scan makes one from a corpus")
    }
    var scan = Scan(corpus: corpus, console: console, isStrict: strict)
    try scan.run(into: result)
    return scan.skipped == 0
  }

  private var folderOfOutput: String? {
    guard let output, output != "-", Folder.kind(of: output) != .other else { return nil }
    return Folder.parent(of: output)
  }
}
