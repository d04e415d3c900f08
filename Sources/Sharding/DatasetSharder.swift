public import Corpora
import FileIO
import Manifests
import OrderedJSON
import Pipelines
import Shards

/// Turns a corpus into a dataset folder. A run that was killed goes on where it stopped when the same command is started
/// again, and ends with the same bytes.
public func shardDataset(_ corpus: Corpus, to dataset: String, options: ShardingOptions) throws -> ShardingSummary {
  // The input first, then the space: nothing is made for, or given up to, a run that cannot succeed.
  try corpus.requireUtterance(strict: options.strict, report: options.report)
  try checkSpace(for: corpus, options.maker.schema, at: dataset)
  return try inWorkspace(of: dataset, options: options) { workspace in
    guard let workspace else {
      return finished(ShardingSummary(try Card.read(folder: dataset), options.maker), options)
    }
    return try DatasetSharder(corpus, workspace: workspace, options: options).run()
  }
}

/// Makes the shards of one part of a dataset; `folder` then holds them and `part.jsonl`, for ``mergeParts(_:of:to:options:)``.
public func shardPart(
  _ part: Part, of manifest: String, to folder: String, opening: CorpusOptions, options: ShardingOptions
) throws -> ShardingSummary {
  var opening = opening
  // They stand in the card, which a part does not have.
  opening.digestsSources = false
  let survey = try ManifestSurvey(
    manifest: manifest, prefixesGroups: opening.prefixesGroups, progress: options.progress)
  let plan = PartPlan(survey, part, options: options)
  let corpus = try plan.utterances.first.map { try Corpus(manifest: manifest, survey, from: $0, options: opening) }
  try checkSpace(bytes: plan.records * options.maker.schema.payloadSize, at: folder)
  return try inWorkspace(of: folder, options: options) { workspace in
    guard let workspace else {
      return finished(try FinishedPart(folder: folder, options.maker.schema).summary, options)
    }
    guard let corpus else { return try workspace.finish(plan, part, ShardingSummary()) }
    return try DatasetSharder(corpus, workspace: workspace, options: options, part: (part, plan)).run()
  }
}

/// Joins the parts of a dataset: shards are linked, or copied where the file system is another, and index, list and card
/// are made from the corpus and what the parts say of their shards. The result is what ``shardDataset(_:to:options:)``
/// makes of the same corpus.
public func mergeParts(
  _ folders: [String], of corpus: Corpus, to dataset: String, options: ShardingOptions
) throws -> ShardingSummary {
  let parts = try FinishedPart.complete(folders, to: dataset, options: options)
  try corpus.requireUtterance(strict: options.strict, report: options.report)
  try checkSpace(bytes: bytesToCopy(of: parts, to: dataset), at: dataset)
  return try inWorkspace(of: dataset, options: options) { workspace in
    guard let workspace else {
      return finished(ShardingSummary(try Card.read(folder: dataset), options.maker), options)
    }
    for part in parts { try workspace.adopt(part, progress: options.progress) }
    return try DatasetSharder(corpus, workspace: workspace, options: options, merging: parts).run()
  }
}

/// What was made before: its problems are named again.
private func finished(_ summary: ShardingSummary, _ options: ShardingOptions) -> ShardingSummary {
  for problem in summary.problems { options.report(problem) }
  return summary
}

private func inWorkspace(
  of folder: String, options: ShardingOptions, _ body: (Workspace?) throws -> ShardingSummary
) throws -> ShardingSummary {
  let existed = Folder.kind(of: folder) != nil
  let workspace = try Workspace.open(dataset: folder, options: options)
  do { return try body(workspace) } catch {
    workspace?.abandon()
    if !existed { Folder.remove(emptyFolder: folder) }
    throw error
  }
}

private final class DatasetSharder {
  private let corpus: Corpus
  private let workspace: Workspace
  private let options: ShardingOptions
  private let utterances: PlannedUtterances
  private let part: (part: Part, plan: PartPlan)?
  /// Nil if shards are made, not taken over.
  private let merging: [FinishedPart]?
  /// Nil for a part, which makes no list.
  private let spool: UtteranceSpool?
  private var current: OpenShard?
  private var finished: [FinishedShard] = []
  /// Of each utterance, the first of which is that of the part.
  private var rows: [Int32] = []
  private var units: [Int32] = []
  private var firstUtterance: Int { part?.plan.utterances.lowerBound ?? 0 }
  private var reused = 0
  /// Shards of an earlier run whose files have changed since.
  private var stale: [FinishedShard] = []
  private var bytesWritten = 0
  private var schema: RecordSchema { options.maker.schema }
  /// Utterances up to the last, where that is known and matters.
  private let total: Int?

  init(
    _ corpus: Corpus, workspace: Workspace, options: ShardingOptions, part: (part: Part, plan: PartPlan)? = nil,
    merging: [FinishedPart]? = nil
  ) throws {
    self.corpus = corpus
    self.workspace = workspace
    self.options = options
    self.part = part
    self.merging = merging
    let isForeseeable = options.maker.schema.length == 1 && merging == nil
    total = isForeseeable ? part?.plan.utterances.upperBound ?? corpus.minimumUnits : nil
    let spool = part == nil ? try UtteranceSpool(folder: workspace.folder, maker: options.maker) : nil
    self.spool = spool
    if merging == nil { workspace.forgetUnstamped() }
    // Only shards of earlier runs are known when their utterances are planned; the set never changes during the walk.
    let known = Set(workspace.journal.shards.keys)
    utterances = PlannedUtterances(
      corpus, options: options, part: part?.plan, isReused: { merging != nil || known.contains($0) },
      onUtterance: { entry, group in try spool?.append(entry, group: group) },
      onTranscript: { id, text in try spool?.attach(text, id: id) })
  }

  func run() throws -> ShardingSummary {
    do {
      let outcome = Result {
        try runOrderedPipeline(
          threads: options.threads, batch: options.maker.batch, maximumCost: pipelineMemory,
          cost: { [maker = options.maker] in maker.cost(of: $0) },
          read: { [utterances] in try utterances.next() },
          makeWorker: { [maker = options.maker, tail = options.tail] in
            let worker = try maker.makeWorker(tail: tail)
            return { worker.work($0) }
          },
          commit: { utterance, result in try self.commit(utterance, result) })
      }
      utterances.log.tell(before: firstUtterance + rows.count)
      try outcome.get()
      try closeShard()
      try requireFresh()
      if let merging, let all = merging.first?.allShards, finished.count < all {
        throw Failure(
          .badInput, path: workspace.dataset,
          "the parts have \(all) shards, and the manifest has utterances for \(finished.count)",
          hint: "merge with the manifest that they were made of")
      }
      guard let part else { return try publish() }
      return try workspace.finish(part.plan, part.part, summary)
    } catch {
      current?.writer?.abandon()
      guard let failure = error as? Failure, failure.kind == .noSpace else { throw error }
      throw shortfall(failure)
    }
  }

  // MARK: Records, in corpus order

  private func commit(_ utterance: PlannedUtterance, _ result: Result<MadeRecords, Failure>?) throws {
    utterances.log.tell(before: utterance.index)
    if current?.shard != utterance.shard {
      try closeShard()
      try openShard(utterance)
    }
    let count = try current!.append(utterance, result, strict: options.strict, log: utterances.log)
    rows.append(Int32(count))
    units.append(Int32(utterance.units))
  }

  private func openShard(_ utterance: PlannedUtterance) throws {
    let earlier = workspace.journal.shards[utterance.shard]
    guard earlier != nil || merging == nil else {
      throw Failure(
        .badInput, path: workspace.dataset, "no part holds shard \(utterance.shard)",
        hint: "the parts were made from another state of the manifest, or with other flags")
    }
    if let earlier, earlier.first != utterance.index { throw changed(utterance.shard) }
    current = try OpenShard(
      options.maker, shard: utterance.shard, first: utterance.index, dataset: workspace.dataset, earlier: earlier,
      expected: options.expectedRecords(from: utterance.index, of: total))
  }

  private func closeShard() throws {
    guard let shard = current else { return }
    if let earlier = shard.earlier {
      guard earlier.plan == shard.plan.digest128, earlier.rows.count == shard.rows.count else {
        throw changed(shard.shard)
      }
      if merging == nil, workspace.stamps.hasChanged(shard.shard, now: shard.stamp) { stale.append(earlier) }
      finished.append(earlier)
      reused += 1
    } else {
      let result = try shard.finish()
      try workspace.stamps.append(shard.stamp, of: shard.shard)
      try workspace.journal.append(result)
      finished.append(result)
      bytesWritten += result.file.bytes
    }
    current = nil
  }

  /// Removes what was made of files that are no longer what they were, so that the next run makes it again.
  private func requireFresh() throws {
    guard let first = stale.first else { return }
    for shard in stale { try Folder.remove(file: "\(workspace.dataset)/\(shard.file.path)") }
    throw StaleShards(dataset: workspace.dataset, count: stale.count, first: first.shard)
  }

  private func changed(_ shard: Int) -> Failure {
    if let part = merging?.first(where: { $0.shards.contains { $0.shard == shard } }) {
      return Failure(
        .badInput, path: part.folder, "the corpus is no longer the one that shard \(shard) of this part was made from",
        hint:
          "make part \(part.part.description) again, with \(setting: "force"), or merge with the manifest that it was made of"
      )
    }
    return Failure(
      .badInput, path: workspace.dataset,
      "the corpus is no longer the one that shard \(shard) of the interrupted run was made from",
      hint: "\(setting: "force") starts again")
  }

  // MARK: Space

  private func shortfall(_ failure: Failure) -> Failure {
    var failure = failure
    var missing: Int?
    if let needed = declaredBytes(corpus, schema) {
      missing = needed - bytesWritten
    } else {
      let (done, total) = corpus.progress
      if let total, done > 0 { missing = Int(Double(bytesWritten) * (Double(total) / Double(done) - 1)) }
    }
    let amount = missing.map { "about \(mebibytes(max($0, 1 << 20))) more are needed for the rest" }
    let kept = finished.isEmpty ? "" : "finished shards are kept: "
    failure.hint = [amount, kept + "free some space and run the same command again"]
      .compactMap { $0 }.joined(separator: "; ")
    return failure
  }

  // MARK: Publication

  /// Utterances that gave nothing.
  private var failed: Set<Int> { Set(finished.flatMap { $0.failures.map(\.utterance) }) }

  /// What came of it, apart from what only the whole list tells.
  private var summary: ShardingSummary {
    var summary = ShardingSummary()
    summary.utterances = rows.count
    summary.shards = finished.count
    summary.reusedShards = merging == nil ? reused : 0
    summary.counts = finished.totals
    let failed = failed
    summary.failed = failed.count
    for i in rows.indices where !failed.contains(firstUtterance + i) {
      summary.add(records: Int(rows[i]), units: Int(units[i]), schema)
    }
    summary.groups = part?.plan.groups.count ?? utterances.groupNames.count
    summary.problems = utterances.log.problems
    return summary
  }

  private func publish() throws -> ShardingSummary {
    let spool = spool!
    guard rows.contains(where: { $0 > 0 }) else {
      // Another run of this command would end the same way.
      try workspace.discard()
      throw Failure(
        .badInput, path: nil,
        spool.count == 0 ? "no utterance found" : "no utterance gave a record: all failed or are too short")
    }
    let labels = finished.labels(schema)
    if labels.labelledCells == 0, let failure = options.maker.uselessLabels {
      try workspace.discard()
      throw failure
    }
    var summary = summary
    summary.untranscribed = spool.untranscribed
    summary.take(options.maker, utterances.labels)

    let dataset = workspace.dataset
    let writer = DatasetWriter(
      schema, folder: dataset, shards: finished.map(\.file), firsts: finished.map(\.first), rows: rows)
    let splits = try spool.publish(writer, counts: finished.counts)
    for (name, bytes) in options.maker.files { try writer.writeFile(name, bytes) }
    let facts = try cardFacts(
      summary, sources: try corpus.sources(), options: options,
      groups: utterances.groupFacts(of: spool.groups, rows: rows, units: units, failed: failed, unit: schema.unit),
      labels: (labels, utterances.labels), isLabelled: finished.isLabelled,
      folder: dataset)
    try writer.finish(
      groups: spool.groups, groupCount: summary.groups, labels: labels, splits: splits,
      files: options.maker.files.map(\.name), facts: facts)
    try workspace.finish()
    // What every reader checks, before anybody is told that it is good.
    _ = try Dataset(opening: dataset)
    return summary
  }
}
