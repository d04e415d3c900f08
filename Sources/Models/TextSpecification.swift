import FileIO
public import Kernels
public import Networks
public import OrderedJSON
public import Sampling

/// The paper's model of text (§3.3): a sentence is the mean over its words of a convolution over their vectors, and a GRU
/// over the sentences predicts the ones that follow.
///
/// What the paper does not say is as in its author's own account: words' vectors of 620, six sentences of at most 32 words,
/// 20,000 words; and the convolution is one word wide, as in the published code.
///
/// Parameters are named as in the PyTorch module of the same model: `embedding.weight`, `encoder.weight` …
/// `context.weight_ih_l0` … `heads.2.weight`.
public struct TextSpecification: ModelSpecification, Equatable {
  public static let kind = "text"
  public static let settingsOfRecords = ["words", "vocabulary", "sentences", "sentence_words"]

  /// Words that have an id, the unknown one among them.
  public var words = 20_000
  /// XXH3-128 of these words, as a dataset's schema has it; empty for any words.
  public var vocabulary = ""
  /// Of a window, and the most words of one.
  public var sentences = 6
  public var sentenceWords = 32
  /// Numbers of a word's vector.
  public var embedding = 620
  /// Words that the convolution sees at once.
  public var kernel = 1
  public var channels = 2400
  public var context = 2400
  public var stepsAhead = 3
  public var normalisation = EncoderNormalisation.none
  public var score = ScoreScale.sum
  public var precision = Precision.single

  public init() {}

  /// The paper's model for the records of a dataset.
  ///
  /// - Parameters:
  ///   - facts: of its schema.
  ///   - sentences: of a record.
  ///   - words: for which a sentence has room.
  public init(facts: JSONObject, sentences: Int, sentenceWords words: Int) throws {
    let reader = SettingsReader(facts, of: "the dataset")
    self.words = try reader.value("words") { $0.intValue }
    vocabulary = try reader.value("vocabulary") { $0.stringValue }
    (self.sentences, sentenceWords) = (sentences, words)
    stepsAhead = min(stepsAhead, max(1, sentences - 1))
  }

  public init(settings: JSONObject) throws {
    let reader = SettingsReader(ModelKinds.completed(settings), of: "the model")
    func count(_ key: String, _ most: Int = 65_536) throws -> Int {
      try reader.value(key) { $0.intValue.flatMap { (1...most).contains($0) ? $0 : nil } }
    }
    _ = try ModelKinds([Self.self]).type(of: settings)
    normalisation = try reader.choice("normalisation")
    score = try reader.value("score") { ScoreScale($0.stringValue ?? "", settings["temperature"]?.doubleValue) }
    precision = try reader.choice("precision")
    words = try count("words", Self.mostWords)
    vocabulary = try reader.value("vocabulary") { $0.stringValue }
    (sentences, sentenceWords) = (try count("sentences", 1024), try count("sentence_words", 4096))
    (embedding, kernel) = (try count("embedding"), try reader.value("kernel") { $0.intValue.flatMap(Self.width) })
    (channels, context) = (try count("channels"), try count("context"))
    stepsAhead = try reader.value("steps_ahead") {
      $0.intValue.flatMap { 1..<sentences ~= $0 && $0 <= NegativeSampler.mostSteps ? $0 : nil }
    }
  }

  /// Ids have 16 bits.
  private static let mostWords = 1 << 16

  private static func width(_ kernel: Int) -> Int? { kernel % 2 == 1 && 1...31 ~= kernel ? kernel : nil }

  public var json: JSONObject {
    var temperature = JSON.null
    if case .cosine(temperature: let value) = score { temperature = .real(value) }
    return [
      "normalisation": .string(normalisation.rawValue), "score": .string(score.name), "temperature": temperature,
      "precision": .string(precision.rawValue), "words": .int(words), "vocabulary": .string(vocabulary),
      "sentences": .int(sentences), "sentence_words": .int(sentenceWords), "embedding": .int(embedding),
      "kernel": .int(kernel), "channels": .int(channels), "context": .int(context), "steps_ahead": .int(stepsAhead),
    ]
  }

  public func validate() throws {
    try require((1...Self.mostWords).contains(words), "words", "must be from 1 to \(Self.mostWords)")
    try validateWindow()
    try require((1...65_536).contains(embedding), "embedding", "must be from 1 to 65536")
    try require(
      Self.width(kernel) != nil, "kernel", "must be odd, from 1 to 31: a word is in the middle of what it sees")
    try require((1...65_536).contains(channels), "channels", "must be from 1 to 65536")
    try require((1...65_536).contains(context), "context", "must be from 1 to 65536")
    let steps = min(sentences - 1, NegativeSampler.mostSteps)
    try require(
      (1...steps).contains(stepsAhead), "steps_ahead", "must be from 1 to \(steps): a window has \(sentences) sentences"
    )
    if case .cosine(temperature: let temperature) = score {
      try require(temperature.isFinite && temperature > 0, "temperature", "must be positive")
    }
    try require(
      channels > 1 || normalisation == .none, "normalisation", "channel needs \(setting: "channels") above 1")
  }

  public func validateWindow() throws {
    try require((2...1024).contains(sentences), "sentences", "must be from 2 to 1024: a prediction takes two")
    try require((1...4096).contains(sentenceWords), "sentence_words", "must be from 1 to 4096")
  }

  /// Throws unless a dataset's words have the ids that this model knows.
  public func requireFacts(_ facts: JSONObject, path: String) throws {
    let (theirs, digest) = (facts["words"]?.intValue ?? 0, facts["vocabulary"]?.stringValue ?? "")
    guard theirs == words, vocabulary.isEmpty || isSame(digest, vocabulary) else {
      throw Failure(
        .usage, path: path,
        "its \(theirs) words (\(digest)) are not the \(words) that the model knows (\(vocabulary)): the same number is "
          + "another word in each",
        hint: "a dataset made with the vocabulary of the one that the model was trained on, \(setting: "vocabulary")")
    }
  }

  public var lattice: Lattice { Lattice(rows: sentences) }
  public var steps: Int { stepsAhead }
  public var units: Int { context }
  public var window: Int { sentences }
  public var inputCount: Int { sentences * (sentenceWords + 1) }
  public var payload: [(plane: String, bytes: Int)] {
    [
      (TextTransform.tokens, 2 * sentences * sentenceWords),
      (TextTransform.lengths, sentences * TextTransform.lengthBytes(words: sentenceWords)),
    ]
  }

  public func makeModel<Element: Operand>(
    _: Element.Type, windows: Int, pool: CandidatePool, negatives: Int?, seed: UInt64, workers: Workers, training: Bool
  ) -> ContrastiveModel<Element> {
    let encoder = makeEncoder(Element.self, windows: windows, training: training)
    let context = GRU<Element>(
      "context", inputs: channels, units: context, windows: windows, frames: sentences, training: training)
    return ContrastiveModel(
      encoder, context, windows: windows, steps: stepsAhead, score: score, pool: pool, negatives: negatives, seed: seed,
      workers: workers, training: training)
  }

  /// The encoder alone.
  public func makeEncoder<Element: Operand>(
    _: Element.Type, windows: Int, training: Bool
  ) -> WordConvolutionEncoder<Element> {
    WordConvolutionEncoder(
      "encoder", table: "embedding", norm: normalisation == .channel ? "norm" : nil, windows: windows,
      sentences: sentences, words: sentenceWords, vocabulary: words, embedding: embedding, kernel: kernel,
      channels: channels, training: training)
  }

  public func makeTransform(for windows: some PayloadSource) -> any InputTransform { transform }

  /// What makes a window's numbers of its record.
  public var transform: TextTransform {
    TextTransform(sentences: sentences, words: sentenceWords, vocabulary: words)
  }

  public static func transform(metadata: (String) -> String?) -> (any InputTransform)? {
    TextTransform(metadata: metadata)
  }
}
