import ArgumentParser
import CommandSupport
import Corpora
import FileIO
import Glibc
import OrderedJSON
import Sharding
import Shards

/// Several runs, on several machines, that make one dataset.
struct PartOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Make one of n parts of the shards, counted from 0, for example 0/3; the input is a manifest. auto takes part and \
      number of parts from Slurm (SLURM_ARRAY_TASK_ID) or Open MPI (OMPI_COMM_WORLD_RANK), auto/n the part alone.
      """, valueName: "i/n"))
  var part: String?

  @Option(
    parsing: .upToNextOption,
    help: ArgumentHelp(
      "Join the parts in these folders; the input and the flags are those of the parts.", valueName: "folder"))
  var merge: [String] = []

  @Flag(help: "Only say what would be made of a manifest, or of a part of it, as far as its lines tell.")
  var dryRun = false

  var isGiven: Bool { part != nil || !merge.isEmpty || dryRun }

  func validate() throws {
    guard part == nil || merge.isEmpty else { throw ValidationError("--part and --merge exclude each other") }
    guard !dryRun || merge.isEmpty else { throw ValidationError("--dry-run and --merge exclude each other") }
    _ = try chosenPart()
  }

  /// The part that the flag, or what started this process, names.
  func chosenPart() throws -> Part? {
    guard let part else { return nil }
    let words = part.pieces(at: "/")
    guard words[0] == "auto", words.count < 3 else {
      guard let part = Part(part) else {
        throw ValidationError("--part \(part): a part is i/n with i from 0 to n - 1, for example 0/3, or auto")
      }
      return part
    }
    let number = { (name: String) in getenv(name).flatMap { Int(String(cString: $0)) } }
    let count = words.count == 2 ? Int(words[1]) : nil
    let found: (index: Int, count: Int?)
    if let task = number("SLURM_ARRAY_TASK_ID") {
      // Of --array=0-8:2, task 4 is the third.
      let place = task - (number("SLURM_ARRAY_TASK_MIN") ?? 0)
      found = (place / max(1, number("SLURM_ARRAY_TASK_STEP") ?? 1), count ?? number("SLURM_ARRAY_TASK_COUNT"))
    } else if let rank = number("OMPI_COMM_WORLD_RANK") {
      found = (rank, count ?? number("OMPI_COMM_WORLD_SIZE"))
    } else {
      throw ValidationError("--part \(part): neither SLURM_ARRAY_TASK_ID nor OMPI_COMM_WORLD_RANK is set")
    }
    guard let count = found.count, let part = Part(index: found.index, count: count) else {
      throw ValidationError("--part \(part): the environment asks for part \(found.index) of \(found.count ?? 0)")
    }
    return part
  }
}

extension ShardCommand {
  /// Makes a part, joins parts, or says what would be made.
  func makeParts(
    of inputs: [String], _ opening: CorpusOptions, _ options: inout ShardingOptions, _ console: Console
  ) throws -> Bool {
    guard output != "-" else { throw Failure(.usage, "parts are folders: -o cannot be '-'") }
    let part = try parts.chosenPart()
    if !parts.merge.isEmpty {
      let (corpus, kind) = try Corpus.opening(inputs, options: opening)
      guard kind == .manifest else { throw Self.needsManifest(inputs[0]) }
      let summary = try mergeParts(parts.merge, of: corpus, to: output, options: options)
      try conclude(summary, console)
      return isGood(summary, console)
    }
    guard inputs.count == 1, inputs[0] != "-", Folder.kind(of: inputs[0]) == .file,
      try InputKind(head: InputKind.head(of: File.reading(inputs[0]))) == .manifest
    else { throw Self.needsManifest(inputs[0]) }
    if parts.dryRun {
      let plan = try DryRun(manifest: inputs[0], part: part, options: options)
      console.finish()
      try File.standardOutput.write(result.json ? plan.json.compact + "\n" : plan.text)
      return true
    }
    guard let part else { preconditionFailure("nothing of parts is given") }
    options.fingerprint["part"] = .string(part.description)
    let summary = try shardPart(part, of: inputs[0], to: output, opening: opening, options: options)
    console.finish()
    if summary.wasComplete {
      let again = summary.problems.isEmpty ? "" : "; --force makes it again"
      console.note("\(output): part \(part.description) was finished already\(again)")
    }
    console.note(
      "\(output): part \(part.description): \(describe(summary)) in \(counted(summary.shards, "shard"))")
    if summary.reusedShards > 0 {
      console.note("  reused \(counted(summary.reusedShards, "shard")) of an interrupted run")
    }
    if result.json { try File.standardOutput.write(json(summary).compact + "\n") }
    return summary.problems.isEmpty
  }

  private static func needsManifest(_ input: String) -> Failure {
    Failure(
      .usage, path: input, "parts are planned from a manifest, which is a file",
      hint: "cpc-scan CORPUS -o corpus.jsonl writes it")
  }
}

/// What a run would make, as far as a manifest tells.
struct DryRun {
  private let plan: PartPlan
  private let part: Part
  private let groups: Int

  init(manifest: String, part: Part?, options: ShardingOptions) throws {
    self.part = part ?? Part(index: 0, count: 1)!
    let survey = try ManifestSurvey(manifest: manifest, progress: options.progress)
    plan = PartPlan(survey, self.part, options: options)
    groups = survey.groups.count
  }

  private var bytes: Int { plan.records * RecordSchema.window * MemoryLayout<Int16>.size }

  var text: String {
    """
    part          \(part.description)
    shards        \(shards), of \(grouped(plan.allShards)) in all
    utterances    \(grouped(plan.utterances.count)), from number \(grouped(plan.utterances.lowerBound))
    records       \(grouped(plan.records)), \(grouped(bytes >> 20)) MiB
    audio         \(hours(samples: plan.samples)) h
    groups        \(grouped(groups)) in all

    """
  }

  private var shards: String {
    plan.shards.isEmpty ? "none" : "\(plan.shards.lowerBound) to \(plan.shards.upperBound - 1)"
  }

  var json: JSON {
    .object([
      "part": .int(part.index), "parts": .int(part.count), "first_shard": .int(plan.shards.lowerBound),
      "shards": .int(plan.shards.count), "all_shards": .int(plan.allShards),
      "first_utterance": .int(plan.utterances.lowerBound), "utterances": .int(plan.utterances.count),
      "records": .int(plan.records), "sample_bytes": .int(bytes), "samples": .int(plan.samples),
      "groups": .int(groups),
    ])
  }
}
