import FileIO
import Glibc

/// What the files of each finished shard were, as ``EncodedFile/stamp``: lines of the shard and a digest, of which the last
/// counts. It stands beside the journal, which becomes a part's list and says the same of the same corpus everywhere.
///
/// A line that a crash lost costs a shard that is made again.
final class StampLog {
  private var digests: [Int: String] = [:]
  private let file: File

  init(path: String) throws {
    file = try File.open(path, flags: O_RDWR | O_CREAT | O_APPEND, action: "open the list of files")
    let text = String(decoding: try file.remainder(), as: UTF8.self)
    for line in text.pieces(at: "\n") {
      let fields = line.pieces(at: " ")
      if fields.count == 2, let shard = Int(fields[0]) { digests[shard] = String(fields[1]) }
    }
  }

  /// Whether a shard was made of what gives this digest.
  func isSame(_ digest: String, of shard: Int) -> Bool { digests[shard].map { FileIO.isSame($0, digest) } ?? false }

  func append(_ digest: String, of shard: Int) throws {
    // On a line of its own, whatever a crash left of the one before.
    try file.write(Array("\n\(shard) \(digest)".utf8))
    digests[shard] = digest
  }
}
