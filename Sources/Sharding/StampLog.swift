public import FileIO
import Glibc

/// What the files of each finished shard were, as ``OpenShard/stamp``: lines of the shard and a digest, of which the last one
/// for a shard wins. It stands beside the journal, which becomes a part's list and says the same of the same corpus
/// wherever that lies.
final class StampLog {
  private var stamps: [Int: String] = [:]
  private let file: File
  /// Of a shard whose files' stamps were not to be had.
  private static let none = "-"

  init(path: String) throws {
    file = try File.open(path, flags: O_RDWR | O_CREAT | O_APPEND, action: "open the list of files")
    let text = String(decoding: try file.remainder(), as: UTF8.self)
    for line in text.pieces(at: "\n") {
      let fields = line.pieces(at: " ")
      if fields.count == 2, let shard = Int(fields[0]) { stamps[shard] = String(fields[1]) }
    }
  }

  /// Whether anything is known of a shard: what a crash or an earlier version left without is made again.
  func knows(_ shard: Int) -> Bool { stamps[shard] != nil }

  /// Whether a shard's files are others than they were.
  ///
  /// - Parameter stamp: what they are now; nil, of files that are away, says nothing.
  func hasChanged(_ shard: Int, now stamp: String?) -> Bool {
    guard let stamp, let then = stamps[shard], !isSame(then, Self.none) else { return false }
    return !isSame(then, stamp)
  }

  /// Durable at once, as the journal is.
  func append(_ stamp: String?, of shard: Int) throws {
    // On a line of its own, whatever a crash left of the one before.
    try file.write(Array("\n\(shard) \(stamp ?? Self.none)".utf8))
    try file.synchronize()
    stamps[shard] = stamp ?? Self.none
  }
}

/// Files have changed since an interrupted run made shards of them. Those shards have been removed: the same command makes
/// them again, and keeps the rest.
public struct StaleShards: Error {
  public let dataset: String
  public let count: Int
  public let first: Int

  public var description: String {
    "\(dataset): files of \(count) finished \(count == 1 ? "shard" : "shards") have changed since the interrupted run"
      + (count == 1 ? " (shard \(first))" : ", the first in shard \(first)")
  }

  /// For corpora that cannot be read a second time.
  public var failure: Failure {
    Failure(.badInput, description, hint: "run the same command again: it makes these anew and keeps the rest")
  }
}
