import FileIO

/// Vectors for words that a model was not trained on (van den Oord et al., 2018, §3.3; Kiros et al., 2015, §2.2): a linear
/// map from another space of word vectors to the model's, fitted to the words that both have and to no others.
///
/// The model's own words keep their own vectors.
public struct VocabularyExpansion: Sendable {
  public let map: LinearMap
  /// Words of the model that the map was fitted to.
  public let shared: Int
  private let vectors: WordVectors
  private let vocabulary: [[UInt8]]
  private let table: [Float]
  private let places: [[UInt8]: Int]

  /// - Parameters:
  ///   - vocabulary: the model's words, in the order of their ids.
  ///   - table: their vectors, [words, numbers].
  ///   - isFitted: whether the map is fitted to the word of an id, if the other space has it: not to id 0, which stands for
  ///     unknown words.
  /// - Throws: a `Failure` of kind `badInput` where too few words are in both.
  public init(
    _ vectors: WordVectors, vocabulary: [[UInt8]], table: [Float], ridge: Double = LinearMap.defaultRidge,
    isFitted: (Int) -> Bool = { $0 > 0 }
  ) throws {
    precondition(!vocabulary.isEmpty && table.count % vocabulary.count == 0)
    let width = table.count / vocabulary.count
    let pairs = vocabulary.indices.compactMap { id in
      isFitted(id) ? vectors.place(of: vocabulary[id]).map { (id: id, place: $0) } : nil
    }
    do {
      map = try LinearMap(inputs: vectors.dimensions, outputs: width, pairs: pairs.count, ridge: ridge) { i, x, y in
        for (j, value) in vectors.vector(pairs[i].place).enumerated() { x[j] = Double(value) }
        for j in 0..<width { y[j] = Double(table[pairs[i].id * width + j]) }
      }
    } catch var failure as Failure {
      failure.hint =
        "\(pairs.count) of the model's \(vocabulary.count) words are among \(vectors.count) read: are both in "
        + "small letters, and divided alike into words?"
      throw failure
    }
    shared = pairs.count
    self.vectors = vectors
    self.vocabulary = vocabulary
    self.table = table
    places = Dictionary(vocabulary.enumerated().map { ($1, $0) }) { first, _ in first }
  }

  /// Numbers of a vector of the model.
  public var width: Int { map.outputs }

  /// The model's words and then the others that have a vector, in the order of their file, or `adding` alone of these; and
  /// a vector for each.
  public func table(adding isAdded: (ArraySlice<UInt8>) -> Bool = { _ in true }) -> ExpandedTable {
    var added = ExpandedTable(words: vocabulary, known: vocabulary.count, width: width, numbers: table, places: places)
    let new = vectors.words.indices.filter { places[vectors.words[$0]] == nil && isAdded(vectors.words[$0][...]) }
    added.numbers.reserveCapacity(table.count + new.count * width)
    for place in new {
      let row = withUnsafeTemporaryAllocation(of: Float.self, capacity: width) { row in
        map.apply(vectors.vector(place), to: row.baseAddress!)
        return Array(row)
      }
      added.append(vectors.words[place], row)
    }
    return added
  }
}

/// Words by their ids, and a vector for each.
public struct ExpandedTable: Sendable {
  /// The model's own are the first ``known``.
  public fileprivate(set) var words: [[UInt8]]
  public let known: Int
  public let width: Int
  /// [words, width]
  public fileprivate(set) var numbers: [Float]
  fileprivate var places: [[UInt8]: Int]

  /// A model's words alone.
  public init(words: [[UInt8]], numbers: [Float]) {
    precondition(!words.isEmpty && numbers.count % words.count == 0)
    self.init(
      words: words, known: words.count, width: numbers.count / words.count, numbers: numbers,
      places: Dictionary(words.enumerated().map { ($1, $0) }) { first, _ in first })
  }

  fileprivate init(words: [[UInt8]], known: Int, width: Int, numbers: [Float], places: [[UInt8]: Int]) {
    (self.words, self.known, self.width, self.numbers, self.places) = (words, known, width, numbers, places)
  }

  /// The id of a word; nil if it has none.
  public func id(of word: some Collection<UInt8>) -> Int? { places[Array(word)] }

  fileprivate mutating func append(_ word: [UInt8], _ row: [Float]) {
    places[word] = words.count
    words.append(word)
    numbers.append(contentsOf: row)
  }
}
