public import ArgumentParser
public import CommandSupport
import FileIO
import OrderedJSON
public import SentenceModels
import Shards
import Training
public import WordVectors

/// What tells which words a model of texts knows: the flags of every tool that gives it sentences.
public struct WordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A dataset whose vocabulary is the model's (default: the one that the run's config.json names).",
      valueName: "dataset"), completion: .directory)
  public var vocabularyOf: String?

  @Option(
    help: ArgumentHelp(
      "Vectors of words that others have trained: word2vec's text or binary format or GloVe's, perhaps compressed.",
      valueName: "file"), completion: .file())
  public var vectors: String?

  public init() {}

  public func givenVectors(_ console: Console) throws -> WordVectors? {
    guard let vectors else { return nil }
    let given = try WordVectors(reading: vectors)
    for problem in given.problems.examples { console.warn("\(problem)") }
    if !given.problems.isEmpty { console.warn("\(vectors): \(given.problems.summary)") }
    console.note("\(vectors): \(counted(given.count, "word")), \(given.dimensions) numbers each")
    return given
  }

  /// The model of a checkpoint or of a run's folder, and with given vectors the same with more words.
  public func models(of model: String, _ given: WordVectors?, _ console: Console) throws -> [SentenceModel] {
    let checkpoint = try FeatureOptions.checkpoint(at: model)
    // What is wrong with the model comes before what is not known of its words.
    try SentenceModel.requireTexts(checkpoint)
    let dataset = try Dataset(opening: vocabularyOf ?? Self.dataset(of: model))
    var models = [try SentenceModel(checkpoint: checkpoint, dataset: dataset)]
    if let given {
      let expanded = try SentenceModel(checkpoint: checkpoint, dataset: dataset, vectors: given)
      if let expansion = expanded.expansion {
        console.note(
          "\(model): \(grouped(expansion.words)) words with those of \(vectors ?? ""); the map is fitted to the "
            + "\(counted(expansion.shared, "word")) of both, and explains \(Int((100 * expansion.explained).rounded())) % of their vectors"
        )
      }
      models.append(expanded)
    }
    return models
  }

  private static func dataset(of run: String) throws -> String {
    let config = "\(run)/config.json"
    guard Folder.kind(of: config) == .file,
      let path = try JSON(parsing: File.contents(of: config))["dataset"]?.stringValue, Folder.kind(of: path) == .folder
    else {
      throw Failure(
        .usage, path: run, "where the model's vocabulary is cannot be told", hint: "--vocabulary-of DATASET names it")
    }
    return path
  }
}
