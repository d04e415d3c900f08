import FileIO
import Labels
public import OrderedJSON
import Shards

/// The classes of ``PhoneSet/cmu41`` that are said for a text, of a word or more: none for punctuation, nil where that
/// cannot be told.
public typealias Pronunciation = (_ text: String) -> [UInt8]?

/// How often each phone of ``PhoneSet/cmu41`` occurs in transcripts.
public struct TranscriptCounts {
  private var phones = [Int](repeating: 0, count: PhoneSet.cmu41.names.count)
  private var utterances = 0
  private var words = 0
  private var unknownWords = 0
  /// A text has few words, and those again and again.
  private var known: [Name: [UInt8]?] = [:]
  private let makePronunciation: @Sendable () -> Pronunciation
  private var pronunciation: Pronunciation

  private static let maximumKnown = 1 << 18

  private init(_ makePronunciation: @escaping @Sendable () -> Pronunciation) {
    self.makePronunciation = makePronunciation
    pronunciation = makePronunciation()
  }

  /// Adds the phones in the transcripts of a dataset's labelled utterances to the histogram of their labels. Nothing is
  /// added where there is no transcript, or none whose words can be pronounced.
  ///
  /// - Parameters:
  ///   - folder: the dataset's, in which its utterance list is complete.
  ///   - unit: ``RecordSchema/unit``.
  ///   - pronunciation: nil if nobody can tell.
  public static func complete(
    _ histogram: inout JSONObject, in folder: String, unit: String, isLabelled: [Bool],
    _ pronunciation: (@Sendable () -> Pronunciation)?
  ) throws {
    guard let pronunciation else { return }
    var counts = TranscriptCounts(pronunciation)
    let list = try UtteranceList(folder: folder, unit: unit)
    for isLabelled in isLabelled {
      guard let line = try list.next() else { break }
      if isLabelled, let text = line.text { counts.add(text) }
    }
    guard counts.phones.contains(where: { $0 > 0 }) else { return }
    histogram["transcripts"] = .array(counts.phones.map { .int($0) })
    histogram["transcribed_utterances"] = .int(counts.utterances)
    histogram["words"] = .int(counts.words)
    histogram["unknown_words"] = .int(counts.unknownWords)
  }

  private mutating func add(_ text: String) {
    utterances += 1
    let split = text.pieces(at: " ", omittingEmpty: true)
    // Marks of noises may hold spaces; all else is said word by word.
    if text.utf8.contains(where: { $0 == UInt8(ascii: "<") || $0 == UInt8(ascii: "[") }) {
      add(pronunciation(text), words: split.count)
    } else {
      for word in split { add(phones(of: word), words: 1) }
    }
  }

  private mutating func add(_ said: [UInt8]?, words count: Int) {
    if said?.isEmpty != true { words += count }
    if said == nil { unknownWords += count }
    for phone in said ?? [] { phones[Int(phone)] += 1 }
  }

  private mutating func phones(of word: Substring) -> [UInt8]? {
    if let phones = known[Name(word)] { return phones }
    if known.count == Self.maximumKnown {
      // What pronounces remembers words, too.
      known = [:]
      pronunciation = makePronunciation()
    }
    let phones = pronunciation(String(word))
    known[Name(word)] = .some(phones)
    return phones
  }
}
