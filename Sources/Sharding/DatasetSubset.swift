import Corpora
import FileIO
import Glibc
import Manifests
import OrderedJSON
import Shards

/// Makes a dataset of some utterances of another: records, labels, added planes and splits are copied, and its files are
/// those that a dataset made of these utterances from the start would have.
///
/// - Parameters:
///   - selections: an utterance must be meant by all.
///   - conversion: makes other records of those that are copied, with the schema of the options' maker.
///   - part: make this part of the shards alone.
///   - parts: folders of all parts, made with the same options: their shards are taken over.
///   - options: corpus name and licence are those of the source if they are nil; decoding does not take place.
public func makeSubset(
  of source: String, selecting selections: [UtteranceSelection], converting conversion: (any RecordConversion)? = nil,
  part: Part? = nil, parts folders: [String] = [], to output: String, options: ShardingOptions
) throws -> ShardingSummary {
  let dataset = try Dataset(opening: source)
  guard try !isSameFolder(source, output) else {
    throw Failure(.usage, path: output, "a dataset cannot be its own subset", hint: "-o NEW names another folder")
  }
  let chosen = try ChosenUtterances(dataset, selections, maker: options.maker)
  let existed = Folder.kind(of: output) != nil
  let payload = (conversion == nil ? dataset.schema : options.maker.schema).payloadSize
  var options = options
  options.fingerprint["source"] = .string(dataset.digest)
  options.fingerprint["utterances"] = .string(XXH3.hash128(chosen.indices.flatMap { Array("\($0)\n".utf8) }))
  let finished = folders.isEmpty ? [] : try FinishedPart.complete(folders, to: output, options: options)
  let share = chosen.recordCount * payload / (part?.count ?? 1)
  try checkSpace(bytes: finished.isEmpty ? share : bytesToCopy(of: finished, to: output), at: output)
  if let part { options.fingerprint["part"] = .string(part.description) }
  guard let workspace = try Workspace.open(dataset: output, options: options) else {
    return part == nil
      ? ShardingSummary(try Card.read(folder: output), options.maker)
      : try FinishedPart(folder: output, options.maker.schema).summary
  }
  do {
    for part in finished { try workspace.adopt(part, progress: options.progress) }
    return try SubsetWriter(
      dataset, chosen, converting: conversion, part: part, workspace: workspace, options: options
    ).run()
  } catch {
    workspace.abandon()
    if !existed { Folder.remove(emptyFolder: output) }
    throw error
  }
}

func isSameFolder(_ a: String, _ b: String) throws -> Bool {
  guard Folder.kind(of: b) == .folder else { return false }
  return try identity(of: a) == identity(of: b)
}

/// What the file system calls a folder.
func identity(of folder: String) throws -> (device: dev_t, node: ino_t) {
  let status = try File.open(folder, flags: O_RDONLY | O_DIRECTORY, action: "open folder").status()
  return (status.st_dev, status.st_ino)
}

/// The utterances of a subset, in order, with their place in the source.
struct ChosenUtterances {
  var indices: [Int] = []
  var ids: [SIMD2<UInt64>] = []
  var units: [Int] = []
  /// What ``RecordMaker/counted`` names, where the source counts it.
  var counts: [Name: (total: Int, utterances: Int)] = [:]
  /// Groups, numbered anew by first appearance, and what they were.
  var groups: [Int32] = []
  var groupNames: [String] = []
  /// Of each utterance, if they are numbered anew.
  var labels: [[UInt8]?] = []
  let numbering: (any UtteranceLabels)?
  var untranscribed = 0
  var recordCount = 0

  init(_ dataset: Dataset, _ selections: [UtteranceSelection], maker: any RecordMaker) throws {
    numbering = maker.numbersLabels ? maker.makeLabels(classes: []) : nil
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
      units.append(line.units)
      for counted in maker.counted {
        guard let number = line.json[counted.key]?.intValue, number > 0 else { continue }
        let (total, utterances) = counts[Name(counted.key)] ?? (0, 0)
        counts[Name(counted.key)] = (total + number, utterances + 1)
      }
      if let numbering {
        var entry = ManifestEntry(id: line.id, source: "", group: line.group, extent: .image(width: 1, height: 1))
        entry.extra[ManifestEntry.classKey] = line.json[ManifestEntry.classKey]
        labels.append(try numbering.labels(of: entry))
      }
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
        indices.isEmpty ? "no utterance is selected" : "what is selected has no records",
        hint: indices.isEmpty && selections.count > 1
          ? "each selects some, none is selected by all; several groups are NAME,NAME" : nil)
    }
  }
}
