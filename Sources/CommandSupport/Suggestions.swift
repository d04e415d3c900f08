import ArgumentParser
import FileIO

extension ParsableCommand {
  /// What is to be said of arguments that are wrong in a way in which people often are; nil of all others, which the
  /// parser judges.
  static func suggestion(for arguments: [String]) -> String? {
    if let name = misspelt(arguments.first) {
      return "\(arguments[0]) is neither a subcommand nor a file here: did you mean \(name)?"
    }
    // Whether a flag is one of the tool's own, the parser knows best; it is asked only where a word looks foreign.
    let foreign = arguments.prefix { $0 != "--" }.compactMap { ForeignFlag.named($0) }
    guard !foreign.isEmpty else { return nil }
    do { _ = try parseAsRoot(arguments) } catch {
      let message = message(for: error)
      for (flag, meaning) in foreign where message.begins(with: "Unknown option '\(flag)'") {
        return meaning.advice(help: helpMessage(for: called(by: arguments))).map { "unknown option \(flag): \($0)" }
      }
    }
    return nil
  }

  /// What the parser would say of a flag that the command does not have, had the command's own check not found fault
  /// with what is missing through it; nil if there is none.
  ///
  /// - Parameter message: what the parser says.
  static func unknownFlag(in arguments: [String], _ message: String) -> String? {
    guard !message.begins(with: "Unknown option") else { return nil }
    // Every word of the help that looks like a flag: more than the command's own, but a flag of its own is among them.
    let help = helpMessage(for: called(by: arguments), columns: 1 << 20)
    let known = help.split { !($0.isLetter || $0.isNumber || $0 == "-") }.map { String($0) }.filter {
      $0.begins(with: "--")
    }
    let given = arguments.prefix { !isSame($0, "--") }.filter { $0.begins(with: "--") }.map {
      String($0.pieces(at: "=")[0])
    }
    guard let unknown = given.first(where: { flag in !known.contains { isSame($0, flag) } }) else { return nil }
    return "Unknown option '\(unknown)'.\(nearest(to: unknown, of: known).map { " Did you mean '\($0)'?" } ?? "")"
  }

  /// What to say of a number below 0 after a flag: the parser takes it for another flag, and finds the value missing.
  ///
  /// - Parameter message: what the parser says.
  static func negativeNumber(in arguments: [String], _ message: String) -> String? {
    let words = message.pieces(at: "'")
    guard message.begins(with: "Missing value for '"), let flag = words[1].pieces(at: " ").first,
      let value = zip(arguments, arguments.dropFirst()).first(where: {
        isSame($0.0, String(flag)) && $0.1.begins(with: "-") && Double($0.1) != nil
      })?.1
    else { return nil }
    return "'\(value)' after \(flag) reads as a flag; as a value it is \(flag)=\(value)"
  }

  /// The subcommand that arguments name, or that none names.
  private static func called(by arguments: [String]) -> any ParsableCommand.Type {
    subcommand(named: arguments.first) ?? configuration.defaultSubcommand ?? self
  }

  /// By its name or another that it has.
  static func subcommand(named word: String?) -> (any ParsableCommand.Type)? {
    configuration.subcommands.first { ([$0._commandName] + $0.configuration.aliases).contains { isSame($0, word) } }
  }

  /// The subcommand that a first argument nearly is, if nothing else has that name.
  private static func misspelt(_ word: String?) -> String? {
    let names = configuration.subcommands.flatMap { [$0._commandName] + $0.configuration.aliases }
    guard let word, !names.isEmpty, !word.begins(with: "-"), word != "help",
      !names.contains(where: { isSame($0, word) }), Folder.kind(of: word) == nil
    else { return nil }
    return nearest(to: word, of: names)
  }
}

/// The name that a word nearly is.
public func nearest(to word: String, of names: [String]) -> String? {
  let near = names.map { (name: $0, distance: distance($0.utf8, word.utf8)) }.min { $0.distance < $1.distance }
  guard let near, near.distance <= (near.name.utf8.count < 5 ? 1 : 2), near.distance < word.utf8.count else {
    return nil
  }
  return near.name
}

/// The parser's message in one line, where it lists values with the one that was nearly typed.
func inOneLine(_ message: String) -> String {
  guard let list = message.firstRange(of: " Please provide one of the following:\n") else { return message }
  let values = message[list.upperBound...].pieces(at: "\n").map { String(trimmed($0).dropping(first: 2)) }
  let head = message[..<list.lowerBound]
  let quoted = head.pieces(at: "'")
  let near = quoted.count > 1 ? nearest(to: String(quoted[1]), of: values) : nil
  return "\(head)\(near.map { " Did you mean \($0)?" } ?? "") It is one of \(values.joined(separator: ", "))."
}

/// Bytes to insert, to remove, to change, or to swap with their neighbours, that make `b` of `a` (optimal string
/// alignment).
func distance(_ a: some Collection<UInt8>, _ b: some Collection<UInt8>) -> Int {
  let (a, b) = (Array(a), Array(b))
  var rows = [Array(0...b.count)]
  for (i, x) in a.enumerated() {
    var row = [i + 1]
    for (j, y) in b.enumerated() {
      var least = min(rows[i][j] + (x == y ? 0 : 1), rows[i][j + 1] + 1, row[j] + 1)
      if i > 0, j > 0, x == b[j - 1], a[i - 1] == y { least = min(least, rows[i - 1][j - 1] + 1) }
      row.append(least)
    }
    rows.append(row)
  }
  return rows[a.count][b.count]
}
