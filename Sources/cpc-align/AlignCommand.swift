import Alignment
import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import Kernels
import Labels
import Manifests
import OrderedJSON
import ReadingOptions

struct AlignCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "align",
    abstract: "Give each utterance of a manifest or corpus its phones and their times (the default subcommand).",
    discussion: """
      Reads a manifest written by cpc-scan, or a corpus directly, and writes the manifest again, each line with its \
      phones: [["SIL",0.0,0.21],["HH",0.21,0.28],…], in seconds, on a grid of 10 ms. An acoustic model (hidden Markov \
      models of phones with Gaussian mixtures, on MFCCs) is trained on the very corpus that it then aligns; nothing else \
      is needed. A model can also be saved and used again. First, states that are the same in every context find the \
      pronunciation of each word and the silences; then states that depend on the phones beside them find the times.

      Pronunciations come from --lexicon, a text file in the format of CMUdict or of LibriSpeech's lexicon; words that \
      it does not have, and all words without it, from flite's English lexicon and letter-to-sound rules. For other \
      languages give --lexicon and --phone-set (a phone a line, SIL for silence and SPN for noise among them).

      An utterance without transcript, or one that cannot be aligned, is named, passed on without phones, and makes the \
      exit status 1. Features are kept in a temporary file (TMPDIR) of 19 MB an hour of audio. Training takes at most \
      --train-hours of the corpus, spread evenly over it.

      With --words each line also has its words as the transcript has them, in capitals: words: [["HELLO",0.21,0.55],…], \
      from the start of a word's first phone to the end of its last, and no silences. \
      Without, words that a line has already stay as they are.

      EXAMPLES
        A corpus as it was downloaded becomes a dataset with phone labels:
          cpc-scan dev-clean.tar.gz | cpc-align | cpc-shard -o dev

        With a lexicon, and a list of what to doubt, worst first:
          cpc-align dev-clean.tar.gz --lexicon cmudict.dict \\
            --report doubt.jsonl -o dev.jsonl

        What a lexicon lacks, so that it can be mended:
          cpc-align dev-clean.tar.gz --lexicon cmudict.dict \\
            --oov missing.tsv -o dev.jsonl

        Words, too, as a CTM; words and phones for Praat:
          cpc-align dev-clean.tar.gz --words -o dev.jsonl
          cpc-align convert dev.jsonl --tier words --to ctm -o dev.ctm
          cpc-align convert dev.jsonl --to textgrid -o textgrids

        Train on one corpus, align another:
          cpc-align train-clean-100.tar.gz --save-model english.safetensors \\
            -o train.jsonl
          cpc-align dev-clean.tar.gz --model english.safetensors -o dev.jsonl

      EXIT STATUS
        0 good; 1 failed, or finished with some inputs without phones; 64 wrong usage.
      """)

  @Argument(
    help: ArgumentHelp(
      "A manifest, or folders and archives; '-' is standard input, which is also the default unless it is a terminal.",
      valueName: "input"), completion: .file())
  var inputs: [String] = []

  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Where the manifest goes; '-' is standard output, the default.", valueName: "file"),
    completion: .file())
  var output: String?

  @Option(help: ArgumentHelp("Pronunciations. Default: flite's, for English.", valueName: "file"), completion: .file())
  var lexicon: String?

  @Option(
    help: ArgumentHelp("The phones, one a line. Default: SIL, SPN and the 39 of CMUdict.", valueName: "file"),
    completion: .file())
  var phoneSet: String?

  @Option(help: phoneMapHelp, completion: .file())
  var phoneMap: String?

  @Flag(help: "Train the acoustic model on the corpus itself. This is the default unless there is --model.")
  var train = false

  @Option(
    help: ArgumentHelp("Use this acoustic model instead of training one.", valueName: "file"), completion: .file())
  var model: String?

  @Option(help: ArgumentHelp("Keep the trained acoustic model (safetensors).", valueName: "file"), completion: .file())
  var saveModel: String?

  @Option(help: "Rounds of training, without contexts.")
  var iterations = ModelTrainingOptions().iterations

  @Option(help: "Gaussians of the states without contexts.")
  var gaussians = ModelTrainingOptions().gaussians

  @Option(help: "States that depend on the phones beside them, at most; 0 does without.")
  var contextStates = ModelTrainingOptions().contextStates

  @Option(help: "Gaussians of these states.")
  var contextGaussians = ModelTrainingOptions().contextGaussians

  @Option(help: ArgumentHelp("At most so much of the corpus is used for training.", valueName: "hours"))
  var trainHours = ModelTrainingOptions().hours

  @Option(
    help: ArgumentHelp("Lists all aligned utterances, the most doubtful first, with reasons.", valueName: "file"),
    completion: .file())
  var report: String?

  @Option(
    help: ArgumentHelp(
      """
      Lists the words that --lexicon does not have, the most frequent first: count, word, pronunciations that were \
      guessed. In English, a word that it has with 's, 'll, 've, 'd or 're after it counts as had.
      """,
      valueName: "file"), completion: .file())
  var oov: String?

  @Flag(help: "Write the words with their times, too, under the key words.")
  var words = false

  @OptionGroup var reading: CorpusFlags

  @Option(
    help: ArgumentHelp(
      """
      What relative sources are relative to. Default, of a manifest: its folder, for a pipe the working folder; of a \
      corpus: the folder of --output, on standard output sources stay as given.
      """, valueName: "dir"), completion: .directory)
  var root: String?

  @Option(help: "Threads. Default: one for each core that the process may use.", transform: readCount)
  var threads: Int?

  @Flag(help: "Replace output files that exist. Default: refuse.")
  var force = false

  @Flag(help: "Stop at the first bad input.")
  var strict = false

  @Flag(help: "Print a summary as JSON on standard output; needs -o.")
  var json = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if saveModel == "-" { throw ValidationError("--save-model must name a file") }
    let toOutput = ([output ?? "-", report, oov] + (json ? ["-"] : [])).compactMap { $0 }.count { $0 == "-" }
    if toOutput > 1 {
      throw ValidationError("the manifest, --report -, --oov - and --json cannot share standard output: -o FILE")
    }
    let files = [output, saveModel, report, oov].compactMap { $0 }.filter { $0 != "-" }
    if Set(files.map { Name($0) }).count < files.count {
      throw ValidationError("-o, --save-model, --report and --oov must be different files")
    }
    if oov != nil, lexicon == nil {
      throw ValidationError(
        "--oov needs --lexicon: flite's rules pronounce any English word, so none is missing")
    }
    if let threads, !(1...1024).contains(threads) { throw ValidationError("--threads must be from 1 to 1024") }
    if !(1...1000).contains(iterations) { throw ValidationError("--iterations must be from 1 to 1000") }
    if !(1...100_000).contains(gaussians) { throw ValidationError("--gaussians must be from 1 to 100000") }
    if !(0...100_000).contains(contextStates) { throw ValidationError("--context-states must be from 0 to 100000") }
    if !(1...1_000_000).contains(contextGaussians) {
      throw ValidationError("--context-gaussians must be from 1 to 1000000")
    }
    if !(trainHours > 0) { throw ValidationError("--train-hours must be positive") }
    if model != nil, train || saveModel != nil || phoneSet != nil {
      throw ValidationError("--model goes without --train, --save-model and --phone-set: the model has its phones")
    }
    let usual = ModelTrainingOptions()
    if model != nil,
      iterations != usual.iterations || gaussians != usual.gaussians || contextStates != usual.contextStates
        || contextGaussians != usual.contextGaussians || trainHours != usual.hours
    {
      throw ValidationError(
        "--iterations, --gaussians, --context-states, --context-gaussians and --train-hours are for training a model: "
          + "--model has one")
    }
    if phoneMap != nil, lexicon == nil { throw ValidationError("--phone-map needs --lexicon") }
  }

  func execute(_ console: Console) throws -> Bool {
    if json { try File.standardOutput.requireWritable() }
    let model = try model.map { try AlignmentModel(contentsOf: $0) }
    if model?.isChecked == false {
      console.note("\(self.model!): of an earlier version, without a digest: whether it is intact is not known")
    }
    let set = try model?.phoneSet ?? phoneSet.map { try PhoneSet(named: $0) } ?? .cmu41
    let map = try phoneMap.map { try PhoneMap(named: $0) } ?? PhoneMap()
    let pronouncer = try Pronouncer(
      phoneSet: set, lexicon: try lexicon.map { try Lexicon(contentsOf: $0, phoneSet: set, phoneMap: map) })
    let inputs = try inputsOrStandardInput(inputs)
    for warning in try MatrixLibrary.choice().warnings { console.warn(warning) }
    let result = try ResultFile(output, force: force)
    let doubt = try report.map { try ResultFile($0, force: force) }
    let missing = try oov.map { try ResultFile($0, force: force) }
    let kept = try saveModel.map { try ResultFile($0, force: force, isReplaced: true) }
    // Audio that is being decoded comes on top.
    try MatrixLibrary.requireAddressSpace(threads: threadCount, others: 256 << 20)
    let corpus = try open(inputs)
    try corpus.requireUtterance { console.report($0) }
    let summary = try alignCorpus(corpus, pronouncer: pronouncer, options: options(model, console, result)) { entry in
      var bytes: [UInt8] = []
      entry.write(to: &bytes)
      try result.write(bytes)
    }
    try result.finish()
    if let doubt {
      try doubt.write(summary.doubt.lines)
      try doubt.finish()
    }
    if let missing {
      try missing.write(Array(pronouncer.unknownWordLines.utf8))
      try missing.finish()
    }
    try kept?.finish { try summary.model.save(to: $0) }
    console.finish()
    let closing = AlignmentReport(summary: summary, pronouncer: pronouncer, warnings: console.warnings)
    for line in closing.lines(trained: model == nil, report: report, oov: oov) { console.note(line) }
    if json { try File.standardOutput.write(closing.json.compact + "\n") }
    return summary.problems == console.warnings
  }

  private var threadCount: Int { threads ?? AvailableCores.current.count }

  private func open(_ inputs: [String]) throws -> Corpus {
    let options = reading.options(root: root ?? folderOfOutput(inputs), audioRoot: root)
    return try Corpus.opening(inputs, options: options).corpus
  }

  /// Only a corpus has its sources written relative to the output; a manifest's stay what they are.
  private func folderOfOutput(_ inputs: [String]) -> String? {
    guard let output, output != "-", Folder.kind(of: output) != .other, !inputs.contains("-"),
      inputs.allSatisfy({ !isManifest($0) })
    else { return nil }
    return Folder.parent(of: output)
  }

  private func isManifest(_ path: String) -> Bool {
    guard Folder.kind(of: path) == .file, let file = try? File.reading(path) else { return false }
    return (try? InputKind.of(file).kind) == .manifest
  }

  private func options(_ model: AlignmentModel?, _ console: Console, _ result: ResultFile) -> AlignmentOptions {
    var options = AlignmentOptions()
    options.training.iterations = iterations
    options.training.gaussians = gaussians
    options.training.hours = trainHours
    options.training.contextStates = contextStates
    options.training.contextGaussians = contextGaussians
    options.model = model
    options.threads = threadCount
    options.words = words
    options.strict = strict
    let isWatched = result.isTerminal
    options.progress = { console.show($0, besideResults: isWatched) }
    options.report = { console.reportWithoutPhones($0) }
    return options
  }
}

extension Console {
  /// Names what comes out without phones, or not at all.
  fileprivate func reportWithoutPhones(_ problem: InputProblem) {
    report(problem, as: problem.id == nil ? "skipped" : "no phones")
  }
}
