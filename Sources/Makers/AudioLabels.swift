import Corpora
import FileIO
import Labels
import Manifests
import OrderedJSON
import Planes
import Sharding
import Shards

/// The phones of utterances: from the store of labels if there is one, else from the manifest.
final class AudioLabels: UtteranceLabels {
  private let store: LabelStore?
  /// Which utterances of the store have come, whatever came of them: two of the corpus may be one there.
  private var found: [Bool]
  private(set) var unlabelled = 0
  private(set) var mends: LabelMends
  let problems: [InputProblem]
  let classes: [String] = []

  init(_ store: LabelStore?) {
    self.store = store
    found = [Bool](repeating: false, count: store?.count ?? 0)
    mends = store?.mends ?? LabelMends()
    problems = store?.problems ?? []
  }

  var unknownIDs: Int { found.count { !$0 } }

  func labels(of entry: ManifestEntry) throws -> [UInt8]? {
    // Where there is a store, those of the manifest do not count.
    guard let store else { return try manifestLabels(of: entry) }
    var result: [UInt8]?
    defer { if result?.contains(where: { $0 != AudioRecords.unlabelled }) != true { unlabelled += 1 } }
    for place in store.places(of: entry.id) { found[place] = true }
    result = try store.labels(of: entry.id, samples: entry.units)
    return result
  }

  private func manifestLabels(of entry: ManifestEntry) throws -> [UInt8]? {
    guard let phones = entry.phones else {
      guard entry.extra["cells"]?.arrayValue == nil else {
        throw Failure(
          .badInput, "its labels are those of cells, which are not taken from the manifest",
          hint: "\(setting: "phones") FILE reads them, also from a manifest")
      }
      return nil
    }
    let sequence = try IntervalSequence(phones)
    let track = LabelTrack(id: entry.id, content: .intervals(sequence.intervals), position: entry.id)
    let classes = try track.classes(
      samples: entry.units, rate: AudioRecords.rate, cell: AudioRecords.cell, phoneSet: .cmu41,
      unlabelled: UInt16(AudioRecords.unlabelled))
    mends += sequence.mends
    return classes.map { UInt8(truncatingIfNeeded: $0) }
  }
}
