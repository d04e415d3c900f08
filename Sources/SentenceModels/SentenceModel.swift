import FileIO
public import Kernels
public import Models
import Networks
public import OrderedJSON
public import Shards
public import Text
public import Training
public import Transfer
public import WordVectors

/// Sentences as a trained model of texts sees them: the latent of each, by itself.
///
/// Words that the model was not trained on are one word to it, `<unk>`, unless other vectors of words tell where they lie
/// (van den Oord et al., 2018, §3.3: ``WordVectors/VocabularyExpansion``).
public struct SentenceModel: SentenceVectors {
  public let title: String
  public let rules: TextRules
  /// What there is to say of the model.
  public let facts: JSONObject
  /// The model's words, and how many of them the map of an expansion was fitted to.
  public let expansion: (words: Int, shared: Int, explained: Double)?
  private let checkpoint: String
  private let specification: TextSpecification
  private let table: ExpandedTable
  /// Of the encoder, but for the table.
  private let parameters: [[Float]]

  /// The model of a checkpoint; a `Failure` if it is of something else than texts.
  @discardableResult
  public static func requireTexts(_ checkpoint: Checkpoint) throws -> TextSpecification {
    let specification = try checkpoint.specification()
    guard let texts = specification as? TextSpecification else {
      throw Failure(
        .badInput, path: checkpoint.path,
        "its model is of the kind \"\(type(of: specification).kind)\": sentences take one of texts")
    }
    return texts
  }

  /// - Parameters:
  ///   - checkpoint: of a model of texts.
  ///   - dataset: one of texts whose vocabulary is the model's.
  ///   - vectors: of more words.
  /// - Throws: a `Failure` if the model is of something else, or of another vocabulary.
  public init(checkpoint: Checkpoint, dataset: Dataset, vectors: WordVectors? = nil) throws {
    let known = checkpoint.facts
    let settings = known.identity.settings
    let specification = try Self.requireTexts(checkpoint)
    try specification.requireFacts(dataset.schema.facts, path: dataset.folder)
    self.checkpoint = checkpoint.path
    self.specification = specification
    rules = try dataset.card.facts["record"]?["rules"].map { try TextRules($0) } ?? TextRules()
    let vocabulary = try Vocabulary(reading: dataset.intactFile(Vocabulary.fileName))
    let encoder = specification.makeEncoder(Float.self, windows: 1, training: false)
    try checkpoint.read(encoder.parameters)
    parameters = encoder.parameters.dropFirst().map { $0.elements(of: $0.value) }
    let words = (0..<vocabulary.count).map { Array(vocabulary[$0]) }
    let own = encoder.table.value.array
    if let vectors {
      let expansion = try VocabularyExpansion(vectors, vocabulary: words, table: own)
      table = expansion.table()
      self.expansion = (table.words.count, expansion.shared, expansion.map.explained)
    } else {
      table = ExpandedTable(words: words, numbers: own)
      expansion = nil
    }
    title = vectors == nil ? "CPC" : "CPC, more words"
    facts = [
      "checkpoint": .string(checkpoint.digest ?? ""), "updates": .int(known.state.update),
      "settings": .object(settings),
    ]
  }

  public var columns: Int { specification.channels }

  /// The mean of the model's own vectors of a sentence's words: what its convolution is to be above.
  public var meanOfItsWords: MeanOfWords {
    MeanOfWords(TableWords(table: table), title: "mean of CPC's word vectors", rules: rules)
  }

  /// Sentences are read whole, however many words the model was trained on.
  public func encode(_ sentences: [[String]], into vectors: Matrix<Float>, _ workers: Workers) throws -> WordCoverage {
    var specification = specification
    specification.words = table.words.count
    specification.sentenceWords = max(1, sentences.reduce(0) { max($0, $1.count) })
    specification.sentences = max(1, Self.wordsAtOnce / specification.sentenceWords)
    let encoder = specification.makeEncoder(Float.self, windows: 1, training: false)
    encoder.table.load(table.numbers, into: encoder.table.value)
    for (parameter, elements) in zip(encoder.parameters.dropFirst(), parameters) {
      parameter.load(elements, into: parameter.value)
    }
    let latents = Buffer<Float>(count: specification.sentences * columns)
    let input = encoder.input(of: 0)
    let lengths = input + specification.sentences * specification.sentenceWords
    for first in stride(from: 0, to: sentences.count, by: specification.sentences) {
      let chosen = sentences[first..<min(sentences.count, first + specification.sentences)]
      for i in 0..<specification.sentences {
        let words = i < chosen.count ? chosen[first + i] : []
        for (place, word) in words.enumerated() {
          input[i * specification.sentenceWords + place] = Float(table.id(of: word.utf8) ?? 0)
        }
        // One word at least: what comes of a sentence without any is not looked at.
        lengths[i] = Float(max(1, words.count))
        if words.isEmpty { input[i * specification.sentenceWords] = 0 }
      }
      encoder.forward(to: latents.pointer, workers)
      for (i, words) in chosen.enumerated() {
        if words.isEmpty {
          vectors.row(first + i).update(repeating: 0, count: columns)
        } else {
          vectors.row(first + i).update(from: latents.pointer + i * columns, count: columns)
        }
      }
    }
    return WordCoverage(of: sentences) { table.id(of: $0.utf8).map { $0 > 0 } ?? false }
  }

  private static let wordsAtOnce = 8192
}

/// The vectors of a table; unknown words have that of id 0, as in training.
private struct TableWords: WordLookup {
  let table: ExpandedTable

  var columns: Int { table.width }

  func vector(of word: String) -> [Float]? {
    guard let id = table.id(of: word.utf8), id > 0 else { return nil }
    return Array(table.numbers[id * columns..<(id + 1) * columns])
  }
}

/// Vectors of words that others have trained.
public struct GivenWords: WordLookup {
  private let vectors: WordVectors

  public init(_ vectors: WordVectors) { self.vectors = vectors }

  public var columns: Int { vectors.dimensions }

  public func vector(of word: String) -> [Float]? {
    vectors.place(of: word.utf8).map { Array(vectors.vector($0)) }
  }
}
