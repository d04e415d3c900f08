public import ArgumentParser
import FileIO
import Glibc

extension ParsableCommand {
  /// As `main()`, with help of ours and errors in the words of all tools; help that cannot be written is an error.
  ///
  /// - Parameter arguments: in place of those that the tool was called with.
  public static func launch(_ arguments: [String]? = nil) {
    failAtExitIfOutputIsLost()
    let arguments = arguments ?? Array(CommandLine.arguments.dropFirst())
    if asksForZshCompletions(arguments) { return print(zshCompletionScript) }
    // No tool has anything to do then; elsewhere an input may come through a pipe.
    if arguments.isEmpty, File.standardInput.isTerminal { refuse(nil, see: seeHelp(toolName), showsUsage: true) }
    if let suggestion = suggestion(for: arguments) { refuse(suggestion, see: seeHelp(toolName)) }
    do {
      var command = try parseAsRoot(arguments)
      try command.run()
    } catch {
      end(with: error, arguments)
    }
  }

  /// The shell is named, or is the user's.
  private static func asksForZshCompletions(_ arguments: [String]) -> Bool {
    let flag = "--generate-completion-script"
    if arguments == [flag, "zsh"] || arguments == ["\(flag)=zsh"] { return true }
    return arguments == [flag] && getenv("SHELL").map { String(cString: $0) }?.ends(with: "/zsh") == true
  }

  /// ArgumentParser gives `help` a specification of all words that are left, also in a tool without other subcommands;
  /// zsh refuses a second one, which the tool's inputs have, and would complete nothing.
  private static var zshCompletionScript: String {
    let script = completionScript(for: .zsh)
    guard configuration.subcommands.isEmpty else { return script }
    return script.replacing("        '(-): :->command'\n        '(-)*:: :->arg'\n", with: "")
  }

  /// The tool as the user called it.
  public static var toolName: String { CommandLine.arguments.first.map { Folder.name(of: $0) } ?? Self._commandName }

  /// The word after the tool's name, with a blank, if it names this command.
  static var givenSubcommand: String {
    let names = [_commandName] + configuration.aliases
    let word = CommandLine.arguments.dropFirst().first
    return names.contains { isSame($0, word) } ? " \(word!)" : ""
  }

  static func seeHelp(_ command: String) -> String { "See '\(command) -h', or '\(command) --help' for everything." }

  private static func end(with error: any Error, _ arguments: [String]) -> Never {
    if error is ExitCode { exit(withError: error) }
    // Wide enough that the parser breaks no line.
    let text = fullMessage(for: error, columns: 1 << 20)
    switch exitCode(for: error) {
    case .success:
      let shown = text.begins(with: "OVERVIEW: ") ? help(text, arguments) : text
      print(shown, terminator: shown.ends(with: "\n") ? "" : "\n")
      exit(withError: ExitCode.success)
    case .validationFailure: break
    case let status:
      Console(name: toolName, quiet: false).error("\(toolName): error: \(printable(message(for: error)))")
      exit(withError: status)
    }
    // What the parser says of a flag's value: "Help:  --flag <value>  What it is."
    let lines = text.pieces(at: "\n")
    let flag = lines.first { $0.begins(with: "Help:  ") }.map { "  " + $0.dropping(first: 7) }
    let see = lines.last { $0.ends(with: " --help' for more information.") }.map {
      seeHelp(String($0.pieces(at: "'")[1].dropping(last: 7)))
    }
    if let unknown = unknownFlag(in: arguments, message(for: error)) { refuse(unknown, see: see ?? seeHelp(toolName)) }
    let said = inOneLine(message(for: error))
    refuse(
      negativeNumber(in: arguments, said) ?? said, flag, see: see ?? seeHelp(toolName), showsUsage: arguments.isEmpty)
  }

  /// - Parameter text: the parser's help of this command or one of its subcommands.
  private static func help(_ text: String, _ arguments: [String]) -> String {
    let words = arguments.prefix { !isSame($0, "--") }
    let isShort = words.contains { isSame($0, "-h") } && !words.contains { isSame($0, "--help") }
    let (columns, style) = (helpColumns(), TextStyle(isTerminal: File.standardOutput.isTerminal))
    var pages = [HelpPage(text)]
    // A tool's help has that of the subcommand whose name may be left out, too.
    if let command = configuration.defaultSubcommand, isSame(text, helpMessage(columns: 1 << 20)) {
      pages.append(HelpPage(helpMessage(for: command, columns: 1 << 20)))
    }
    guard isShort else { return pages.map { $0.text(columns: columns, style: style) }.joined(separator: "\n") }
    let command = ([_commandName] + (subcommand(named: words.first) == nil ? [] : words.prefix(1))).joined(
      separator: " ")
    return ShortHelp(pages: pages, command: command).text(columns: columns, style: style)
  }

  /// Ends the process with the status of wrong usage.
  ///
  /// - Parameters:
  ///   - message: what is wrong; nil of no arguments at all.
  ///   - flag: the help of the flag concerned.
  private static func refuse(_ message: String?, _ flag: String? = nil, see: String, showsUsage: Bool = false) -> Never
  {
    let console = Console(name: toolName, quiet: false)
    if showsUsage {
      let usage = helpMessage(for: configuration.defaultSubcommand ?? self, columns: 1 << 20).pieces(at: "\n")
        .first { $0.begins(with: "USAGE: ") }
      if let usage {
        console.error(HelpLine(usage, isExample: false).filled(helpColumns()).joined(separator: "\n"))
      }
      console.error(HelpLine(configuration.abstract, isExample: false).filled(helpColumns()).joined(separator: "\n"))
    }
    if let message { console.error("\(toolName): error: \(printable(message))") }
    if let flag { console.error(HelpLine(flag, isExample: false).filled(helpColumns()).joined(separator: "\n")) }
    console.error(see)
    exit(withError: ExitCode.validationFailure)
  }
}
