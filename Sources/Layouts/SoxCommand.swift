import FileIO

/// `sox [OPTION…] FILE [OPTION…] - [EFFECT…]`, of which one channel, all, or their mean come out as they are.
extension AudioCommand {
  static func sox(_ words: inout WordQueue) throws -> Stage {
    var file: String?
    var hasInput = false
    var hasOutput = false
    var selection: Selection?
    var rate: Int?
    while let word = words.next() {
      switch word {
      case "-V0", "-V1", "-V2", "-V3", "-V4", "-V", "-q", "-S", "-R", "-D", long("no-dither"), long("no-show-progress"),
        long("single-threaded"), long("multi-threaded"):
        break
      case long("buffer"): _ = words.next()
      case "-t", long("type"):
        guard let type = words.next(), !["raw", "s16", "sw", "sl"].contains(where: { isSame($0, type) }) else {
          throw refusal("sox", "\(word) raw")
        }
      case "-b", long("bits"):
        let bits = words.next()
        guard ["16", "24", "32"].contains(where: { isSame($0, bits) }) else { throw refusal("sox", word) }
      case "-e", long("encoding"):
        guard let coding = words.next(), coding.begins(with: "signed") else { throw refusal("sox", word) }
      case "-L" where hasInput, "-B" where hasInput: break
      case "-c", long("channels"):
        guard isSame(words.next(), "1") else { throw refusal("sox", word) }
        // Before the file it says what the file has.
        if hasInput { selection = .mean }
      case "-r", long("rate"):
        guard hasInput else { throw refusal("sox", "\(word) before the file") }
        rate = try Self.rate(words.next(), "sox")
      case "-p" where hasInput, long("sox-pipe") where hasInput: hasOutput = true
      case _ where hasInput && isOutput(word): hasOutput = true
      case "-":
        hasInput = true
      case _ where word.begins(with: "-"): throw refusal("sox", word)
      default:
        guard !hasInput else { throw Failure(.badInput, "sox reads or writes a second file, '\(word)'") }
        hasInput = true
        file = isSame(word, "/dev/stdin") ? nil : word
      }
      if hasOutput { break }
    }
    guard hasOutput else { throw Failure(.badInput, "sox needs - for its output") }
    try effects(&words, &selection, &rate)
    return (file, selection, rate)
  }

  private static func effects(_ words: inout WordQueue, _ selection: inout Selection?, _ rate: inout Int?) throws {
    while let effect = words.next() {
      switch effect {
      case "remix":
        let channels = words.next()
        selection = isSame(channels, "-") ? .mean : try channel(channels, "sox remix")
      case "channels":
        guard isSame(words.next(), "1") else { throw refusal("sox", effect) }
        selection = selection ?? .mean
      case "rate":
        var value = words.next()
        while let option = value, option.begins(with: "-") { value = words.next() }
        rate = try Self.rate(value, "sox")
      default: throw refusal("sox", effect)
      }
    }
  }
}
