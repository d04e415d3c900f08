import FileIO
import OrderedJSON
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
    let plan = chosen.samples.map { planner.assign(records: RecordSchema.records(samples: $0, tail: tail)) }
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
    let writer = try ShardWriter(folder: workspace.dataset, shard: shard)
    do {
      var unlabelled: [Int] = []
      let rows = try members.map { member in
        guard let records = try records(of: member) else { return Int32(0) }
        try writer.append(records)
        if !records.isLabelled { unlabelled.append(member - members.lowerBound) }
        return Int32(records.count)
      }
      let finished = FinishedShard(
        shard: shard, first: members.lowerBound, plan: "", rows: rows, phones: writer.phones,
        unlabelled: writer.phones.labelledCells > 0 ? unlabelled : [], failures: [], file: try writer.finish())
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
        hint: "cpc-inspect verify names what is damaged")
    }
    let valid = source.sampleCount(ofUtterance: chosen.indices[member])
    // The source stays mapped as long as its records are used.
    return batch.withSamples(row, offset: 0, count: valid) { samples in
      UtteranceRecords(
        samples: samples, owner: source, tail: tail, utterance: member, group: Int(chosen.groups[member]),
        labels: (row..<row + range.count).flatMap { batch.phones($0) }, hash: hash)
    }
  }

  // MARK: Publication

  private func publish() throws -> ShardingSummary {
    let folder = workspace.dataset
    let rows = shards.flatMap(\.rows)
    let shardRecords = shards.map { $0.file.records ?? 0 }
    try writeUtterances(rows)
    try DatasetIndex.write(
      folder: folder, utteranceRows: rows, utteranceGroups: chosen.groups, groupCount: chosen.groupNames.count,
      shardRecords: shardRecords, phoneHistogram: shards.phones.cells)
    var files = shards.map(\.file)
    files.append(try FileEntry(of: UtteranceList.fileName, in: folder))
    files.append(try FileEntry(of: DatasetIndex.fileName, in: folder))
    files += try copySplits()
    let (summary, facts) = try facts(rows, in: folder)
    var card = Card(facts: facts, files: files)
    for overlay in source.overlays {
      let (copied, files) = try copy(overlay, rows: rows, shardRecords: shardRecords)
      card.insert(copied, files: files)
    }
    try card.write(folder: folder)
    try workspace.finish()
    // What every reader checks, before anybody is told that it is good.
    _ = try Dataset(opening: folder)
    return summary
  }

  private func writeUtterances(_ rows: [Int32]) throws {
    let list = try source.utterances()
    let firsts = shards.map(\.first)
    try writeAtomically(to: "\(workspace.dataset)/\(UtteranceList.fileName)") { file in
      let output = BufferedFile(file)
      var index = 0
      var member = 0
      var (shard, row) = (-1, 0)
      while let line = try list.next(), member < chosen.indices.count {
        defer { index += 1 }
        guard index == chosen.indices[member], var object = line.json.objectValue else { continue }
        if shard + 1 < firsts.count, firsts[shard + 1] == member { (shard, row) = (shard + 1, 0) }
        object["shard"] = .int(shards[shard].shard)
        object["row"] = .int(row)
        object["rows"] = .int(rows[member])
        try output.write(JSON.object(object).compact + "\n")
        row += Int(rows[member])
        member += 1
      }
      try output.flush()
    }
  }

  /// Splits in which an utterance of the subset has a part.
  private func copySplits() throws -> [FileEntry] {
    let ids = try source.utteranceIDs()
    return try source.splitNames.compactMap { name in
      let parts = try source.split(named: name)
      let lines = chosen.indices.compactMap { index in parts[index].map { "\(ids[index])\t\($0)\n" } }
      guard !lines.isEmpty else { return nil }
      try Folder.create("\(workspace.dataset)/splits")
      try writeAtomically(to: "\(workspace.dataset)/\(Split.path(name))") { try $0.write(lines.joined()) }
      return try FileEntry(of: Split.path(name), in: workspace.dataset)
    }
  }

  /// The records of added planes are copied without a look at their checksums.
  private func checkFiles(of overlay: Overlay) throws {
    for entry in source.card.files(ofOverlay: overlay.name) {
      let path = "\(source.folder)/\(entry.path)"
      guard try XXH3.hash128(ofFile: path) == entry.digest else {
        throw Failure(
          .corrupt, path: path, "its digest differs from the card's", hint: "cpc-inspect verify names what is damaged")
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
        try TranscriptCounts.complete(&histogram, in: workspace.dataset, isLabelled: isLabelled, options.pronunciation)
      }
    } catch {
      writer.abandon()
      throw error
    }
  }
}
