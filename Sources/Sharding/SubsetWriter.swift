import FileIO
import OrderedJSON
import Pipelines
import Planes
import Shards

/// Copies chosen utterances into the folder of a new dataset, or what a conversion makes of them.
final class SubsetWriter {
  let source: Dataset
  let chosen: ChosenUtterances
  private let part: Part?
  /// Of all that were chosen, those that this run makes.
  private var share: Range<Int>
  private let workspace: Workspace
  let options: ShardingOptions
  private let copier: RecordCopier
  var tail: RecordSchema.Tail { copier.tail }
  /// Of the records made.
  var schema: RecordSchema { copier.schema }
  /// Units of each utterance.
  let units: [Int]
  private(set) var shards: [FinishedShard] = []
  private(set) var reused = 0
  private var current: (shard: Int, first: Int, writer: ShardWriter, rows: [Int32], unlabelled: [Int])?

  init(
    _ source: Dataset, _ chosen: ChosenUtterances, converting conversion: (any RecordConversion)?, part: Part?,
    workspace: Workspace, options: ShardingOptions
  ) throws {
    self.source = source
    self.chosen = chosen
    self.part = part
    share = chosen.indices.indices
    self.workspace = workspace
    self.options = options
    let text = source.card.facts["record"]?["tail"]?.stringValue ?? ""
    copier = RecordCopier(
      source, chosen, schema: conversion == nil ? source.schema : options.maker.schema,
      tail: RecordSchema.Tail(rawValue: text) ?? .pad, conversion: conversion)
    units = conversion.map { conversion in chosen.units.map { conversion.units(of: $0) } } ?? chosen.units
  }

  func run() throws -> ShardingSummary {
    for overlay in source.overlays where part == nil { try checkFiles(of: overlay) }
    var options = options
    options.tail = tail
    let partPlan = part.map {
      PartPlan(units: units, groups: chosen.groupNames, $0, schema: schema, options: options)
    }
    share = partPlan?.utterances ?? share
    var planner = ShardPlanner(recordsPerShard: options.recordsPerShard)
    let plan = units.map { planner.assign(records: schema.records(units: $0, tail: tail)) }
    var members = keepFinished(plan, of: share)[...]
    // Where there are few, each may have several threads.
    let threads = max(1, min(options.threads, members.count))
    do {
      try runOrderedPipeline(
        threads: threads, batch: 1, maximumCost: pipelineMemory, cost: { [copier] in copier.cost(of: $0) },
        read: { members.popFirst() },
        makeWorker: { [copier, options] in
          let work = try copier.makeWorker(threads: options.threads / threads)
          return { $0.map(work) }
        },
        commit: { member, result in try self.commit(member, result.get(), shard: plan[member]) })
      try closeShard()
    } catch {
      current?.writer.abandon()
      throw error
    }
    shards.sort { $0.shard < $1.shard }
    guard let part, let partPlan else { return try publish() }
    return try workspace.finish(partPlan, part, summary(of: share, rows: shards.flatMap(\.rows)))
  }

  // MARK: Records

  /// Takes over the shards of an interrupted run, or of parts; returns the utterances that are still to be copied. The
  /// journal is of this state of the source and these utterances.
  private func keepFinished(_ plan: [Int], of utterances: Range<Int>) -> [Int] {
    let plan = plan[utterances]
    var members: [Int] = []
    var first = plan.startIndex
    while first < plan.endIndex {
      let end = plan[first...].firstIndex { $0 != plan[first] } ?? plan.endIndex
      if let earlier = workspace.journal.shards[plan[first]], earlier.first == first, earlier.rows.count == end - first
      {
        shards.append(earlier)
        reused += 1
      } else {
        members += first..<end
      }
      first = end
    }
    return members
  }

  private func commit(_ member: Int, _ records: UtteranceRecords?, shard: Int) throws {
    if current?.shard != shard {
      try closeShard()
      current = (shard, member, try ShardWriter(schema, folder: workspace.dataset, shard: shard), [], [])
    }
    options.progress(
      Progress(done: member - share.lowerBound, total: share.count, unit: "utterances", detail: "shard \(shard)"))
    if let records {
      try current!.writer.append(records)
      if !records.isLabelled { current!.unlabelled.append(current!.rows.count) }
    }
    current!.rows.append(Int32(records?.count ?? 0))
  }

  private func closeShard() throws {
    guard let (shard, first, writer, rows, unlabelled) = current else { return }
    let finished = FinishedShard(
      shard: shard, first: first, plan: "", rows: rows, labels: writer.labels,
      unlabelled: writer.labels.labelledCells > 0 ? unlabelled : [], failures: [], file: try writer.finish())
    current = nil
    try workspace.journal.append(finished)
    shards.append(finished)
  }

  // MARK: Publication

  private func publish() throws -> ShardingSummary {
    let folder = workspace.dataset
    let rows = shards.flatMap(\.rows)
    let writer = DatasetWriter(
      schema, folder: folder, shards: shards.map(\.file), firsts: shards.map(\.first), rows: rows)
    try writeUtterances(writer)
    let splits = try copySplits(writer)
    for (name, bytes) in options.maker.files { try writer.writeFile(name, bytes) }
    let (summary, facts) = try facts(rows, in: folder)
    let added = try source.overlays.map {
      try copy($0, rows: rows, shardRecords: shards.map { $0.file.records ?? 0 })
    }
    try writer.finish(
      groups: chosen.groups, groupCount: chosen.groupNames.count, labels: shards.labels(schema), splits: splits,
      files: options.maker.files.map(\.name), added: added, facts: facts)
    try workspace.finish()
    // What every reader checks, before anybody is told that it is good.
    _ = try Dataset(opening: folder)
    return summary
  }

  private func writeUtterances(_ writer: DatasetWriter) throws {
    let list = try source.utterances()
    var index = 0
    try writer.writeUtterances { member, place in
      while let line = try list.next() {
        defer { index += 1 }
        guard index == chosen.indices[member], var object = line.json.objectValue else { continue }
        object[schema.unit] = .int(units[member])
        object["shard"] = .int(place.shard)
        object["row"] = .int(place.row)
        object["rows"] = .int(place.rows)
        return Array(JSON.object(object).compact.utf8)
      }
      throw Failure(.corrupt, path: source.folder, "its utterance list ends too early", hint: damageHint)
    }
  }

  /// Splits in which an utterance of the subset has a part.
  private func copySplits(_ writer: DatasetWriter) throws -> [String] {
    let ids = try source.utteranceIDs()
    return try source.splitNames.compactMap { name in
      let parts = try source.split(named: name)
      let lines = chosen.indices.compactMap { index in parts[index].map { "\(ids[index])\t\($0)\n" } }
      guard !lines.isEmpty else { return nil }
      try writer.writeSplit(name, lines: Array(lines.joined().utf8))
      return name
    }
  }

  /// The records of added planes are copied without a look at their checksums.
  private func checkFiles(of overlay: Overlay) throws {
    for entry in source.card.files(ofOverlay: overlay.name) {
      let path = "\(source.folder)/\(entry.path)"
      guard try XXH3.hash128(ofFile: path) == entry.digest else {
        throw Failure(
          .corrupt, path: path, "its digest differs from the card's", hint: damageHint)
      }
    }
  }

  private func copy(
    _ overlay: Overlay, rows: [Int32], shardRecords: [Int]
  ) throws -> (overlay: Overlay, files: [FileEntry]) {
    var copied = overlay
    // Of tracks of labels, which may have been of other utterances.
    copied.statistics["skipped"] = nil
    let writer = try OverlayWriter(
      copied, folder: workspace.dataset, utteranceRows: rows, shardRecords: shardRecords)
    do {
      var record = 0
      for index in chosen.indices {
        let range = source.records(ofUtterance: index)
        guard let first = range.first else { continue }
        let (batch, row) = source.locate(first)
        try batch.plane(overlay.name)!.withBytes(row..<row + range.count) { try writer.write(record: record, $0) }
        record += range.count
      }
      return try writer.finish(progress: options.progress) { histogram, isLabelled in
        guard overlay.hasPhonesOfEnglish else { return }
        try TranscriptCounts.complete(
          &histogram, in: workspace.dataset, unit: schema.unit, isLabelled: isLabelled, options.pronunciation)
      }
    } catch {
      writer.abandon()
      throw error
    }
  }
}

let damageHint = "cpc-inspect verify names what is damaged"
