public import ArgumentParser
import FileIO
import Glibc

/// What every tool of the suite understands.
public struct CommonOptions: ParsableArguments {
  @Flag(name: .shortAndLong, help: "No progress and no notes; errors still appear.")
  public var quiet = false

  @Flag(
    help: """
      Name every input that is skipped. Default: of one reason the first five, and how many more there are; a dataset's \
      dataset.json has all.
      """)
  public var verbose = false

  @Option(
    help: ArgumentHelp(
      """
      How progress appears on standard error: auto is a bar on a terminal and elsewhere lines, one after 10 s and then \
      at growing intervals of up to 5 minutes.
      """, valueName: "auto|bar|lines|none"))
  public var progress = ProgressStyle.auto

  public init() {}
}

/// Where and how results are printed.
public struct ResultOptions: ParsableArguments {
  @Flag(name: .long, help: "Print the result as JSON on standard output.")
  public var json = false

  public init() {}
}

/// The version that all tools print.
public let toolsVersion = "0.1.0"

/// A command that does its work in ``execute(_:)``; everything thrown becomes one clear line and an exit status:
/// 0 good, 1 failed (also: finished, but some inputs were bad), 64 wrong usage.
public protocol Tool: ParsableCommand {
  var common: CommonOptions { get }

  /// Returns true if everything was good, false if the work is finished but some inputs were bad and have been named.
  func execute(_ console: Console) throws -> Bool
}

extension Tool {
  public static func main() { launch() }

  public func run() throws {
    // A pipe whose reader has gone must not kill a tool that has files to finish: writes report EPIPE instead.
    signal(SIGPIPE, SIG_IGN)
    // Nor must a file that reaches the size that the user allows.
    signal(SIGXFSZ, SIG_IGN)
    // A standard stream that is closed would give its number to the next file opened, which messages would then ruin.
    // Opened the wrong way round, it stays an error to whoever uses it.
    for (descriptor, flags) in [(0, O_WRONLY), (1, O_RDONLY), (2, O_RDONLY)] as [(CInt, CInt)]
    where fcntl(descriptor, F_GETFD) < 0 { _ = open("/dev/null", flags) }
    let name = Self.toolName
    MappedFile.failOnFaults(named: name)
    OutOfMemory.handle { endWithoutMemory(name, bytes: $0) }
    nameLimitWhenMemoryFails(name)
    let console = Console(name: name, quiet: common.quiet, verbose: common.verbose, progress: common.progress)
    FolderLock.onLongWait { console.warn($0) }
    do {
      try requireUTF8Arguments()
      let good = try execute(console)
      console.finish()
      if !good { throw ExitCode.failure }
    } catch let thrown as Failure {
      let failure = thrown.tellingWhatItIs()
      console.finish()
      switch failure.kind {
      case .brokenPipe: throw ExitCode.success
      case .usage:
        console.error("\(name): error: \(printable("\(failure)"))\n\(Self.seeHelp(name + Self.givenSubcommand))")
        throw ExitCode.validationFailure
      default:
        console.error("\(name): error: \(printable("\(failure)"))")
        throw ExitCode.failure
      }
    }
  }
}

extension ProgressStyle: ExpressibleByArgument {}

/// Swift has made something else of arguments that are not UTF-8: another file would be looked for.
private func requireUTF8Arguments() throws {
  for i in 0..<Int(CommandLine.argc) {
    guard let argument = CommandLine.unsafeArgv[i] else { continue }
    let bytes = UnsafeRawBufferPointer(start: argument, count: strlen(argument))
    guard String(validating: bytes, as: UTF8.self) == nil else { continue }
    throw Failure(
      .usage, "argument \(i), \(shown(bytes)), is not UTF-8", hint: "a link with another name may stand for the file")
  }
}

extension Console {
  /// What the user should know although the work goes on; `--quiet` does not silence it.
  public func warn(_ text: String) {
    error(printable("\(name): warning: \(text)"))
  }
}

/// The message of a library as the user of a tool reads it: flags stand where it names settings.
public func withFlags(_ message: String) -> String {
  Setting.replaceAll(in: message) { "--" + $0.name.pieces(at: "_").joined(separator: "-") }
}

/// Text in which names of files may stand: control characters, which a terminal would obey, as `\x1B`.
public func printable(_ text: String) -> String {
  func isControl(_ scalar: Unicode.Scalar) -> Bool { scalar.value < 0x20 || 0x7f..<0xa0 ~= scalar.value }
  guard text.unicodeScalars.contains(where: isControl) else { return text }
  return text.unicodeScalars.reduce(into: "") { result, scalar in
    guard isControl(scalar) else { return result.unicodeScalars.append(scalar) }
    let hex = String(scalar.value, radix: 16, uppercase: true)
    result += "\\x\(hex.count == 1 ? "0" : "")\(hex)"
  }
}

/// `1,073`: numbers as people read them.
public func grouped(_ number: Int) -> String {
  let digits = Array(String(number.magnitude))
  var text = number < 0 ? "-" : ""
  for (i, digit) in digits.enumerated() {
    if i > 0, (digits.count - i) % 3 == 0 { text += "," }
    text.append(digit)
  }
  return text
}

/// Hours with two decimals.
public func hours(samples: Int, rate: Int = 16_000) -> String {
  let hundredths = Int((Double(samples) / Double(rate) / 36).rounded())
  return "\(grouped(hundredths / 100)).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
}

/// `1 speaker`, `2 speakers`; `plural` where an s does not make it.
public func counted(_ number: Int, _ noun: String, _ plural: String? = nil) -> String {
  "\(grouped(number)) \(number == 1 ? noun : plural ?? noun + "s")"
}
