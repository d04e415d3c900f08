import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import Manifests

@main
struct SplitCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "cpc-split",
    abstract: "Say which part of a split (train, valid, test) each utterance belongs to.",
    discussion: """
      Reads a manifest and writes it again, each line with its part as "split". The part is taken from lists of \
      utterance ids (--list) or drawn by a seed (--by and --fraction).

      A list holds one utterance a line: its id, also with folders in front or .flac after, as published lists have \
      them; blank lines and lines with # are ignored. Ids that the manifest lacks are counted and the first few named.

      A draw orders the units by a hash of seed and name and cuts that order at the fractions, counted in \
      utterances. It is the same on every machine and for every order of the lines. Units are never divided: --by \
      group keeps each speaker in one part, --by session each chapter.

      EXAMPLES
        The paper's split of train-clean-100, from its published lists:
          cpc-scan train-clean-100.tar.gz \\
            | cpc-split --list train_split.txt --list test_split.txt > ls100.jsonl

        A split of a dataset that is there already:
          cpc-split dev --by utterance --fraction valid=0.1

        A tenth of the utterances for validation, the rest for training:
          cpc-split all.jsonl --by utterance --fraction valid=0.1 -o split.jsonl

        Speakers that are heard in one part only, another draw:
          cpc-split all.jsonl --by group --fraction valid=0.1 --fraction test=0.1 \\
            --seed 7 > split.jsonl

        One part alone:
          cpc-split all.jsonl --by group --fraction valid=0.1 \\
            | jq -c 'select(.split == "valid")' > valid.jsonl
      """,
    version: toolsVersion)

  @Argument(
    help: """
      A manifest; '-' is standard input, the default if that is no terminal. Or the folder of a dataset, which gets a \
      new split beside those it has.
      """, completion: .file())
  var input: String?

  @Option(
    help: ArgumentHelp(
      """
      A part and the file that lists its utterances ('-' is standard input); without a name, the part is called like \
      the file: train for train.txt and train_split.txt. May be repeated.
      """, valueName: "[part=]file"))
  var list: [String] = []

  @Option(
    help: ArgumentHelp(
      "What a draw keeps together: utterance, session (chapter), or group or speaker. Needs --fraction. No default.",
      valueName: "unit"))
  var by: String?

  @Option(
    help: ArgumentHelp(
      "A part and its share of all utterances, for example valid=0.1 or valid=10%. May be repeated. Needs --by.",
      valueName: "part=share"))
  var fraction: [String] = []

  @Option(help: "Another number draws another split.")
  var seed: UInt64 = 0

  @Option(
    help: ArgumentHelp(
      "The part of all other utterances. Default: train with --by; with --list they get no part.", valueName: "part"))
  var rest: String?

  @Option(
    help: ArgumentHelp(
      "What a dataset's new split is called: it becomes splits/NAME.txt. Default: default.", valueName: "name"))
  var name: String?

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the manifest goes; '-' is standard output, the default.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace the output file, or the dataset's split, if it exists. Default: refuse.")
  var force = false

  @Flag(help: "Stop at the first broken line. Default: name it, leave it out, go on.")
  var strict = false

  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let splitter = try makeSplitter()
    let input = try inputsOrStandardInput(input.map { [$0] } ?? [])[0]
    if input != "-", Folder.kind(of: input) == .folder {
      guard output == nil, !strict else {
        throw Failure(.usage, "-o and --strict go with a manifest; a dataset's split is written into its folder")
      }
      return try splitDataset(
        input, name: name ?? "default", splitter: splitter, force: force, console: console)
    }
    guard name == nil else {
      throw Failure(.usage, "--name goes with a dataset; a manifest's parts become its split 'default'")
    }
    guard input != "-" || !list.contains(where: { $0.ends(with: "=-") }) else {
      throw Failure(.usage, "the manifest and a list cannot both be standard input")
    }
    return try ManifestSplit(splitter: splitter, isStrict: strict, console: console)
      .run(try File.reading(input), into: try ResultFile(output, force: force))
  }

  private func makeSplitter() throws -> Splitter {
    switch (list.isEmpty, by) {
    case (false, nil) where fraction.isEmpty:
      let lists = try list.map { option in
        let (part, file) = try partAndList(option)
        return try SplitList(part: part, reading: File.reading(file))
      }
      return try Splitter(lists: lists, rest: rest)
    case (true, let unit?):
      // What speech is grouped by.
      guard let level = Splitter.Level(rawValue: isSame(unit, "speaker") ? "group" : unit) else {
        let known = Splitter.Level.allCases.map(\.rawValue) + ["speaker"]
        throw Failure(
          .usage, "'\(unit)' in --by is none of \(known.joined(separator: ", "))",
          hint: nearest(to: unit, of: known).map { "did you mean \($0)?" })
      }
      let shares = try fraction.map { option in
        let (part, text) = try pair(option, "--fraction", "PART=SHARE, as valid=0.1")
        do { return Splitter.Share(part: part, fraction: try readShare(text)) } catch let error as NumberError {
          throw Failure(.usage, "'\(text)' in --fraction is not a number: \(error)")
        }
      }
      guard !shares.isEmpty else { throw Failure(.usage, "--by needs --fraction, for example --fraction valid=0.1") }
      return try Splitter(shares: shares, by: level, seed: seed, rest: rest ?? "train")
    case (true, nil) where !fraction.isEmpty:
      throw Failure(.usage, "--fraction needs --by utterance, --by session or --by group")
    case (true, nil): throw Failure(.usage, "say how to split: --list, or --by and --fraction")
    default: throw Failure(.usage, "--list goes with neither --by nor --fraction")
    }
  }

  private func partAndList(_ option: String) throws -> (part: String, file: String) {
    if option.divided(atFirst: "=") != nil { return try pair(option, "--list", "PART=FILE, as valid=valid.txt") }
    var part = Folder.name(of: option)
    for ending in [".txt", "_split"] where part.asciiLowercased.ends(with: ending) {
      part = String(part.dropping(last: ending.utf8.count))
    }
    guard option != "-", !part.isEmpty else {
      throw Failure(.usage, "'\(option)' in --list names no part", hint: "--list train=\(option)")
    }
    return (part, option)
  }

  private func pair(_ option: String, _ name: String, _ form: String) throws -> (String, String) {
    guard let (part, value) = option.divided(atFirst: "="), !part.isEmpty, !value.isEmpty else {
      throw Failure(.usage, "'\(option)' in \(name) is not \(form)")
    }
    return (String(part), String(value))
  }
}
