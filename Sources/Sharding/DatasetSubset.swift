import Corpora
import FileIO
import Glibc
import OrderedJSON
import Shards

/// Makes a dataset of some utterances of another: records, labels, added planes and splits are copied, and its files are
/// those that a dataset made of these utterances from the start would have.
///
/// - Parameters:
///   - selections: an utterance must be meant by all.
///   - options: corpus name and licence are those of the source if they are nil; decoding does not take place.
public func makeSubset(
  of source: String, selecting selections: [UtteranceSelection], to output: String, options: ShardingOptions
) throws -> ShardingSummary {
  let dataset = try Dataset(opening: source)
  guard try !isSameFolder(source, output) else {
    throw Failure(.usage, path: output, "a dataset cannot be its own subset", hint: "-o NEW names another folder")
  }
  let chosen = try ChosenUtterances(dataset, selections)
  let existed = Folder.kind(of: output) != nil
  let needed = chosen.recordCount * RecordSchema.window * 2
  if !existed, Folder.kind(of: Folder.parent(of: output)) == .folder,
    try Folder.freeSpace(at: Folder.parent(of: output)) < needed
  {
    throw Failure(.noSpace, path: output, "the disk is too small: at least \(needed >> 20) MiB are needed")
  }
  var options = options
  options.fingerprint["source"] = .string(dataset.digest)
  options.fingerprint["utterances"] = .string(XXH3.hash128(chosen.indices.flatMap { Array("\($0)\n".utf8) }))
  guard let workspace = try Workspace.open(dataset: output, options: options) else {
    return ShardingSummary(try Card.read(folder: output))
  }
  do {
    return try SubsetWriter(dataset, chosen, workspace: workspace, options: options).run()
  } catch {
    workspace.abandon()
    if !existed { Folder.remove(emptyFolder: output) }
    throw error
  }
}

private func isSameFolder(_ a: String, _ b: String) throws -> Bool {
  guard Folder.kind(of: b) == .folder else { return false }
  func identity(_ path: String) throws -> stat {
    try File.open(path, flags: O_RDONLY | O_DIRECTORY, action: "open folder").status()
  }
  let (first, second) = (try identity(a), try identity(b))
  return first.st_dev == second.st_dev && first.st_ino == second.st_ino
}

/// The utterances of a subset, in order, with their place in the source.
private struct ChosenUtterances {
  var indices: [Int] = []
  var ids: [SIMD2<UInt64>] = []
  var samples: [Int] = []
  /// Groups, numbered anew by first appearance, and what they were.
  var groups: [Int32] = []
  var groupNames: [String] = []
  var untranscribed = 0
  var recordCount = 0

  init(_ dataset: Dataset, _ selections: [UtteranceSelection]) throws {
    var utterances: [SplitUtterance] = []
    let list = try dataset.utterances()
    while let line = try list.next(), utterances.count < dataset.utteranceCount {
      utterances.append(SplitUtterance(id: line.id, group: line.group, session: line.session))
    }
    var wanted = [Bool](repeating: true, count: utterances.count)
    for selection in selections {
      for (i, isMeant) in try selection.mask(dataset, utterances).enumerated() where !isMeant { wanted[i] = false }
    }
    var numbers: [SIMD2<UInt64>: Int32] = [:]
    let again = try dataset.utterances()
    var index = 0
    while let line = try again.next(), index < wanted.count {
      defer { index += 1 }
      guard wanted[index] else { continue }
      indices.append(index)
      ids.append(XXH3.key128(line.id))
      samples.append(line.samples)
      if line.text == nil { untranscribed += 1 }
      recordCount += dataset.records(ofUtterance: index).count
      let key = XXH3.key128(line.group)
      if numbers[key] == nil {
        numbers[key] = Int32(groupNames.count)
        groupNames.append(line.group)
      }
      groups.append(numbers[key]!)
    }
    guard recordCount > 0 else {
      throw Failure(
        .badInput, path: dataset.folder,
        indices.isEmpty ? "no utterance is selected" : "what is selected has no records")
    }
  }
}

private final class SubsetWriter {
  private let source: Dataset
  private let chosen: ChosenUtterances
  private let workspace: Workspace
  private let options: ShardingOptions
  private let tail: RecordSchema.Tail
  private let hash = XXH3.Stream()
  private var shards: [FinishedShard] = []
  private var reused = 0

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
      let rows = try members.map { member in
        let records = try records(of: member)
        if let records { try writer.append(records) }
        return Int32(records?.count ?? 0)
      }
      let histogram = writer.phoneHistogram
      let finished = FinishedShard(
        shard: shard, first: members.lowerBound, plan: "", rows: rows, phoneHistogram: histogram, failures: [],
        file: try writer.finish())
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
    var histogram = [Int](repeating: 0, count: 256)
    for shard in shards { for (phone, count) in shard.phoneHistogram.enumerated() { histogram[phone] += count } }
    let shardRecords = shards.map { $0.file.records ?? 0 }
    try writeUtterances(rows)
    try DatasetIndex.write(
      folder: folder, utteranceRows: rows, utteranceGroups: chosen.groups, groupCount: chosen.groupNames.count,
      shardRecords: shardRecords, phoneHistogram: histogram)
    var files = shards.map(\.file)
    files.append(try FileEntry(of: UtteranceList.fileName, in: folder))
    files.append(try FileEntry(of: DatasetIndex.fileName, in: folder))
    files += try copySplits()
    let (summary, facts) = facts(rows, histogram)
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
      return try writer.finish()
    } catch {
      writer.abandon()
      throw error
    }
  }

  // MARK: The card

  private func facts(_ rows: [Int32], _ histogram: [Int]) -> (ShardingSummary, JSONObject) {
    let origin = source.card.facts
    let isChosen = Set(chosen.ids)
    let skipped = (origin["skipped"]?.arrayValue ?? []).filter { problem in
      problem["id"]?.stringValue.map { isChosen.contains(XXH3.key128($0)) } ?? false
    }
    let named = Set(skipped.compactMap { $0["id"]?.stringValue.map { XXH3.key128($0) } })
    var summary = ShardingSummary()
    summary.utterances = rows.count
    summary.groups = chosen.groupNames.count
    summary.shards = shards.count
    summary.reusedShards = reused
    summary.untranscribed = chosen.untranscribed
    var failed = 0
    var samplesOfGroup = [Int](repeating: 0, count: summary.groups)
    var recordsOfGroup = samplesOfGroup
    var utterancesOfGroup = samplesOfGroup
    for (member, count) in rows.enumerated() {
      let group = Int(chosen.groups[member])
      utterancesOfGroup[group] += 1
      recordsOfGroup[group] += Int(count)
      if count == 0, named.contains(chosen.ids[member]) {
        failed += 1
      } else {
        summary.add(records: Int(count), samples: chosen.samples[member])
        samplesOfGroup[group] += chosen.samples[member]
      }
    }
    var options = options
    options.tail = tail
    options.corpusName = options.corpusName ?? origin["corpus"]?.stringValue
    options.licence = options.licence ?? origin["licence"]?.stringValue
    var facts = cardFacts(
      summary, options: options, groups: [], failedUtterances: failed, phoneHistogram: histogram)
    if var counts = facts["counts"]?.objectValue {
      counts["skipped"] = .int(skipped.count)
      facts["counts"] = .object(counts)
    }
    facts["skipped"] = .array(skipped)
    let groupsByName = Dictionary(
      (origin["groups"]?.arrayValue ?? []).map { ($0["name"]?.stringValue ?? "", $0) }, uniquingKeysWith: { a, _ in a })
    facts["groups"] = .array(
      chosen.groupNames.enumerated().map { i, name in
        var object = groupsByName[name]?.objectValue ?? ["name": .string(name)]
        object["utterances"] = .int(utterancesOfGroup[i])
        object["records"] = .int(recordsOfGroup[i])
        object["samples"] = .int(samplesOfGroup[i])
        return .object(object)
      })
    // What else the source says of itself travels, but for what is derived from its records.
    for (key, value) in origin.members where facts[key] == nil && !["overlays", "source"].contains(key) {
      facts[key] = value
    }
    var from: JSONObject = [
      "dataset": .string(Folder.name(of: source.folder)), "digest": .string(source.digest),
      "command": origin["command"] ?? .null,
    ]
    if let earlier = origin["source"] { from["source"] = earlier }
    facts["source"] = .object(from)
    return (summary, facts)
  }
}
