import FileIO

extension WordVectors {
  private static let longestWord = 4096

  /// Reads words and their numbers, until there are as many as the first line says or the file ends.
  ///
  /// - Returns: how many words there are whole; one more than declared stands for all that is too much.
  mutating func readBinary(
    _ source: any ByteSource, _ start: VectorFileStart, _ isWanted: (ArraySlice<UInt8>) -> Bool
  ) throws -> Int {
    let reader = BinaryReader(source, start.bytes[start.body...])
    let declared = start.count ?? .max
    var vector = [Float](repeating: 0, count: dimensions)
    for found in 0..<declared {
      let position = "word \(found + 1)"
      // A line feed ends the vector before in some files.
      while let byte = try reader.peek(), byte == 0x0a || byte == 0x0d { try reader.skip(1) }
      guard try reader.peek() != nil else { return found }
      let (word, hasEnded) = try reader.word(limit: Self.longestWord)
      guard word.count < Self.longestWord else {
        throw Failure(
          .badInput, path: source.path, at: position,
          "no space within \(Self.longestWord) bytes: a word has one after it",
          hint: "is it word2vec's binary format, of \(dimensions) numbers?")
      }
      let isWhole =
        try !hasEnded
        && reader.take(4 * dimensions) { bytes in
          for i in 0..<dimensions {
            vector[i] = Float(
              bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 4 * i, as: UInt32.self)))
          }
        }
      guard isWhole else {
        problems.add(.malformed, source.path, at: position, "the file ends within '\(shown(word))'")
        return found
      }
      if word.isEmpty {
        problems.add(.malformed, source.path, at: position, "no word before its numbers")
      } else if isWanted(word[...]) {
        append(word[...], vector, source.path, at: position)
      } else {
        passedOver += 1
      }
    }
    while let byte = try reader.peek(), byte == 0x0a || byte == 0x0d { try reader.skip(1) }
    guard try reader.peek() != nil else { return declared }
    problems.add(.malformed, source.path, at: "after word \(declared)", "more bytes than its first line has words for")
    return declared
  }
}

/// Bytes of a source, some of which have been read already.
private final class BinaryReader {
  private let source: any ByteSource
  private var bytes: [UInt8]
  private var place: Int
  private var hasEnded = false

  init(_ source: any ByteSource, _ head: ArraySlice<UInt8>) {
    self.source = source
    bytes = Array(head)
    place = 0
  }

  /// Whether `count` bytes are at hand.
  private func fill(_ count: Int) throws -> Bool {
    while bytes.count - place < count, !hasEnded {
      bytes.removeFirst(place)
      place = 0
      let more = try source.head(max(1 << 18, count))
      hasEnded = more.isEmpty
      bytes += more
    }
    return bytes.count - place >= count
  }

  func peek() throws -> UInt8? { try fill(1) ? bytes[place] : nil }

  func skip(_ count: Int) throws { place += count }

  /// What stands before the next space, which is passed; or the rest, or `limit` bytes.
  func word(limit: Int) throws -> (word: [UInt8], hasEnded: Bool) {
    let isFull = try fill(limit + 1)
    let end = bytes[place...].prefix(limit).firstIndex(of: 0x20)
    let word = Array(bytes[place..<(end ?? min(bytes.count, place + limit))])
    place += word.count + (end == nil ? 0 : 1)
    return (word, end == nil && !isFull)
  }

  /// Gives `body` the next bytes; false if there are fewer.
  func take(_ count: Int, _ body: (UnsafeRawBufferPointer) -> Void) throws -> Bool {
    guard try fill(count) else { return false }
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[place..<place + count])) }
    place += count
    return true
  }
}
