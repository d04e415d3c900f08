import CommandSupport
import FileIO

/// How commands were spelled before there were subcommands: with a flag for each.
///
/// The words of such a command are taken apart as they were understood then, and put together as they are now.
struct OldSpelling {
  /// What an option was given; of one that takes none, nothing.
  private struct Given {
    var name: String
    var values: [String]
  }

  /// The flag that is now a subcommand.
  private let flag: String
  private let subcommand: String
  /// The command's words after the tool's name; nil where they cannot be told, as it was no command then, either.
  private let words: [String]?

  /// Nil if `arguments` have none of the flags of old.
  init?(_ arguments: [String]) {
    var (positionals, options) = Self.split(arguments[...])
    // Half new already: the subcommand is there, and what it goes with, too. Alone, its name may be that of a dataset.
    let isHalfNew = positionals.count > 1 && positionals[0] == arguments[0] && ShardCommand.isSubcommand(arguments[0])
    // The one flag that is still there, if only in one place.
    let mayBeIDs = !isHalfNew && arguments.first != "select"
    let old = options.filter { Self.subcommands[$0.name] != nil && ($0.name != "--ids" || mayBeIDs) }
    // Who asks for help or the version gets it.
    guard let first = old.first, let subcommand = Self.subcommands[first.name],
      !options.contains(where: { ["--help", "-h", "--version"].contains($0.name) })
    else { return nil }
    flag = first.name
    self.subcommand = subcommand
    if isHalfNew { positionals.removeFirst() }
    options.removeAll { Self.unused[subcommand]?.contains($0.name) == true }
    // What is no UTF-8 has become this character, and would be something else.
    let isExact = !arguments.contains { $0.unicodeScalars.contains("\u{fffd}") }
    let isOne = old.allSatisfy { Self.subcommands[$0.name] == subcommand && $0.values != [] && !$0.values.contains("") }
    words = isExact && isOne ? Self.words(subcommand, positionals, options) : nil
  }

  /// The words of `subcommand` that does what these did.
  private static func words(_ subcommand: String, _ positionals: [String], _ options: [Given]) -> [String]? {
    var (positionals, rest) = (positionals, [Given]())
    var plane: String?
    for option in options {
      switch option.name {
      case "--merge": rest.append(Given(name: "--parts", values: option.values))
      case "--add", "--remove": plane = option.values[0]
      case "--select":
        let sides = option.values[0].pieces(at: "=", maxSplits: 1).map { String($0) }
        guard sides.count == 2, sides[1] != "", sides[0] == "split" || sides[0] == "group" else { return nil }
        rest.append(Given(name: "--\(sides[0])", values: [sides[1]]))
      default: rest.append(option)
      }
    }
    guard subcommand == "merge" || positionals.count == 1 else { return nil }
    if let plane { positionals.append(plane) }
    // A value that looks like an option holds on to its name; a positional that does stands last, after `--`.
    let optionWords = rest.flatMap { option in
      option.values.first.map { looksLikeOption($0) } == true
        ? ["\(option.name)=\(option.values[0])"] + option.values.dropFirst() : [option.name] + option.values
    }
    return positionals.contains { looksLikeOption($0) }
      ? [subcommand] + optionWords + ["--"] + positionals : [subcommand] + positionals + optionWords
  }

  /// What to say.
  ///
  /// - Parameter tool: how the user called it.
  func message(tool: String) -> String {
    let line = words.map { ([tool] + $0).map { shellWord($0) }.joined(separator: " ") }
    return "\(flag) has become the subcommand \(subcommand):\n  "
      + (line ?? "cpc-shard \(Self.patterns[subcommand] ?? subcommand)") + "\nSee 'cpc-shard \(subcommand) --help'."
  }

  /// Options, each with its values, and all that is none.
  private static func split(_ arguments: ArraySlice<String>) -> (positionals: [String], options: [Given]) {
    var words = arguments
    var positionals: [String] = []
    var options: [Given] = []
    while let word = words.popFirst() {
      guard word != "--" else { return (positionals + words, options) }
      guard looksLikeOption(word) else {
        positionals.append(word)
        continue
      }
      let sides = word.pieces(at: "=", maxSplits: 1).map { String($0) }
      var option = Given(name: sides[0], values: Array(sides.dropFirst()))
      let limit = option.name == "--merge" ? Int.max : takesValue(option.name) ? 1 : 0
      while option.values.count < limit, let next = words.first, !looksLikeOption(next) {
        option.values.append(next)
        words.removeFirst()
      }
      options.append(option)
    }
    return (positionals, options)
  }

  private static func looksLikeOption(_ word: String) -> Bool { word.begins(with: "-") && word != "-" }

  /// Of short flags together, as in `-qo`, the last may take a value.
  private static func takesValue(_ option: String) -> Bool {
    option.begins(with: "--") ? !switches.contains(option) : option.ends(with: "o")
  }

  private static let switches: Set = [
    "--mixdown", "--prefix-groups", "--dry-run", "--allow-unknown-ids", "--strict", "--force", "--json", "--quiet",
    "--help", "--help-hidden", "--version",
  ]

  private static let subcommands = [
    "--merge": "merge", "--select": "select", "--ids": "select", "--add": "add", "--remove": "remove",
  ]

  /// What went with these commands and meant nothing for them.
  private static let unused = [
    "select": ["--threads", "--strict"], "add": ["--threads"], "remove": ["--threads", "--json"],
  ]

  private static let patterns = [
    "merge": "merge CORPUS.jsonl -o OUT --parts PART…",
    "select": "select DATASET -o OUT [--split NAME:PART] [--group NAME,NAME] [--ids FILE]",
    "add": "add DATASET NAME=SOURCE", "remove": "remove DATASET NAME",
  ]
}
