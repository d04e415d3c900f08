import FileIO

/// Counts tokens, exactly. What comes out depends on the tokens alone: not on their order, nor on how they were divided
/// between counters that are merged in the end.
public struct VocabularyCounter: Sendable {
  private var table = WordTable()
  private var counts: [Int] = []
  /// Tokens counted, of all kinds together.
  public private(set) var total = 0
  /// In bytes: more different tokens than fit in it are a failure, as leaving some out would not be exact.
  public let memoryLimit: Int

  /// A counter needs 29 to 42 bytes and the token's own for each different token: the default holds 80 million
  /// and more.
  public init(memoryLimit: Int = 4 << 30) { self.memoryLimit = memoryLimit }

  /// Different tokens.
  public var distinct: Int { counts.count }

  /// In bytes, without what has been reserved for more.
  public var memory: Int { table.byteCount + counts.count * 8 }

  public mutating func add(_ tokens: TokenList) throws {
    for token in tokens { try add(token) }
  }

  /// Any bytes but none.
  public mutating func add(_ token: UnsafeRawBufferPointer, count: Int = 1) throws {
    let (index, isNew) = table.insert(token)
    if isNew {
      counts.append(0)
      guard memory <= memoryLimit else {
        throw Failure(
          .badInput, "\(distinct) different words need more memory than the \(memoryLimit) bytes that are allowed",
          hint: "is this text? a vocabulary is of words that occur again")
      }
    }
    counts[index] += count
    total += count
  }

  public mutating func merge(_ other: VocabularyCounter) throws {
    for index in 0..<other.distinct {
      try other.table.withWord(index) { try add($0, count: other.counts[index]) }
    }
  }

  /// The most frequent tokens: by descending count, then by ascending bytes.
  public func mostFrequent(_ limit: Int) -> [(token: [UInt8], count: Int)] {
    counts.indices.sorted { a, b in
      if counts[a] != counts[b] { return counts[a] > counts[b] }
      return table.word(a).lexicographicallyPrecedes(table.word(b))
    }.prefix(max(0, limit)).map { (Array(table.word($0)), counts[$0]) }
  }
}
