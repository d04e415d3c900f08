import Corpora
import FileIO
import Shards

/// Refuses before the work what cannot fit, as far as it can be known.
func checkSpace(for corpus: Corpus, _ schema: RecordSchema, at dataset: String) throws {
  guard let least = corpus.minimumUnits.map({ bytes($0, schema) }) else { return }
  // Only where it may be tight are the headers of all files worth reading.
  try checkSpace(bytes: least, better: { declaredBytes(corpus, schema) }, at: dataset)
}

/// - Parameter better: a better count, asked for where it may be tight.
func checkSpace(bytes least: Int, better: () -> Int? = { nil }, at dataset: String) throws {
  // What is there will be used again, or replaced.
  let free = try Folder.freeSpace(at: existingFolder(dataset)) + shardBytes(in: dataset)
  guard least > free / 8 else { return }
  let needed = better() ?? least
  guard needed > free else { return }
  throw Failure(
    .noSpace, path: dataset,
    "the disk is too small: at least \(mebibytes(needed)) are needed, \(max(0, free) >> 20) MiB are free",
    hint: "\(mebibytes(needed - free)) more would do")
}

/// Of parts on another file system, which are copied.
func bytesToCopy(of parts: [FinishedPart], to dataset: String) throws -> Int {
  let device = try identity(of: existingFolder(dataset)).device
  return try parts.filter { try identity(of: $0.folder).device != device }.flatMap(\.shards)
    .reduce(0) { $0 + $1.file.bytes }
}

/// The folder itself, or the next one above it that is there.
private func existingFolder(_ path: String) -> String {
  var place = path
  while Folder.kind(of: place) != .folder, Folder.parent(of: place) != place { place = Folder.parent(of: place) }
  return place
}

private func shardBytes(in dataset: String) throws -> Int {
  guard Folder.kind(of: "\(dataset)/shards") == .folder else { return 0 }
  return try Folder.names(in: "\(dataset)/shards").reduce(0) { sum, name in
    sum + ((try? File.reading("\(dataset)/shards/\(name)").size()) ?? 0)
  }
}

/// Bytes of the payload, where that is known before the walk.
func declaredBytes(_ corpus: Corpus, _ schema: RecordSchema) -> Int? { corpus.declaredUnits.map { bytes($0, schema) } }

private func bytes(_ units: Int, _ schema: RecordSchema) -> Int { units * schema.payloadSize / schema.length }

/// Rounded up, for messages.
func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 20) - 1) >> 20) MiB" }
