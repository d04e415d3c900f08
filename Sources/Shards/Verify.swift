public import FileIO
import OrderedJSON
import Safetensors

/// What `verify` found.
public struct Verification: Sendable {
  /// One clear line each: file, and plane or row where it can be told.
  public var problems: [Failure] = []
  public var files = 0
  public var bytes = 0
  public var records = 0
  public var isGood: Bool { problems.isEmpty }

  public init() {}
}

extension Dataset {
  /// Reads every byte of a dataset: card, digests of all files and planes, checksums of all records. Never stops at a
  /// problem; what is named is what differs from what was written.
  public static func verify(_ folder: String, progress: ProgressHandler = { _ in }) throws -> Verification {
    var result = Verification()
    let card: Card
    do { card = try Card.read(folder: folder) } catch let failure as Failure where failure.kind == .corrupt {
      result.problems.append(failure)
      return result
    }
    let total = card.files.reduce(0) { $0 + $1.bytes } >> 20
    for entry in card.files {
      progress(Progress(done: result.bytes >> 20, total: total, unit: "MiB", detail: entry.path))
      do { try verify(entry, folder: folder, into: &result) } catch let failure as Failure {
        result.problems.append(failure)
      }
      result.files += 1
      result.bytes += entry.bytes
    }
    if result.isGood {
      // All bytes are as written, so this names a card or index that does not belong to these shards.
      do { try Dataset(opening: folder).checkUtterances() } catch let failure as Failure {
        result.problems.append(failure)
      }
    }
    return result
  }

  /// Every line of the utterance list can be read and agrees with the index, every split with the list.
  private func checkUtterances() throws {
    let list = try utterances()
    var number = 0
    while let line = try list.next() {
      defer { number += 1 }
      guard number < utteranceCount, line.rows == records(ofUtterance: number).count else {
        throw Failure(
          .corrupt, path: "\(folder)/\(UtteranceList.fileName)", at: "line \(number + 1)",
          "it does not agree with the index")
      }
    }
    for name in splitNames { _ = try split(named: name) }
  }

  private static func verify(_ entry: FileEntry, folder: String, into result: inout Verification) throws {
    let path = "\(folder)/\(entry.path)"
    try checkSize(entry, folder: folder)
    let mapped = try MappedFile(path)
    let intact = mapped.withBytes { XXH3.hash128($0) } == entry.digest
    let isOverlay = Overlay.parse(entry.path) != nil
    guard entry.records != nil || isOverlay else {
      if !intact { result.problems.append(Failure(.corrupt, path: path, "its digest differs from the card's")) }
      return
    }
    let before = result.problems.count
    let file: SafetensorsFile
    let count: Int
    do {
      file = try SafetensorsFile(mapped)
      count = isOverlay ? try Overlay.recordCount(file.header, path: path) : try open(entry, folder: folder).count
    } catch let failure as Failure {
      result.problems.append(failure)
      return
    }
    for plane in entry.planes {
      guard let tensor = file.header.tensor(plane.name) else {
        result.problems.append(Failure(.corrupt, path: path, "plane \"\(plane.name)\" is missing"))
        continue
      }
      if file.withBytes(of: tensor, { XXH3.hash128($0) }) != plane.digest {
        result.problems.append(
          Failure(.corrupt, path: path, "plane \"\(plane.name)\": its digest differs from the card's"))
      }
    }
    let hash = XXH3.Stream()
    for row in 0..<count where !mapped.withBytes({ file.header.isIntact(row: row, of: count, in: $0, hash: hash) }) {
      result.problems.append(Failure(.corrupt, path: path, at: "row \(row)", "its checksum differs from its content"))
    }
    if !isOverlay { result.records += count }
    if !intact, result.problems.count == before {
      result.problems.append(Failure(.corrupt, path: path, "header: the file's digest differs from the card's"))
    }
  }
}
