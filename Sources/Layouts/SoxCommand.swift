import FileIO

/// `sox [OPTION…] FILE [OPTION…] - [EFFECT…]`, of which one channel, all, or their mean come out as they are.
extension AudioCommand {
  static func sox(_ words: inout WordQueue) throws -> Stage {
    var file: String?
    var hasInput = false
    var hasOutput = false
    var mixes = false
    var rate: Int?
    while let word = words.next() {
      switch word {
      case "-V0", "-V1", "-V2", "-V3", "-V4", "-V", "-q", "-S", "-R", "-D", "--no-dither", "--no-show-progress",
        "--single-threaded", "--multi-threaded":
        break
      case "--buffer": _ = words.next()
      case "-t", "--type":
        let type = words.next() ?? ""
        guard hasInput ? lossless.contains(where: { isSame($0, type) }) : !raw.contains(where: { isSame($0, type) })
        else { throw refusal("sox", "\(word) \(type)") }
      case "-b", "--bits":
        let bits = words.next()
        guard ["16", "24", "32"].contains(where: { isSame($0, bits) }) else { throw refusal("sox", word) }
      case "-e", "--encoding":
        guard let coding = words.next(), coding.begins(with: "signed") else { throw refusal("sox", word) }
      case "-L" where hasInput, "-B" where hasInput: break
      case "-c", "--channels":
        guard isSame(words.next(), "1") else { throw refusal("sox", word) }
        // Before the file it says what the file has.
        if hasInput { mixes = true }
      case "-r", "--rate":
        guard hasInput else { throw refusal("sox", "\(word) before the file") }
        rate = try Self.rate(words.next(), "sox")
      case "-p" where hasInput, "--sox-pipe" where hasInput: hasOutput = true
      case _ where hasInput && isOutput(word): hasOutput = true
      case "-":
        hasInput = true
      case "-v", "--volume", "-m", "-M": throw refusal("sox", word)
      case _ where word.begins(with: "-"): throw unknown("sox", word)
      default:
        guard !hasInput else { throw Failure(.badInput, "sox reads or writes a second file, '\(word)'") }
        hasInput = true
        file = isSame(word, "/dev/stdin") ? nil : word
      }
      if hasOutput { break }
    }
    guard hasOutput else { throw Failure(.badInput, "sox needs - for its output") }
    // What the output shall have is made of what the effects leave.
    let selection = try compose(effects(&words, &rate), mixes ? .mean : nil)
    return (file, selection, rate, nil)
  }

  /// Headerless files, of which an option says what they hold.
  private static let raw = ["raw", "s16", "sw", "sl"]
  /// Types of output that hold the samples as they are.
  private static let lossless = [
    "wav", "wavpcm", "flac", "sph", "nist", "aiff", "aif", "aifc", "au", "snd", "caf", "w64", "sox",
  ]

  /// One after the other.
  private static func effects(_ words: inout WordQueue, _ rate: inout Int?) throws -> Selection? {
    var selection: Selection?
    while let effect = words.next() {
      switch effect {
      case "remix":
        let channels = words.next()
        selection = try compose(selection, isSame(channels, "-") ? .mean : channel(channels, "sox remix"))
      case "channels":
        guard isSame(words.next(), "1") else { throw refusal("sox", effect) }
        selection = try compose(selection, .mean)
      case "rate":
        var value = words.next()
        while let option = value, option.begins(with: "-") { value = words.next() }
        rate = try once(rate, Self.rate(value, "sox"))
      default: throw refusal("sox", effect)
      }
    }
    return selection
  }
}
