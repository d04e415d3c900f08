import FileIO

/// Holds manifest lines until their transcripts have come and lets them go in the order in which they were added.
public struct TranscriptQueue {
  private var entries: [ManifestEntry] = []
  /// Entries before this have left.
  private var first = 0
  /// Position of each entry that has no text, counted from the first entry ever added.
  private var waiting: [SIMD2<UInt64>: Int] = [:]
  private var removed = 0
  /// Texts that came before their utterances.
  private var early: [SIMD2<UInt64>: String] = [:]

  public init() {}

  public mutating func add(_ entry: ManifestEntry) {
    var entry = entry
    if entry.text == nil { entry.text = early.removeValue(forKey: XXH3.key128(entry.id)) }
    if entry.text == nil, entry.isAudio { waiting[XXH3.key128(entry.id)] = removed + entries.count }
    entries.append(entry)
  }

  public mutating func add(text: String, for id: String) {
    if let position = waiting.removeValue(forKey: XXH3.key128(id)) {
      entries[position - removed].text = text
    } else {
      early[XXH3.key128(id)] = text
    }
  }

  /// The next entry that has its text, or that is no audio and has none; `atEnd` also others.
  public mutating func next(atEnd: Bool = false) -> ManifestEntry? {
    guard first < entries.count, atEnd || entries[first].text != nil || !entries[first].isAudio else { return nil }
    let entry = entries[first]
    first += 1
    if first == entries.count || first >= 4096 {
      entries.removeFirst(first)
      removed += first
      first = 0
    }
    return entry
  }
}

extension ManifestEntry {
  fileprivate var isAudio: Bool { if case .audio = extent { true } else { false } }
}
