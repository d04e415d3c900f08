import Archives
public import FileIO

/// How word vectors are stored.
public enum WordVectorFormat: String, Sendable, CaseIterable {
  /// `WORDS NUMBERS` in the first line, then `WORD NUMBER … NUMBER` a line.
  case word2vecText = "word2vec"
  /// The same first line, then of each word its bytes, a space and its numbers in little-endian single precision; a line
  /// feed may follow.
  case word2vecBinary = "word2vec-binary"
  /// `WORD NUMBER … NUMBER` a line, and no first line.
  case glove = "glove"
}

/// Words and their vectors as other tools have trained them: word2vec's text and binary files and GloVe's, also compressed.
///
/// Words are bytes. A file is read once, front to back, and only what is wanted of it is kept, so that memory depends on
/// that alone. What is no vector is left out, counted and named (``problems``).
public struct WordVectors: Sendable {
  /// Numbers of a vector.
  public let dimensions: Int
  public let format: WordVectorFormat
  /// Words of the file, in its order, that were wanted and have a vector.
  public private(set) var words: [[UInt8]] = []
  /// [words, dimensions]
  public private(set) var numbers: [Float] = []
  /// Words that were not wanted; whether their numbers are numbers is not looked at.
  public internal(set) var passedOver = 0
  public internal(set) var problems = VectorProblems()
  private var places: [[UInt8]: Int] = [:]

  init(_ format: WordVectorFormat, dimensions: Int) {
    self.format = format
    self.dimensions = dimensions
  }

  /// - Parameters:
  ///   - path: also `-`, standard input, and what gzip, zstd, bzip2, xz or lz4 made.
  ///   - format: nil finds out.
  ///   - isWanted: asked for every word.
  /// - Throws: a `Failure` of kind `badInput` if it is no such file, or holds no vector.
  public init(
    reading path: String, format: WordVectorFormat? = nil, isWanted: (ArraySlice<UInt8>) -> Bool = { _ in true }
  ) throws {
    let file = try File.reading(path)
    let head = try file.head(8)
    if CompressedText.isCompressed(head) {
      try self.init(CompressedText(file, head: head), format: format, isWanted: isWanted)
    } else {
      try self.init(file, head: head, format: format, isWanted: isWanted)
    }
  }

  /// - Parameter head: bytes already read from `source`.
  public init(
    _ source: any ByteSource, head: [UInt8] = [], format: WordVectorFormat? = nil,
    isWanted: (ArraySlice<UInt8>) -> Bool = { _ in true }
  ) throws {
    let start = try VectorFileStart(source, head: head, format: format)
    self.init(start.format, dimensions: start.dimensions)
    let found =
      switch start.format {
      case .word2vecBinary: try readBinary(source, start, isWanted)
      case .word2vecText, .glove: try readText(source, start, isWanted)
      }
    if let declared = start.count, declared != found {
      problems.add(.count, source.path, at: nil, "its first line says \(declared) words, there are \(found)")
    }
    guard passedOver + words.count > 0 else {
      throw Failure(
        .badInput, path: source.path, "no word with \(dimensions) numbers in what looks like \(start.format.rawValue)",
        hint: problems.examples.first.map { "\($0)" })
    }
  }

  public var count: Int { words.count }

  /// Which of ``words`` has these bytes.
  public func place(of word: some Collection<UInt8>) -> Int? { places[Array(word)] }

  /// The vector of one of ``words``.
  public func vector(_ place: Int) -> ArraySlice<Float> { numbers[place * dimensions..<(place + 1) * dimensions] }

  /// Keeps a word, unless it is there already or its vector is not finite.
  mutating func append(_ word: ArraySlice<UInt8>, _ vector: [Float], _ path: String, at position: String) {
    let word = Array(word)
    guard vector.allSatisfy(\.isFinite) else {
      return problems.add(.notFinite, path, at: position, "'\(shown(word))' has numbers that are not finite")
    }
    guard places[word] == nil else {
      return problems.add(.duplicate, path, at: position, "'\(shown(word))' for the second time: the first stays")
    }
    places[word] = words.count
    words.append(word)
    numbers.append(contentsOf: vector)
  }
}

extension ByteSource {
  /// The next `count` bytes, or fewer at the end.
  func head(_ count: Int) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    var filled = 0
    while filled < count {
      let got = try bytes.withUnsafeMutableBytes { raw in
        try read(into: UnsafeMutableRawBufferPointer(rebasing: raw[filled...]))
      }
      if got == 0 { break }
      filled += got
    }
    return Array(bytes[..<filled])
  }
}
