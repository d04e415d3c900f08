import FileIO

/// Words and their ids. Id 0 is `<unk>`, for every word that has none: no token of a ``TextReader`` is spelled so. Padding
/// has no id, as a record says how many of its ids are words.
public struct Vocabulary: Sendable {
  public static let unknown = "<unk>"
  /// With `<unk>`: ids are 16 bits.
  public static let maximumCount = 65_535
  public static let defaultCount = 20_000

  private var table = WordTable()
  /// How often each word occurred in what it was made from, and at `<unk>` how many words have no id; nil if that is not
  /// known.
  public private(set) var counts: [Int?] = []

  /// The most frequent tokens, `count` ids with `<unk>`; fewer if there are no more.
  public init(_ counter: VocabularyCounter, count: Int = defaultCount) throws {
    guard 1...Self.maximumCount ~= count else {
      throw Failure(.usage, "a vocabulary of \(count) words", hint: "1 to \(Self.maximumCount), <unk> among them")
    }
    self.init()
    let words = counter.mostFrequent(count - 1)
    counts[0] = counter.total - words.reduce(0) { $0 + $1.count }
    for (word, count) in words { _ = append(word, count: count) }
  }

  /// Of `<unk>` alone.
  init() { _ = append(Array(Self.unknown.utf8), count: nil) }

  /// Whether the word was new, and has an id now.
  mutating func append(_ word: [UInt8], count: Int?) -> Bool {
    guard word.withUnsafeBytes({ table.insert($0).isNew }) else { return false }
    counts.append(count)
    return true
  }

  mutating func setUnknownCount(_ count: Int?) { counts[0] = count }

  public var count: Int { table.count }

  /// The id of a word; nil if it has none. Words are compared by their bytes.
  public func id(_ word: UnsafeRawBufferPointer) -> UInt16? { table.find(word).map { UInt16($0) } }

  public func id(_ word: String) -> UInt16? { Array(word.utf8).withUnsafeBytes { id($0) } }

  /// The bytes of a word.
  public subscript(id: Int) -> ArraySlice<UInt8> { table.word(id) }

  /// The words of some ids with spaces between them, UTF-8; an id that there is not is `<unk>`.
  public func text(_ ids: some Sequence<UInt16>) -> [UInt8] {
    var text: [UInt8] = []
    for id in ids {
      if !text.isEmpty { text.append(0x20) }
      text.append(contentsOf: table.word(Int(id) < count ? Int(id) : 0))
    }
    return text
  }

  /// XXH3-128 of the words in the order of their ids, a line feed after each: the same for the same ids, whatever is known
  /// of their counts.
  public var digest: String {
    let stream = XXH3.Stream()
    let end: [UInt8] = [0x0a]
    for id in 0..<count {
      table.withWord(id) { stream.update($0) }
      end.withUnsafeBytes { stream.update($0) }
    }
    return stream.digest128
  }
}
