public import ArgumentParser
import CommandSupport
import FeatureOptions
import FileIO
import Kernels
import OrderedJSON
import ReadingOptions
import SentenceModels
import Text
public import Transfer

struct TransferCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "transfer",
    abstract: "Judge vectors of sentences by what they tell of published sets: MR, CR, Subj, MPQA, TREC.",
    discussion: """
      Sets are files of label, tab and sentence, one a line (.tsv, .txt or .tab, perhaps compressed), folders of them, or \
      an archive; NAME.train and NAME.test are one set. Lines end at line feeds alone. A logistic regression is fitted to \
      sentence vectors; the strength of its penalty is chosen inside the training part. --protocol says whose folds and \
      strengths these are:

        senteval       ten stratified folds of sentences sorted by length and label; C of 1/4 to 8 by ten more in each; \
      with a test part C of 1/2 to 32 by ten folds (SentEval's scikit-learn back end)
        skip-thoughts  ten folds of shuffled sentences, C of 1 to 256 by ten more in each (skip-thoughts' own programs)

      Both shuffle as NumPy and scikit-learn do. The fit is scikit-learn's of today: multinomial, the intercept is not \
      penalised. Printed beside: always saying the most frequent class; the mean of random vectors of words, of those \
      of --vectors, and of the model's own; the paper's rows. ± is the deviation over folds, or of a test part the \
      standard error. With --model and --vectors a linear map between the words that both have tells the model of those \
      that it was not trained on.

      EXAMPLES
        The sets of an archive, as SentEval divides them:
          cpc-probe transfer --protocol senteval transfer-sets.tar.gz
        Words of the model, and those that it was not trained on:
          cpc-probe transfer sets/ --model run --vectors GoogleNews-vectors.bin
        Files, as the paper's authors did it; results for cpc-report:
          cpc-probe transfer --protocol skip-thoughts mr.tsv \\
            trec.train.tsv trec.test.tsv -o results.jsonl
        Tables for a paper:
          cpc-probe transfer sets/ --csv tables --latex

      EXIT STATUS
        0 good; 1 failed, or some files or lines were bad; 64 wrong usage.
      """)

  @Argument(
    help: ArgumentHelp("Files of labelled sentences, folders or archives.", valueName: "sets"), completion: .file())
  var sets: [String]

  @Option(
    name: .customLong("protocol"),
    help: ArgumentHelp("How sets are divided and penalties chosen.", valueName: "senteval|skip-thoughts"))
  var transferProtocol = TransferProtocol.senteval

  @Option(
    help: ArgumentHelp("A checkpoint or a run's folder, of a model of texts.", valueName: "run"), completion: .file())
  var model: String?
  @OptionGroup(title: "WORDS") var words: WordOptions
  @OptionGroup(title: "TEXT") var text: TextOptions

  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @OptionGroup var output: ProbeOutput

  @Option(
    help: ArgumentHelp("Write the accuracy of each fold to transfer.csv in this folder.", valueName: "folder"),
    completion: .directory)
  var csv: String?

  @Flag(help: "Print rows of a LaTeX table.")
  var latex = false

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard !sets.contains("-") else { throw ValidationError("sets are files and folders: '-' is none") }
    guard words.vocabularyOf == nil || model != nil else { throw ValidationError("--vocabulary-of goes with --model") }
    guard !(latex && result.json) else { throw ValidationError("--latex and --json both need standard output") }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    if let flag = text.givenOfCorpora { throw ValidationError("\(flag) is for corpora of texts") }
  }

  func execute(_ console: Console) throws -> Bool {
    try output.begin(prints: true, console)
    var files = SetFiles()
    for path in sets { try files.add(path) }
    let reader = try SetReader(files, encoding: text.encoding.map { try TextEncoding($0) })
    let report = TransferReport(reader, passed: files.passed, console)
    guard !reader.sets.isEmpty else {
      throw Failure(.badInput, "no set of labelled sentences is left", hint: "a line is a label, a tab and a sentence")
    }
    let probe = TransferProbe(transferProtocol, Workers(count: threads ?? AvailableCores.current.count))
    let judged = try judged(console)
    var results: [TransferResult] = []
    for set in reader.sets.map(\.set) {
      let majority = try naming(set) { try probe.majority(set) }
      report.tell(majority)
      results.append(majority)
      for vectors in judged {
        results.append(try naming(set) { try probe.run(set, by: vectors, progress: { console.show($0) }) })
        console.finish()
        report.tell(coverage: results[results.count - 1])
      }
    }
    let facts = facts
    try output.write(results.map { $0.json(facts: facts) })
    let table = TransferTable(results)
    if let csv {
      try Folder.create(csv)
      try writeAtomically(to: "\(csv)/transfer.csv") { try $0.write(table.csv) }
    }
    if result.json {
      for result in results { try File.standardOutput.write(JSON.object(result.json(facts: facts)).compact + "\n") }
    } else {
      try File.standardOutput.write(latex ? table.latex : report.text(table, results))
    }
    return report.isGood
  }

  /// What is judged, in the order of the table's rows: floors first.
  private func judged(_ console: Console) throws -> [any SentenceVectors] {
    let given = try words.givenVectors(console)
    let models = try model.map { try words.models(of: $0, given, console) } ?? []
    // All by the words of the model, if there is one.
    let rules = models.first?.rules ?? text.rules
    var judged: [any SentenceVectors] = [MeanOfWords(RandomWords(), title: "mean of random vectors", rules: rules)]
    if let given { judged.append(MeanOfWords(GivenWords(given), title: "mean of given vectors", rules: rules)) }
    if let first = models.first { judged.append(first.meanOfItsWords) }
    return judged + models
  }

  private var facts: JSONObject {
    let rules = text.rules
    return [
      "tokens": .string(rules.tokens.rawValue), "case": .string(rules.letterCase.rawValue),
      "icu": .string(rules.versions.icu),
    ]
  }

  private func naming<Value>(_ set: TransferSet, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch var failure as Failure {
      failure.path = failure.path ?? set.name
      throw failure
    }
  }
}

extension TransferProtocol: ExpressibleByArgument {}
