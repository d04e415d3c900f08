import FileIO
import OrderedJSON
import Planes
import Shards

/// Copies chosen utterances into the folder of a new dataset.
final class SubsetWriter {
  let source: Dataset
  let chosen: ChosenUtterances
  private let workspace: Workspace
  let options: ShardingOptions
  let tail: RecordSchema.Tail
  private let hash = XXH3.Stream()
  private(set) var shards: [FinishedShard] = []
  private(set) var reused = 0

  init(_ source: Dataset, _ chosen: ChosenUtterances, workspace: Workspace, options: ShardingOptions) throws {
    self.source = source
    self.chosen = chosen
    self.workspace = workspace
    self.options = options
    let text = source.card.facts["record"]?["tail"]?.stringValue ?? ""
    tail = RecordSchema.Tail(rawValue: text) ?? .pad
  }

  func run() throws -> ShardingSummary {
    for overlay in source.overlays { try checkFiles(of: overlay) }
    var planner = ShardPlanner(recordsPerShard: options.recordsPerShard)
    let plan = chosen.units.map { planner.assign(records: source.schema.records(units: $0, tail: tail)) }
    var first = 0
    while first < plan.count {
      let end = plan[first...].firstIndex { $0 != plan[first] } ?? plan.count
      try copyShard(plan[first], first..<end)
      first = end
    }
    return try publish()
  }

  // MARK: Records

  private func copyShard(_ shard: Int, _ members: Range<Int>) throws {
    options.progress(
      Progress(done: members.lowerBound, total: chosen.indices.count, unit: "utterances", detail: "shard \(shard)"))
    // The journal is of this state of the source and these utterances.
    if let earlier = workspace.journal.shards[shard], earlier.first == members.lowerBound,
      earlier.rows.count == members.count
    {
      shards.append(earlier)
      reused += 1
      return
    }
    let writer = try ShardWriter(source.schema, folder: workspace.dataset, shard: shard)
    do {
      var unlabelled: [Int] = []
      let rows = try members.map { member in
        guard let records = try records(of: member) else { return Int32(0) }
        try writer.append(records)
        if !records.isLabelled { unlabelled.append(member - members.lowerBound) }
        return Int32(records.count)
      }
      let finished = FinishedShard(
        shard: shard, first: members.lowerBound, plan: "", rows: rows, labels: writer.labels,
        unlabelled: writer.labels.labelledCells > 0 ? unlabelled : [], failures: [], file: try writer.finish())
      try workspace.journal.append(finished)
      shards.append(finished)
    } catch {
      writer.abandon()
      throw error
    }
  }

  /// Nil for an utterance without records.
  private func records(of member: Int) throws -> UtteranceRecords? {
    let range = source.records(ofUtterance: chosen.indices[member])
    guard let first = range.first else { return nil }
    let (batch, row) = source.locate(first)
    for i in row..<row + range.count where !batch.isIntact(i, hash: hash) {
      throw Failure(
        .corrupt, path: source.folder, at: "record \(first + i - row)", "its checksum differs from its content",
        hint: damageHint)
    }
    let units = source.unitCount(ofUtterance: chosen.indices[member])
    let payload = source.schema.payload.indices.map { plane in
      // The source stays mapped as long as its records are used.
      batch.withPayload(row, plane: plane, count: units) { $0 }
    }
    return UtteranceRecords(
      source.schema, payload: payload, owner: source, tail: tail, utterance: member, group: Int(chosen.groups[member]),
      labels: chosen.numbering == nil
        ? batch.labels?.withBytes(row..<row + range.count) { Array($0) } : chosen.labels[member],
      hash: hash)
  }

  // MARK: Publication

  private func publish() throws -> ShardingSummary {
    let folder = workspace.dataset
    let rows = shards.flatMap(\.rows)
    let writer = DatasetWriter(
      source.schema, folder: folder, shards: shards.map(\.file), firsts: shards.map(\.first), rows: rows)
    try writeUtterances(writer)
    let splits = try copySplits(writer)
    for (name, bytes) in options.maker.files { try writer.writeFile(name, bytes) }
    let (summary, facts) = try facts(rows, in: folder)
    let added = try source.overlays.map {
      try copy($0, rows: rows, shardRecords: shards.map { $0.file.records ?? 0 })
    }
    try writer.finish(
      groups: chosen.groups, groupCount: chosen.groupNames.count, labels: shards.labels(source.schema), splits: splits,
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
          &histogram, in: workspace.dataset, unit: source.schema.unit, isLabelled: isLabelled, options.pronunciation)
      }
    } catch {
      writer.abandon()
      throw error
    }
  }
}

private let damageHint = "cpc-inspect verify names what is damaged"
