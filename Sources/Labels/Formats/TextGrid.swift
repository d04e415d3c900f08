import FileIO

/// Praat's TextGrid as the Montreal Forced Aligner writes it: the phones are an interval tier, `phones` or
/// `SPEAKER - phones` by default.
struct TextGrid {
  private var tokens: TextGridTokens
  private let path: String
  private let tiers: LabelTiers
  private var line = 1

  /// The phones of a file, which has one utterance.
  static func read(_ bytes: [UInt8], id: String, path: String, tiers: LabelTiers) throws -> LabelTrack {
    var reader = TextGrid(tokens: TextGridTokens(try unicodeText(bytes, path: path)), path: path, tiers: tiers)
    return try reader.track(id: id)
  }

  private mutating func track(id: String) throws -> LabelTrack {
    let kind = try text("\"ooTextFile\"")
    guard kind.begins(with: "ooTextFile"), isSame(try text("\"TextGrid\""), "TextGrid") else {
      throw bad("not a TextGrid")
    }
    _ = try number("the begin")
    let duration = try number("the end")
    guard case .flag("<exists>")? = next() else { throw bad("no tiers", hint: "<exists> is missing") }
    var found: (name: String, sequence: IntervalSequence)?
    var words: [Result<[PhoneInterval], Failure>] = []
    var names: [String] = []
    for _ in 0..<(try count("of tiers")) {
      let kind = try text("the class of a tier")
      guard kind == "IntervalTier" || kind == "TextTier" else { throw bad("a tier of class \"\(kind)\"") }
      let name = try text("the name of a tier")
      _ = try number("the begin of tier \(name)")
      _ = try number("the end of tier \(name)")
      names.append(name)
      guard kind == "IntervalTier" else {
        for _ in 0..<(try count("of points in tier \(name)")) {
          _ = try number("a time")
          _ = try text("a mark")
        }
        continue
      }
      if isTier(name, called: tiers.phones) {
        let intervals = try intervals(of: name, until: duration)
        if let found { throw bad("two tiers of phones, \(found.name) and \(name)", hint: "a file has one utterance") }
        found = (name, intervals)
      } else if let wanted = tiers.words, isTier(name, called: wanted) {
        words.append(try entries(of: name))
      } else {
        // What another tier says may be wrong.
        _ = try entries(of: name)
      }
    }
    if next() != nil { throw bad("the file goes on after its last tier") }
    guard let found else {
      throw noTier(called: tiers.phones, among: names, path: path)
    }
    var track = LabelTrack(
      id: id, content: .intervals(found.sequence.intervals), position: "tier \(found.name)", duration: Double(duration))
    track.mends = found.sequence.mends
    switch words.first {
    case nil: break
    case .success(let intervals)? where words.count == 1: track.take(words: intervals)
    case .failure(let failure)? where words.count == 1: track.wordsProblem = failure.reason
    default: track.wordsProblem = "there are \(words.count) tiers of words"
    }
    track.checkWords(until: Double(duration))
    return track
  }

  /// Of a tier that the file is read without where it is wrong, so that reading goes on to its end.
  private mutating func entries(of tier: String) throws -> Result<[PhoneInterval], Failure> {
    var intervals: [PhoneInterval] = []
    var failure: Failure?
    for _ in 0..<(try count("of intervals in tier \(tier)")) {
      let (begin, end, label) = (try number("a begin"), try number("an end"), try text("a label"))
      if let interval = PhoneInterval(label: label, begin: begin, end: end) {
        intervals.append(interval)
      } else {
        failure = failure ?? bad("an interval from \(begin) to \(end)")
      }
    }
    return failure.map { .failure($0) } ?? .success(intervals)
  }

  private mutating func intervals(of tier: String, until end: String) throws -> IntervalSequence {
    var result = IntervalSequence()
    for _ in 0..<(try count("of intervals in tier \(tier)")) {
      let (begin, end, label) = (try number("a begin"), try number("an end"), try text("a label"))
      guard let interval = PhoneInterval(label: label, begin: begin, end: end) else {
        throw bad("an interval from \(begin) to \(end)", hint: "times are seconds, and the begin comes first")
      }
      do { try result.append(interval) } catch let failure as Failure { throw bad(failure.reason) }
    }
    if let last = result.intervals.last, let end = Double(end), last.end > end + LabelLength.tolerance {
      throw bad("tier \(tier) goes on until \(last.endText), after the end of the file's time at \(end)")
    }
    return result
  }

  // MARK: Tokens

  private mutating func next() -> TextGridTokens.Token? {
    guard let (token, line) = tokens.next() else {
      line = tokens.line
      return nil
    }
    self.line = line
    return token
  }

  private mutating func text(_ what: String) throws -> String {
    let token = next()
    guard case .text(let text) = token else { throw unexpected(token, what) }
    return text
  }

  private mutating func number(_ what: String) throws -> String {
    let token = next()
    guard case .number(let text) = token, Double(text)?.isFinite == true else { throw unexpected(token, what) }
    return text
  }

  private mutating func count(_ what: String) throws -> Int {
    let text = try number("the number \(what)")
    // More than a file of the largest size could hold is not believed.
    guard let count = Int(text), (0...(1 << 28)).contains(count) else { throw bad("\(text) is no number \(what)") }
    return count
  }

  private func unexpected(_ token: TextGridTokens.Token?, _ what: String) -> Failure {
    switch token {
    case nil: bad("the file ends where \(what) should be")
    case .unterminated?: bad("a quotation that never ends")
    case .number(let text)?: bad("\(text) stands where \(what) should be")
    case .text(let text)?: bad("\"\(text)\" stands where \(what) should be")
    case .flag(let text)?: bad("\(text) stands where \(what) should be")
    }
  }

  private func bad(_ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "line \(line)", reason, hint: hint)
  }
}

extension TextGrid {
  /// The long text form. The intervals of a tier leave no gap: the format has none.
  static func write(_ tiers: [(name: String, intervals: [PhoneInterval])], end: String) -> String {
    var text = """
      File type = "ooTextFile"
      Object class = "TextGrid"

      xmin = 0
      xmax = \(end)
      tiers? <exists>
      size = \(tiers.count)
      item []:

      """
    for (i, tier) in tiers.enumerated() {
      text += """
            item [\(i + 1)]:
                class = "IntervalTier"
                name = "\(tier.name)"
                xmin = 0
                xmax = \(end)
                intervals: size = \(tier.intervals.count)

        """
      for (i, interval) in tier.intervals.enumerated() {
        text += """
                  intervals [\(i + 1)]:
                      xmin = \(interval.beginText)
                      xmax = \(interval.endText)
                      text = "\(interval.label.pieces(at: "\"").joined(separator: "\"\""))"

          """
      }
    }
    return text
  }
}
