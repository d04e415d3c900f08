import FileIO

/// What tables say of clips.
package struct ClipList {
  package struct Clip {
    package var client: String
    package var split: String?
    package var text: String?
  }

  private var clips: [SIMD2<UInt64>: Clip] = [:]
  /// Clients' names, so that all clips of one share it.
  private var clients: [Name: String] = [:]
  /// How many have been read.
  package var tables = 0
  /// Clips that are in no table.
  package private(set) var unlisted = 0

  package init() {}

  /// Why a line contradicts one that came before; nil if it does not.
  package mutating func add(_ line: ClipLine, split: String?) -> String? {
    let key = XXH3.key128(line.id)
    guard let known = clips[key] else {
      let client = clients[Name(line.client)] ?? line.client
      clients[Name(line.client)] = client
      clips[key] = Clip(client: client, split: split, text: line.text.isEmpty ? nil : line.text)
      return nil
    }
    guard isSame(known.client, line.client) else { return "another table has another client_id" }
    guard let split, !isSame(known.split, split) else { return nil }
    if let earlier = known.split { return "in \(split).tsv, and in \(earlier).tsv too" }
    clips[key]?.split = split
    return nil
  }

  package mutating func take(_ id: String) -> Clip? {
    let clip = clips[XXH3.key128(id)]
    if clip == nil { unlisted += 1 }
    return clip
  }
}
