import FileIO
public import Labels
import OrderedJSON
import Shards

/// The labels that a dataset has in one of its planes, utterance by utterance; or the words that its list carries.
public final class PlaneLabels: LabelSource {
  public let path: String
  private let dataset: Dataset
  private let list: UtteranceList
  private let plane: String
  private let names: [String]
  private let none: Int
  private let map: PhoneMap
  private let tiers: LabelTiers
  private var utterance = 0

  /// - Parameter plane: `phones`, or the name of labels that were added.
  public init(_ folder: String, plane: String = "phones", map: PhoneMap = PhoneMap(), tiers: LabelTiers = LabelTiers())
    throws
  {
    path = isSame(plane, "phones") ? folder : "\(folder):\(plane)"
    dataset = try Dataset(opening: folder)
    list = try dataset.utterances()
    self.plane = plane
    self.map = map
    self.tiers = tiers
    if isSame(plane, "phones") {
      names = PhoneSet.cmu41.names
      none = Int(AudioRecords.unlabelled)
    } else {
      guard let overlay = dataset.overlays.first(where: { isSame($0.name, plane) }),
        case .labels(_, let classes) = overlay.content
      else {
        throw Failure(.badInput, path: folder, "it has no plane of labels \"\(plane)\"")
      }
      names = classes
      none = overlay.none
    }
  }

  public func next() throws -> LabelTrack? {
    try tiers.requireKey(path)
    while let line = try list.next(), utterance < dataset.utteranceCount {
      defer { utterance += 1 }
      let words = PhoneInterval.list(line.carried["words"])
      if tiers.areWords {
        guard let words else { continue }
        var track = LabelTrack(id: line.id, content: .intervals([]), position: "words")
        track.take(words: words)
        if let problem = track.wordsProblem {
          throw Failure(.badInput, path: path, at: "words", "\(line.id): \(problem)")
        }
        track.content = .intervals(track.words ?? [])
        track.words = nil
        return try map(track)
      }
      var labels: [String?] = []
      for record in dataset.records(ofUtterance: utterance) {
        let (shard, row) = dataset.locate(record)
        guard let values = shard.plane(plane)?.integers(row) else { continue }
        labels += try values.map { value in
          if value == none { return nil }
          guard names.indices.contains(value) else {
            throw Failure(.corrupt, path: path, "utterance \(line.id) has a class \(value) of \(names.count)")
          }
          return names[value]
        }
      }
      // The last record goes on after the utterance's end, or ends before it where the tail was dropped.
      let count = LabelGrid.count(samples: line.units, cell: AudioRecords.cell)
      labels = labels.prefix(count) + [String?](repeating: nil, count: max(0, count - labels.count))
      guard labels.contains(where: { $0 != nil }) else { continue }
      var track = LabelTrack(id: line.id, content: .frames(labels, .cells), position: "plane \(plane)")
      if tiers.words != nil, let words { track.take(words: words) }
      return try map(track)
    }
    return nil
  }
}
