import ArgumentParser
import CommandSupport

/// Of each command that makes a dataset.
struct NewDatasetOptions: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp(
      "The dataset folder to make. With make, '-' writes a record stream to standard output.", valueName: "output"),
    completion: .directory)
  var output = ""

  @Option(
    help: ArgumentHelp(
      """
      A shard closes before the utterance that would take it past this many records. Default: 4096, or as in the dataset \
      that is selected from.
      """, valueName: "records"), transform: readCount)
  var shardRecords: Int?

  @Option(help: "The corpus's name, for dataset.json.")
  var corpusName: String?

  @Option(help: "The corpus's licence, for dataset.json.")
  var licence: String?

  func validate() throws {
    if let shardRecords, shardRecords < 1 { throw ValidationError("--shard-records must be at least 1") }
  }

  /// Refuses all but the name of a folder.
  func requireFolder() throws {
    guard !output.isEmpty else { throw ValidationError("-o must name a folder") }
    guard output != "-" else { throw ValidationError("-o cannot be '-': what is made is a folder") }
  }
}

/// Of each command that writes and joins what others have listed.
struct WritingOptions: ParsableArguments {
  @Flag(
    help: ArgumentHelp(
      """
      Replace a dataset, an added plane, or what another interrupted command left. Never removes anything else. The old \
      dataset goes when inputs, parts and space have been checked, before the first utterance is decoded.
      """))
  var force = false

  @Flag(
    help: "Labels, or listed ids, of utterances that the dataset or corpus lacks are passed over; they are no error.")
  var allowUnknownIds = false
}

/// Of each command whose inputs may be bad one by one.
struct StrictOption: ParsableArguments {
  @Flag(help: "Stop at the first bad input.")
  var strict = false
}

/// The dataset that a command changes or selects from.
struct DatasetArgument: ParsableArguments {
  @Argument(help: "A dataset folder.", completion: .directory)
  var dataset: String

  func validate() throws {
    guard dataset != "-" else { throw ValidationError("a dataset is a folder: it cannot be '-'") }
  }
}
