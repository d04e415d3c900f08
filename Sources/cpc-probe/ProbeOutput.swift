import ArgumentParser
import CommandSupport
import Embedding
import FileIO
import Kernels
import OrderedJSON
import Shards

/// Where results go beside standard output.
struct ProbeOutput: ParsableArguments {
  @Option(
    name: .shortAndLong,
    help: ArgumentHelp("Write results here, a JSON object a line: what cpc-report reads.", valueName: "file"),
    completion: .file())
  var output: String?

  @Flag(help: "Replace the file of results.")
  var force = false

  /// Before long work: throws unless results can be written, and says what is wrong with the matrix library.
  ///
  /// - Parameter prints: whether results go to standard output, too.
  func begin(prints: Bool, _ console: Console) throws {
    try check()
    if prints { try File.standardOutput.requireWritable() }
    for warning in try MatrixLibrary.choice().warnings { console.warn(warning) }
  }

  private func check() throws {
    guard let output, let kind = Folder.kind(of: output) else { return }
    guard kind == .file else { throw Failure(.exists, path: output, "something else is in the way") }
    guard force else { throw Failure(.exists, path: output, "the file exists", hint: "--force replaces it") }
  }

  func write(_ results: [JSONObject]) throws {
    guard let output else { return }
    let lines = results.map { JSON.object($0).compact + "\n" }.joined()
    try writeAtomically(to: output) { try $0.write(lines) }
  }
}

/// `63.4 %`.
func percent(_ share: Double) -> String {
  let tenths = Int((share * 1000).rounded())
  return "\(tenths / 10).\(tenths % 10) %"
}

/// Facts of features that identify, but tell a reader nothing.
private let hidden: Set<Name> = [Name("settings"), Name("trained_on"), Name("training_utterances")]

extension ProbedFeatures {
  /// What results say of the features and of the dataset, for people who compare them.
  var description: JSONObject {
    let card = dataset.card.facts
    var facts: JSONObject = [
      "dataset": .string(card["source"]?["dataset"]?.stringValue ?? Folder.name(of: dataset.folder)),
      "speakers": .int(dataset.groups.count),
    ]
    if let hours = card["counts"]?["hours"] { facts["hours"] = hours }
    // Rows are frames, unless something else is said.
    if isSame(dataset.schema.kind, FeatureMaker.kind), !isSame(dataset.schema.unit, "frames") {
      facts["unit"] = .string(dataset.schema.unit)
    }
    for (key, value) in self.facts.members where !hidden.contains(Name(key)) {
      facts[key] = value
    }
    if let settings = self.facts["settings"]?.objectValue {
      for key in ["negatives", "steps_ahead", "batch", "learning_rate"] { facts[key] = settings[key] }
    }
    return facts
  }
}
