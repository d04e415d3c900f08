import FileIO

/// A command of Kaldi's wav.scp that does nothing but write one audio file, or one channel of it, to its output: what it
/// would read, told without running it.
package struct AudioCommand: Equatable {
  /// What of several channels is taken.
  package enum Selection: Equatable {
    /// Numbered from 1.
    case one(Int)
    case mean
  }

  package var file: String
  package var selection: Selection?
  /// The rate that comes out, where the command says one: the file must have it.
  package var rate: Int?
  /// With more channels, the mean that comes out is weighted.
  package var mostChannels: Int?

  package init(file: String) { self.file = file }

  /// Reads `COMMAND |`, also several commands one after the other. A `Failure` names what cannot be told from it, or what
  /// would change the samples.
  package init(parsing text: String) throws {
    guard !text.begins(with: "|") else {
      throw Failure(.badInput, "it writes", hint: "wav.scp names what is read")
    }
    let stages = try ShellWords(text).stages
    var known: AudioCommand?
    for words in stages {
      let stage = try Self.stage(words)
      guard let before = known else {
        guard let file = stage.file else { throw Failure(.badInput, "it names no file") }
        known = AudioCommand(file: file)
        (known!.selection, known!.rate, known!.mostChannels) = (stage.selection, stage.rate, stage.mostChannels)
        continue
      }
      guard stage.file == nil else {
        throw Failure(.badInput, "'\(words[0])' does not read what comes from the command before it")
      }
      if let rate = stage.rate { known!.rate = try Self.once(before.rate, rate) }
      if before.selection == nil { known!.mostChannels = stage.mostChannels }
      known!.selection = try Self.compose(before.selection, stage.selection)
    }
    guard let known else { throw Failure(.badInput, "it names no file") }
    self = known
  }

  /// What one command reads, nil for its standard input, and takes of it.
  typealias Stage = (file: String?, selection: Selection?, rate: Int?, mostChannels: Int?)

  /// What is left of all channels after one choice and then another.
  static func compose(_ first: Selection?, _ second: Selection?) throws -> Selection? {
    switch (first, second) {
    case (_, nil), (_?, .mean?), (_?, .one(1)?): return first
    case (nil, _?): return second
    case (_?, .one(let number)?): throw Failure(.badInput, "it takes channel \(number) of one channel")
    }
  }

  static func once(_ first: Int?, _ second: Int) throws -> Int {
    guard first ?? second == second else { throw Failure(.badInput, "it changes the rate twice") }
    return second
  }

  private static func stage(_ words: [String]) throws -> Stage {
    var words = WordQueue(words)
    let program = Folder.name(of: words.next() ?? "")
    switch program {
    case "cat": return try cat(&words)
    case "flac": return try flac(&words)
    case "sph2pipe": return try sph2pipe(&words)
    case "sox": return try sox(&words)
    case "ffmpeg": return try ffmpeg(&words)
    default:
      throw Failure(
        .badInput, "of '\(program)' it is not known what it reads",
        hint: "cat, flac, sph2pipe, sox and ffmpeg with one file are: name the audio file itself, or one of these")
    }
  }

  static func unknown(_ program: String, _ option: String) -> Failure {
    Failure(
      .badInput, "'\(option)' of \(program) is not known",
      hint: "run it once and name the file that it writes, or leave that out")
  }

  /// What would change the samples.
  static func refusal(_ program: String, _ option: String) -> Failure {
    Failure(
      .badInput, "'\(option)' of \(program) may change the samples",
      hint: "run it once and name the file that it writes, or leave that out")
  }

  /// `16000`, `16k`.
  static func rate(_ text: String?, _ program: String) throws -> Int {
    guard let text else { throw Failure(.badInput, "\(program) lacks a rate") }
    let small = text.asciiLowercased
    let value = small.ends(with: "k") ? Double(small.dropping(last: 1)).map { $0 * 1000 } : Double(small)
    guard let value, value >= 1, value < 1e9, value == value.rounded() else {
      throw Failure(.badInput, "'\(text)' is no rate")
    }
    return Int(value)
  }

  static func channel(_ text: String?, _ program: String) throws -> Selection {
    guard let text, let number = Int(text), (1...4096).contains(number) else {
      throw refusal(program, "channel \(text ?? "")")
    }
    return .one(number)
  }

  /// The file that a command names once; `-` is nil.
  struct Input {
    private(set) var file: String?
    private var hasFile = false

    mutating func take(_ name: String) throws {
      guard !hasFile else { throw Failure(.badInput, "it names a second file, '\(name)'") }
      hasFile = true
      file = ["-", "/dev/stdin", "pipe:0", "pipe:"].contains { isSame($0, name) } ? nil : name
    }
  }

  static func isOutput(_ word: String) -> Bool {
    ["-", "/dev/stdout", "pipe:1", "pipe:"].contains { isSame($0, word) }
  }
}

/// The words of a command, front to back.
struct WordQueue {
  private var words: ArraySlice<String>

  init(_ words: [String]) { self.words = words[...] }

  mutating func next() -> String? { words.popFirst() }
}
