public import Kernels
public import OrderedJSON

/// From the ids of words, plane ``tokens``, and the lengths of sentences, plane ``lengths``, to the same as numbers: what
/// ``Networks/WordConvolutionEncoder`` takes. Single precision holds each exactly.
///
/// Whatever a record holds, the numbers are ids and lengths that there are: an id beyond the vocabulary becomes that of
/// unknown words, 0, and a length beyond its range the nearest one. ``problem(in:)`` tells of it.
public struct TextTransform: InputTransform, Equatable {
  public static let tokens = "tokens"
  public static let lengths = "lengths"

  /// Of a window.
  public let sentences: Int
  /// Of a sentence, at most.
  public let words: Int
  /// Words that have an id, the unknown one among them.
  public let vocabulary: Int

  public init(sentences: Int, words: Int, vocabulary: Int) {
    (self.sentences, self.words, self.vocabulary) = (sentences, words, vocabulary)
  }

  /// The transform that a checkpoint tells of; nil if it tells of none.
  init?(metadata: (String) -> String?) {
    func count(_ key: String) -> Int? { metadata(key).flatMap { Int($0) }.flatMap { $0 > 0 ? $0 : nil } }
    guard let sentences = count("cpc.sentences"), let words = count("cpc.sentence_words"),
      let vocabulary = count("cpc.words")
    else { return nil }
    self.init(sentences: sentences, words: words, vocabulary: vocabulary)
  }

  public var metadata: [(key: String, value: String)] {
    [("cpc.sentences", "\(sentences)"), ("cpc.sentence_words", "\(words)"), ("cpc.words", "\(vocabulary)")]
  }

  /// Nothing that the settings do not say.
  public var facts: JSONObject { [:] }

  /// Bytes of a length in a record: one, where every length fits.
  static func lengthBytes(words: Int) -> Int { words <= UInt8.max ? 1 : 2 }

  private func lengths(_ payload: Payload) -> [Int] {
    Self.lengthBytes(words: words) == 1
      ? payload.elements(Self.lengths, as: UInt8.self).map { Int($0) }
      : payload.elements(Self.lengths, as: UInt16.self).map { Int($0) }
  }

  /// Nothing is left to chance.
  public func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>) {
    let (ids, lengths) = (payload.elements(Self.tokens, as: UInt16.self), lengths(payload))
    precondition(ids.count == sentences * words && lengths.count == sentences)
    precondition(output.count == ids.count + lengths.count)
    for (i, id) in ids.enumerated() { output[i] = Int(id) < vocabulary ? Float(id) : 0 }
    for (i, length) in lengths.enumerated() { output[ids.count + i] = Float(min(max(1, length), words)) }
  }

  public func problem(in payload: Payload) -> String? {
    let ids = payload.elements(Self.tokens, as: UInt16.self)
    for (sentence, length) in lengths(payload).enumerated() {
      let place = "sentence \(sentence + 1)"
      guard (1...words).contains(length) else { return "\(place) has \(length) words, not 1 to \(words)" }
      for (i, id) in ids[sentence * words..<sentence * words + length].enumerated() where Int(id) >= vocabulary {
        return "\(place) has word \(id) at place \(i + 1), beyond a vocabulary of \(vocabulary)"
      }
    }
    return nil
  }
}
