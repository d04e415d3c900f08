import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import RunOptions
import Sampling
import Shards
import Training

struct PlanCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "The batches of any update of a training run, and who is a candidate, without training.",
    discussion: """
      The order of training data is a pure function of the seed and the number of a batch, so any update is at hand. \
      Give the flags that cpc-train gets, those that are listed here; --updates is a range. Updates count from 1, as in log.jsonl; epochs, ranks, records and batches from 0. First comes what an \
      epoch is: its batches, the windows that come twice in it to fill last batches, what is left out, and what is left \
      over at the ends of utterances.

      --mask draws one anchor instead: a line for each window of a batch, a character for each latent.

      EXAMPLES
        The first batch of a run with cpc-train's defaults:
          cpc-inspect plan ls100
        Batches of one speaker, updates 1000 to 1009:
          cpc-inspect plan ls100 --negatives same-speaker --updates 1000-1009
        What the second of four workers takes first:
          cpc-inspect plan ls100 --rank 1 --ranks 4
        The speakers of each of the first 100 updates:
          cpc-inspect plan ls100 --updates 1-100 --json |
            jq -c 'select(.windows) | [.windows[] | .speaker // .group] | unique'
        Where random crops begin, in samples:
          cpc-inspect plan ls100 --crop random --seed 7
        The candidates of one anchor, and a draw of 20 of them:
          cpc-inspect plan --mask --negatives same-speaker-excl
          cpc-inspect plan --mask --num-negatives 20
      """)

  @Argument(help: "A dataset folder.", completion: .directory)
  var dataset: String?
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Plan") var plan: PlanOptions
  @OptionGroup(title: "Mask") var mask: MaskOptions
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    if mask.mask {
      let configuration = try data.configuration()
      guard dataset == nil else { throw Failure(.usage, "--mask takes no dataset: it depends on the flags alone") }
      let batch = plan.batches(of: configuration, update: plan.given?.lowerBound ?? 1)[0]
      let mask = try CandidateMask(configuration, mask, batch: batch)
      try File.standardOutput.write(result.json ? mask.json.compact + "\n" : mask.text)
      return true
    }
    guard let dataset else { throw Failure(.usage, "no dataset", hint: "name a dataset folder, or use --mask") }
    try mask.refuse()
    let contents = try Dataset(opening: dataset)
    let configuration = try data.configuration(of: contents.schema)
    let report = try PlanReport(contents, data.division(of: contents, configuration), configuration, plan)
    try File.standardOutput.write(result.json ? report.headJSON.compact + "\n" : report.head)
    let updates = plan.given ?? 1...1
    let isWatched = File.standardOutput.isTerminal
    for update in updates {
      for number in plan.batches(of: configuration, update: update) {
        try File.standardOutput.write(
          result.json
            ? report.batchJSON(number, update: update).compact + "\n" : report.batch(number, update: update))
      }
      console.show(
        Progress(done: update - updates.lowerBound + 1, total: updates.count, unit: "updates"),
        besideResults: isWatched)
    }
    return true
  }
}

struct PlanOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Which update, from 1.", valueName: "n"), transform: readCount)
  var update: Int?
  @Option(help: ArgumentHelp("Which updates, from 1.", valueName: "first-last"))
  var updates: String?
  @Option(help: "Which worker, from 0.", transform: readCount)
  var rank = 0
  @Option(help: "Workers that share the plan.", transform: readCount)
  var ranks = 1

  func validate() throws {
    func require(_ condition: Bool, _ reason: String) throws {
      if !condition { throw ValidationError(reason) }
    }
    try require((1...65_536).contains(ranks), "--ranks must be from 1 to 65536")
    try require((0..<ranks).contains(rank), "--rank must be from 0 to \(ranks - 1): there are \(ranks) ranks")
    try require(update == nil || updates == nil, "--update and --updates exclude each other")
    try require(range != nil, "updates count from 1, to at most a billion; a range is, for example, 1-10")
  }

  /// The updates that the flags name, if they name any.
  var given: ClosedRange<Int>? { update == nil && updates == nil ? nil : range! }

  /// The global batches of this rank that make `update`.
  func batches(of configuration: TrainingConfiguration, update: Int) -> [Int] {
    let accumulate = configuration.accumulate
    return (0..<accumulate).map {
      BatchPlan.globalBatch(update: (update - 1) * accumulate + $0, rank: rank, ranks: ranks)
    }
  }

  private var range: ClosedRange<Int>? {
    let ends =
      updates.map { $0.pieces(at: "-").map { Int($0) } }
      ?? [update ?? 1, update ?? 1]
    guard ends.count == 2, let first = ends[0], let last = ends[1], first >= 1, last >= first, last <= 1_000_000_000
    else { return nil }
    return first...last
  }
}
