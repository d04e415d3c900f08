import FileIO
import Labels
import OrderedJSON
import Shards

/// Brings the tracks of a label source, in any order, into the rows of their utterances.
final class Labeller {
  private let source: any LabelSource
  private let phoneSet: PhoneSet
  private let dataset: Dataset
  private let overlay: Overlay
  private let options: OverlayOptions
  private var indices: [SIMD2<UInt64>: Int32] = [:]
  private var units: [Int32] = []
  /// Where the labels of each utterance were.
  private var positions: [SIMD2<UInt64>: String] = [:]
  private(set) var skipped = 0
  var mends: LabelMends { source.mends }
  private(set) var unknownCount = 0
  private var unknownExamples: [String] = []

  /// A file that is wrong as a whole has as many problems as lines: no more than this many are named.
  static let maximumNamed = 20

  init(
    _ source: any LabelSource, phoneSet: PhoneSet, dataset: Dataset, overlay: Overlay, options: OverlayOptions
  ) throws {
    self.source = source
    self.phoneSet = phoneSet
    self.dataset = dataset
    self.overlay = overlay
    self.options = options
    let list = try dataset.utterances()
    while let line = try list.next(), units.count < dataset.utteranceCount {
      indices[XXH3.key128(line.id)] = Int32(units.count)
      units.append(Int32(clamping: line.units))
    }
  }

  func run(_ writer: OverlayWriter) throws {
    var found = 0
    while true {
      do {
        guard let track = try source.next() else { break }
        if try add(track, to: writer) { found += 1 }
        options.progress(
          Progress(done: found, total: dataset.utteranceCount, unit: "utterances", detail: "labelled"))
      } catch let failure as Failure where failure.kind == .badInput {
        try skip(nil, failure)
      }
    }
    if skipped > Self.maximumNamed {
      options.report(
        InputProblem(Failure(.badInput, path: source.path, "\(skipped - Self.maximumNamed) more like these")))
    }
    reportUnknown()
    guard found > 0 else {
      throw Failure(.badInput, path: source.path, "it labels no utterance of \(dataset.folder): nothing was added")
    }
  }

  /// Returns whether the utterance is one of the dataset and has labels now.
  private func add(_ track: LabelTrack, to writer: OverlayWriter) throws -> Bool {
    guard let key = track.candidates.lazy.map({ XXH3.key128($0) }).first(where: { self.indices[$0] != nil }),
      let utterance = indices[key]
    else {
      if options.strict, !options.allowsUnknownIDs {
        throw Failure(
          .badInput, path: source.path, at: track.position, "\(dataset.folder) has no utterance \(track.id)",
          hint: Self.unknownHint)
      }
      unknownCount += 1
      if unknownExamples.count < 5 { unknownExamples.append(track.id) }
      return false
    }
    func fail(_ failure: Failure) throws -> Bool {
      var failure = failure
      failure.path = source.path
      failure.position = [track.position, failure.position].compactMap { $0 }.joined(separator: ", ")
      try skip(track.id, failure)
      return false
    }
    if let earlier = positions.updateValue(track.position, forKey: key) {
      return try fail(Failure(.badInput, "labelled twice, first in \(earlier)"))
    }
    let classes: [UInt16]
    do {
      classes = try track.classes(
        samples: Int(units[Int(utterance)]), rate: rate, cell: dataset.schema.cell, phoneSet: phoneSet,
        unlabelled: .max)
    } catch let failure as Failure {
      return try fail(failure)
    }
    // Of less than half a cell there is no centre that a label could hold.
    let hasCentre = Int(units[Int(utterance)]) > dataset.schema.cell / 2
    guard !hasCentre || classes.contains(where: { $0 != .max }) else {
      return try fail(Failure(.badInput, "it labels no cell"))
    }
    let records = dataset.records(ofUtterance: Int(utterance))
    guard let first = records.first else { return false }
    // Rows go on after the utterance's end, and end before it where its tail was dropped.
    var cells = [Int](repeating: overlay.none, count: records.count * dataset.schema.cells)
    for (t, label) in classes.prefix(cells.count).enumerated() where label != .max { cells[t] = Int(label) }
    try writer.write(record: first, cells)
    return true
  }

  /// Units a second; of records without time, one.
  private var rate: Int { dataset.schema.facts["rate"]?.intValue ?? 1 }

  private func skip(_ id: String?, _ failure: Failure) throws {
    if options.strict { throw failure }
    skipped += 1
    if skipped <= Self.maximumNamed { options.report(InputProblem(id: id, failure)) }
  }

  private static let unknownHint = "\(setting: "allow_unknown_ids") accepts labels of more than the dataset"

  private func reportUnknown() {
    guard unknownCount > 0, !options.allowsUnknownIDs else { return }
    let examples = unknownExamples.joined(separator: ", ") + (unknownCount > unknownExamples.count ? ", …" : "")
    options.report(
      InputProblem(
        Failure(
          .badInput, path: source.path,
          "\(unknownCount) \(unknownCount == 1 ? "id that is" : "ids that are") not in \(dataset.folder): \(examples)",
          hint: Self.unknownHint)))
  }
}
