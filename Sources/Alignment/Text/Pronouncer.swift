import FileIO
public import Labels

/// Turns transcripts into pronunciations: those of the lexicon, if one is given, else those of flite for English.
/// Counts what it had to guess.
public final class Pronouncer {
  public let phoneSet: PhoneSet
  public let silence: Int
  public let noise: Int?
  private let lexicon: Lexicon?
  /// Nil where the phones are not those that flite's rules give.
  private let english: EnglishPronunciations?

  /// Words that are not in the lexicon, how often each occurs and how it was said.
  private var unknown: [String: (count: Int, ways: [[UInt8]])] = [:]
  /// What was taken for noise, and how often.
  private var noises: [String: Int] = [:]
  public private(set) var words = 0

  /// More ways to say one word are left out.
  private static let mostPronunciations = 64

  /// - Parameter phoneSet: other sets than ``PhoneSet/cmu41`` need a lexicon.
  public init(phoneSet: PhoneSet = .cmu41, lexicon: Lexicon? = nil) throws {
    guard let silence = phoneSet.names.firstIndex(where: { isSame($0, "SIL") }) else {
      throw Failure(.badInput, "the phone set \(phoneSet.name) has no 'SIL' (silence)")
    }
    guard phoneSet.names.count <= 255 else {
      throw Failure(
        .badInput, "the phone set \(phoneSet.name) has \(phoneSet.names.count) phones: 255 can be told apart")
    }
    guard lexicon != nil || phoneSet == .cmu41 else {
      throw Failure(.usage, "the phone set \(phoneSet.name) needs a lexicon", hint: "\(setting: "lexicon") FILE")
    }
    self.phoneSet = phoneSet
    self.silence = silence
    noise = phoneSet.names.firstIndex { isSame($0, "SPN") }
    self.lexicon = lexicon
    english = phoneSet == .cmu41 ? EnglishPronunciations() : nil
  }

  /// The pronunciations of each word of a text.
  ///
  /// - Throws: a `Failure` of kind `badInput` where a word can neither be looked up nor guessed, or nothing is said.
  package func pronounce(_ text: String) throws -> [[[UInt8]]] {
    let spoken = spoken(text)
    guard !spoken.isEmpty else { throw Failure(.badInput, "the transcript has no words") }
    return try spoken.map { word in
      words += 1
      var result: [[UInt8]] = []
      for reading in word.readings {
        var ways: [[UInt8]] = [[]]
        for part in reading {
          let choices = try pronunciations(of: part)
          ways = Array(ways.flatMap { way in choices.map { way + $0 } }.prefix(Self.mostPronunciations))
        }
        for way in ways where !way.isEmpty && !result.contains(way) { result.append(way) }
      }
      guard result.isEmpty else { return Array(result.prefix(Self.mostPronunciations)) }
      guard let noise else {
        throw Failure(.badInput, "'\(word.written)' is no word, and the phone set \(phoneSet.name) has no 'SPN'")
      }
      noises[word.written, default: 0] += 1
      return [[UInt8(noise)]]
    }
  }

  /// The words that ``pronounce(_:)`` finds in a text, as written, in upper case.
  package func words(of text: String) -> [String] { spoken(text).map(\.written) }

  private func spoken(_ text: String) -> [SpokenWord] {
    SpokenWord.words(of: text, isEnglish: english != nil) { lexicon?[$0] != nil }
  }

  private func pronunciations(of word: String) throws -> [[UInt8]] {
    if let known = lexicon?[word] { return known }
    let trimmed = EnglishClitic.withoutQuotes(word)
    if trimmed != word, let known = lexicon?[trimmed] { return known }
    // QUILTER'S is said as QUILTER is; what n't does to a word, flite's side knows better.
    if english != nil, let (stem, clitic) = EnglishClitic.split(trimmed), clitic != .not, let known = lexicon?[stem] {
      return known.flatMap(clitic.attached)
    }
    func note(_ ways: [[UInt8]]) -> [[UInt8]] {
      if lexicon != nil { unknown[word, default: (0, ways)].count += 1 }
      return ways
    }
    guard let english else { return note([]) }
    guard let plain = LatinLetters.plain(word) else {
      _ = note([])
      throw Failure(
        .badInput, "'\(word)' is not in Latin letters, and no lexicon has it",
        hint: "\(setting: "lexicon") FILE, \(setting: "phone_set") FILE")
    }
    return note(english.pronunciations(of: plain))
  }

  /// Words that are not in the lexicon, the most frequent first; none without a lexicon.
  public var unknownWords: [(word: String, count: Int)] { Self.ranked(unknown.mapValues(\.count)) }
  /// What was taken for noise, the most frequent first.
  public var noiseWords: [(word: String, count: Int)] { Self.ranked(noises) }

  /// ``unknownWords`` as lines: `COUNT<TAB>WORD`, and a further field for each pronunciation that was guessed. A word
  /// without one was taken for noise, or its utterance has no phones.
  public var unknownWordLines: String {
    unknownWords.map { word, count in
      let ways = unknown[word]!.ways.map { way in way.map { phoneSet.names[Int($0)] }.joined(separator: " ") }
      return (["\(count)", word] + ways).joined(separator: "\t") + "\n"
    }.joined()
  }

  /// Equal counts in the order of the words' bytes.
  private static func ranked(_ counts: [String: Int]) -> [(word: String, count: Int)] {
    counts.map { (word: $0.key, count: $0.value) }.sorted {
      $0.count != $1.count ? $0.count > $1.count : $0.word.utf8.lexicographicallyPrecedes($1.word.utf8)
    }
  }
}
