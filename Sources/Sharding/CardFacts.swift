import Audio
import Corpora
import Digests
import FileIO
import Labels
import OrderedJSON
import Shards

/// What the card says of a group.
struct GroupFacts {
  var name: String
  var utterances = 0
  var records = 0
  var samples = 0
  var speaker: Speaker?

  init(name: String) { self.name = name }

  var json: JSON {
    var object: JSONObject = [
      "name": .string(name), "utterances": .int(utterances), "records": .int(records), "samples": .int(samples),
    ]
    if let speaker {
      object["sex"] = .string(speaker.sex)
      object["speaker"] = .string(speaker.name)
    }
    return .object(object)
  }
}

/// The card without its list of files.
///
/// - Parameters:
///   - isLabelled: of each utterance.
///   - folder: the dataset's, in which its utterance list is complete.
func cardFacts(
  _ summary: ShardingSummary, sources: [FileDigest] = [], options: ShardingOptions, groups: [GroupFacts],
  failedUtterances: Int, phones: ClassCounts, isLabelled: [Bool], folder: String
) throws -> JSONObject {
  let phoneSet = try phoneSet(phones, summary, options: options, isLabelled: isLabelled, folder: folder)
  var facts: JSONObject = [
    "schema": .int(RecordSchema.version),
    "kind": .string("audio"),
    "corpus": options.corpusName.map { .string($0) } ?? .null,
    "licence": options.licence.map { .string($0) } ?? .null,
    "command": .string(options.command),
    "record": .object([
      "samples": .int(RecordSchema.window), "rate": .int(RecordSchema.rate), "cell": .int(RecordSchema.cell),
      "tail": .string(options.tail.rawValue), "records_per_shard": .int(options.recordsPerShard),
    ]),
    "counts": .object([
      "utterances": .int(summary.utterances), "failed_utterances": .int(failedUtterances),
      "untranscribed_utterances": .int(summary.untranscribed), "groups": .int(summary.groups),
      "records": .int(summary.records), "full_records": .int(summary.records - summary.paddedRecords),
      "padded_records": .int(summary.paddedRecords), "padding_samples": .int(summary.paddingSamples),
      "dropped_samples": .int(summary.droppedSamples), "samples": .int(summary.samples),
      "hours": .real((summary.hours * 1000).rounded() / 1000), "skipped": .int(summary.problems.count),
    ]),
    "groups": .array(groups.map(\.json)),
    "phone_sets": .array(phoneSet.map { [.object($0)] } ?? []),
    "skipped": .array(summary.problems.map { json($0, inputs: options.inputs) }),
  ]
  if !sources.isEmpty {
    facts["sources"] = .array(
      sources.map { .object(["name": .string($0.name), "bytes": .int($0.bytes), "md5": .string($0.md5)]) })
  }
  if summary.clipped > 0, var counts = facts["counts"]?.objectValue {
    counts["clipped_samples"] = .int(summary.clipped)
    counts["clipped_utterances"] = .int(summary.clippedUtterances)
    facts["counts"] = .object(counts)
  }
  facts["conversion"] = conversion(options.conversion, clipped: summary.clipped)
  return facts
}

/// What there is to say of the plane `phones`; nil if it has no labels.
private func phoneSet(
  _ counts: ClassCounts, _ summary: ShardingSummary, options: ShardingOptions, isLabelled: [Bool], folder: String
) throws -> JSONObject? {
  guard counts.labelledCells > 0 else { return nil }
  let set = PhoneSet.cmu41
  var phones: JSONObject = [
    "plane": .string("phones"), "name": .string(set.name), "classes": .array(set.names.map { .string($0) }),
    "labelled_cells": .int(counts.labelledCells), "unlabelled_cells": .int(counts.unlabelledCells),
  ]
  if let labels = options.labels {
    phones["unlabelled_utterances"] = .int(summary.unlabelled)
    phones["unknown_ids"] = .int(summary.unknownIDs)
    phones["from"] = .string(Folder.name(of: labels.path))
  }
  if summary.mends.overlaps > 0 { phones["overlaps"] = .int(summary.mends.overlaps) }
  var histogram = counts.histogram(classes: set.names.count)
  try TranscriptCounts.complete(&histogram, in: folder, isLabelled: isLabelled, options.pronunciation)
  phones["histogram"] = .object(histogram)
  return phones
}

/// How audio of other rates and with several channels was converted; nil if it was refused.
private func conversion(_ conversion: AudioConversion, clipped: Int) -> JSON? {
  guard conversion != AudioConversion() else { return nil }
  var object = JSONObject()
  if conversion.mixesDown { object["mixdown"] = .string("mean of the channels") }
  if conversion.resamples {
    object["resample"] = .object([
      "rate": .int(speechRate), "library": .string(AudioConversion.resamplingLibrary), "quality": .string("VHQ"),
      "length": .string("samples · \(speechRate) / rate, halves rounded up"),
    ])
  }
  object["rounding"] = .string("nearest, halves to even, no dither")
  object["clipped_samples"] = .int(clipped)
  return .object(object)
}

private func json(_ problem: InputProblem, inputs: [String]) -> JSON {
  var object = JSONObject()
  if let id = problem.id { object["id"] = .string(id) }
  if let path = problem.failure.path { object["path"] = .string(inside(inputs, path)) }
  if let position = problem.failure.position { object["position"] = .string(position) }
  object["reason"] = .string(withoutFolders(problem.failure.reason, inputs))
  return .object(object)
}

/// The path without the input that it lies in: the card holds no absolute paths, and is the same for an archive and the
/// folder that was unpacked from it.
private func inside(_ inputs: [String], _ path: String) -> String {
  for input in inputs {
    for separator in ["/", ": "] {
      let prefix = input.ends(with: "/") && separator == "/" ? input : input + separator
      if path.begins(with: prefix) { return String(path.dropping(first: prefix.utf8.count)) }
    }
  }
  return path.begins(with: "/") ? Folder.name(of: path) : path
}

/// A reason that names files, without the folders that they lie in on this machine.
private func withoutFolders(_ reason: String, _ inputs: [String]) -> String {
  var words = reason.pieces(at: " ").map { String($0) }
  for i in words.indices where words[i].begins(with: "/") || inputs.contains(where: { words[i].begins(with: $0) }) {
    words[i] = inside(inputs, words[i])
  }
  return words.joined(separator: " ")
}
