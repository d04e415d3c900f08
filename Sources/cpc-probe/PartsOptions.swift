import ArgumentParser
import CommandSupport
import Evaluation
import FileIO
import Manifests
import OrderedJSON
import Shards

/// What a probe learns from and what it is tested on, and what it is to tell.
struct PartsOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      What is to be told of a frame: phones, or another plane of labels or integers; speaker (or group); or a key of the \
      utterance list, for example session. Several may be given.
      """, valueName: "name"))
  var target: [String] = ["phones"]

  @Option(
    help: ArgumentHelp(
      "The split whose parts are learnt from and tested on (default: the one named default, if any).", valueName: "name"
    ))
  var splitName: String?

  @Option(help: ArgumentHelp("The part to learn from (default: train).", valueName: "part"))
  var trainPart: String?

  @Option(
    help: ArgumentHelp("The part to be tested on (default: test, or where there is none valid).", valueName: "part"))
  var testPart: String?

  @Option(
    help: ArgumentHelp("Utterances to learn from, one id a line, as published lists have them.", valueName: "file"),
    completion: .file())
  var trainList: String?

  @Option(help: ArgumentHelp("Utterances to be tested on, likewise.", valueName: "file"), completion: .file())
  var testList: String?

  @Option(
    help: ArgumentHelp(
      "Where there is no split: the share of utterances, drawn by --probe-seed, to be tested on (default: 0.2).",
      valueName: "share"), transform: readShare)
  var testFraction: Double?

  @Option(help: "Seed of the draw of parts, of the dev part, and of the bootstrap.")
  var probeSeed: UInt64 = 1

  func validate() throws {
    guard (trainList == nil) == (testList == nil) else {
      throw ValidationError("--train-list and --test-list go together")
    }
    let given = [
      ("--split-name", splitName != nil || trainPart != nil || testPart != nil), ("--train-list", trainList != nil),
      ("--test-fraction", testFraction != nil),
    ].filter(\.1).map(\.0)
    guard given.count < 2 else { throw ValidationError("\(given[0]) and \(given[1]) exclude each other") }
    if let testFraction, !(testFraction > 0 && testFraction < 1) {
      throw ValidationError("--test-fraction must lie between 0 and 1")
    }
  }

  func parts(of dataset: Dataset, _ console: Console?) throws -> ProbeParts {
    if let trainList, let testList {
      let parts = try ProbeParts(
        train: SplitList(part: "train", reading: File.reading(trainList)),
        test: SplitList(part: "test", reading: File.reading(testList)), of: dataset)
      if let example = parts.unknown.example {
        console?.warn(
          "\(trainList), \(testList): \(counted(parts.unknown.count, "id")) that \(Folder.name(of: dataset.folder)) lacks: "
            + example)
      }
      return parts
    }
    let hasDefault = dataset.splitNames.contains { isSame($0, "default") }
    if testFraction != nil || (splitName == nil && trainPart == nil && testPart == nil && !hasDefault) {
      return try ProbeParts(testFraction: testFraction ?? 0.2, seed: probeSeed, of: dataset)
    }
    return try ProbeParts(split: splitName, train: trainPart ?? "train", test: testPart, of: dataset)
  }
}
