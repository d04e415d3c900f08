public import FileIO
public import Labels
import OrderedJSON
public import Shards

/// What a user may choose when a plane is added to a dataset.
public struct OverlayOptions: Sendable {
  /// Stop at the first bad input, with nothing changed.
  public var strict = false
  /// Replace a plane of the same name.
  public var force = false
  /// Labels of utterances that the dataset lacks are no problem.
  public var allowsUnknownIDs = false
  /// As ``ShardingOptions/pronunciation``.
  public var pronunciation: (@Sendable () -> Pronunciation)?
  /// Called while labels are read and while the plane is completed.
  public var progress: ProgressHandler = { _ in }
  public var report: @Sendable (InputProblem) -> Void = { _ in }

  public init() {}
}

/// What came of it.
public struct OverlaySummary: Sendable {
  /// With its counts.
  public var overlay: Overlay
  /// Utterances of the dataset that have records.
  public var utterances: Int
  /// Tracks of labels left out because something was wrong with them, each named.
  public var skipped = 0
  /// Ids that the dataset does not have.
  public var unknownIDs = 0
  /// What was put right in the labels.
  public var mends = LabelMends()
}

/// Adds a plane of labels, one class for each 10 ms cell, row-aligned with the shards of a dataset. Utterances that the
/// source has no labels of have none. The dataset is as it was, or has the plane, whatever happens.
public func addLabels(
  from source: any LabelSource, as name: String, phoneSet: PhoneSet, to folder: String, options: OverlayOptions
) throws -> OverlaySummary {
  try add(name, to: folder, options: options) { dataset in
    guard dataset.schema == .audio else {
      throw Failure(
        .usage, path: folder,
        "alignments are of audio, and its records are of the kind \"\(dataset.schema.kind)\"",
        hint: "a number of each utterance can be added: NAME=key:KEY")
    }
    let overlay = try Overlay(
      name: name, content: .labels(phoneSet: phoneSet.name, classes: phoneSet.names), of: dataset.schema,
      statistics: ["from": .string(Folder.name(of: source.path))])
    let labeller = try Labeller(source, phoneSet: phoneSet, dataset: dataset, overlay: overlay, options: options)
    return (
      overlay,
      { writer in
        try labeller.run(writer)
        return (labeller.skipped, labeller.unknownCount, labeller.mends)
      }
    )
  }
}

/// Adds a plane of one integer a record: what the utterance list carries under `key`.
public func addKey(
  _ key: String, as name: String, to folder: String, options: OverlayOptions
) throws -> OverlaySummary {
  try add(name, to: folder, options: options) { dataset in
    let (values, isWide) = try integers(of: key, in: dataset)
    return (
      try Overlay(name: name, content: .key(key, isWide: isWide), of: dataset.schema),
      { writer in
        for (utterance, value) in values.enumerated() {
          let records = dataset.records(ofUtterance: utterance)
          guard let first = records.first, let value else { continue }
          try writer.write(record: first, [Int](repeating: value, count: records.count))
        }
        return (0, 0, LabelMends())
      }
    )
  }
}

/// Fills a plane; returns how many tracks were skipped and how many were of unknown utterances.
private typealias Filling = (OverlayWriter) throws -> (skipped: Int, unknown: Int, mends: LabelMends)

private func add(
  _ name: String, to folder: String, options: OverlayOptions, plan: (Dataset) throws -> (Overlay, Filling)
) throws -> OverlaySummary {
  let update = try DatasetUpdate(folder)
  let isReplacing = try update.has(name)
  guard !isReplacing || options.force else {
    throw Failure(.exists, path: folder, "the dataset has a plane \"\(name)\"", hint: "\(setting: "force") replaces it")
  }
  let dataset = try Dataset(opening: folder)
  let (overlay, fill) = try plan(dataset)
  let rows = (0..<dataset.utteranceCount).map { Int32(dataset.records(ofUtterance: $0).count) }
  let writer = try OverlayWriter(
    overlay, folder: folder, utteranceRows: rows,
    shardRecords: (0..<dataset.index.shardCount).map { dataset.index.records(ofShard: $0).count },
    isReplacing: isReplacing)
  do {
    let (skipped, unknown, mends) = try fill(writer)
    var (added, files) = try writer.finish(progress: options.progress) { histogram, isLabelled in
      guard overlay.hasPhonesOfEnglish else { return }
      try TranscriptCounts.complete(
        &histogram, in: folder, unit: dataset.schema.unit, isLabelled: isLabelled, options.pronunciation)
    }
    if skipped > 0 { added.statistics["skipped"] = .int(skipped) }
    if mends.overlaps > 0 { added.statistics["overlaps"] = .int(mends.overlaps) }
    if mends.unmapped > 0 { added.statistics["left_out"] = .int(mends.unmapped) }
    try update.insert(added, files: files)
    // What every reader checks, before anybody is told that it is good.
    _ = try Dataset(opening: folder)
    return OverlaySummary(
      overlay: added, utterances: rows.count { $0 > 0 }, skipped: skipped, unknownIDs: unknown,
      mends: mends)
  } catch {
    writer.abandon()
    throw error
  }
}

extension Overlay {
  /// Whether its classes are phones in which transcripts can be pronounced.
  public var hasPhonesOfEnglish: Bool {
    guard case .labels(let set, let classes) = content else { return false }
    return Planes.hasPhonesOfEnglish(set: set, classes: classes)
  }
}

/// Whether classes are phones in which transcripts can be pronounced.
public func hasPhonesOfEnglish(set: String?, classes: [String]) -> Bool {
  isSame(set, PhoneSet.cmu41.name) && zip(classes, PhoneSet.cmu41.names).allSatisfy { isSame($0, $1) }
    && classes.count == PhoneSet.cmu41.names.count
}

/// The integer of each utterance, nil where it has none, and whether they need 64 bits.
private func integers(of key: String, in dataset: Dataset) throws -> (values: [Int?], isWide: Bool) {
  let list = try dataset.utterances()
  var values: [Int?] = []
  var keys: [String] = []
  while let line = try list.next(), values.count < dataset.utteranceCount {
    if values.isEmpty { keys = line.json.objectValue?.members.map(\.key) ?? [] }
    switch line.json[key] {
    case nil, .null?: values.append(nil)
    case let value?:
      guard let integer = value.intValue, integer > Int.min else {
        throw Failure(
          .badInput, path: "\(dataset.folder)/\(UtteranceList.fileName)", at: "line \(values.count + 1)",
          "\(line.id): '\(key)' is \(value.compact), not an integer")
      }
      values.append(integer)
    }
  }
  guard values.contains(where: { $0 != nil }) else {
    throw Failure(
      .badInput, path: dataset.folder, "no utterance has a key '\(key)'",
      hint: "the first one has \(keys.joined(separator: ", "))")
  }
  // The least number stands for none.
  return (values, values.contains { $0.map { Int32(exactly: $0) == nil || $0 == Int(Int32.min) } ?? false })
}
