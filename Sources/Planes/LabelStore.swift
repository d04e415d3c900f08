public import FileIO
public import Labels
import Shards

/// The labels of many utterances by id, for a corpus whose utterances come in another order: a byte for each cell, about
/// 360 KB an hour.
public final class LabelStore: @unchecked Sendable {
  private struct Entry {
    var cells: Range<Int>
    var length: LabelLength
    var position: String
  }

  // Nothing changes after the initialiser: many threads may read.
  private var entries: [Entry] = []
  private var index = IDIndex()
  private var cells: [UInt8] = []
  /// The first utterance that has a label.
  private var example: String?
  /// What was put right in reading.
  public private(set) var mends = LabelMends()
  /// Tracks that could not be read, the first of them named.
  public private(set) var problems: [InputProblem] = []
  /// Of everything that was read.
  public private(set) var digest = ""
  /// Utterances that have labels.
  public var count: Int { entries.count }
  public let path: String

  /// Reads all there is.
  ///
  /// - Parameter strict: throw at the first track that is bad.
  public init(_ source: any LabelSource, phoneSet: PhoneSet = .cmu41, strict: Bool) throws {
    path = source.path
    var bad = 0
    let hash = XXH3.Stream()
    while true {
      do {
        guard let track = try source.next() else { break }
        try add(track, phoneSet, hash)
      } catch let failure as Failure where failure.kind == .badInput {
        if strict { throw failure }
        bad += 1
        if bad <= Labeller.maximumNamed { problems.append(InputProblem(failure)) }
      }
    }
    if bad > problems.count {
      problems.append(InputProblem(Failure(.badInput, path: path, "\(bad - problems.count) more like these")))
    }
    digest = hash.digest128
    mends = source.mends
    guard example != nil else {
      throw problems.first?.failure ?? Failure(.badInput, path: path, "it labels no utterance")
    }
  }

  private func add(_ track: LabelTrack, _ phoneSet: PhoneSet, _ hash: XXH3.Stream) throws {
    func failed(_ failure: Failure) -> Failure {
      var failure = failure
      failure.path = path
      failure.position = [track.position, track.id, failure.position].compactMap { $0 }.joined(separator: ", ")
      return failure
    }
    let extent = track.length.extent(rate: AudioRecords.rate, cell: AudioRecords.cell)
    let classes: [UInt16]
    do {
      classes = try track.classes(
        count: LabelGrid.count(samples: extent, cell: AudioRecords.cell), rate: AudioRecords.rate,
        cell: AudioRecords.cell, phoneSet: phoneSet, unlabelled: UInt16(AudioRecords.unlabelled))
    } catch let failure as Failure {
      throw failed(failure)
    }
    // Also the labels of a track that labels nothing are its utterance's.
    let whole = [track.id] + track.otherIDs.prefix(1)
    if let earlier = index.insert(entries.count, whole: whole, ends: track.candidates) {
      throw failed(Failure(.badInput, "labelled twice, first in \(entries[earlier].position)"))
    }
    entries.append(
      Entry(cells: cells.count..<cells.count + classes.count, length: track.length, position: track.position))
    cells.append(contentsOf: classes.lazy.map { UInt8(truncatingIfNeeded: $0) })
    Array("\(track.id)\n\(track.length)\n".utf8).withUnsafeBytes { hash.update($0) }
    cells[(cells.count - classes.count)...].withUnsafeBytes { hash.update($0) }
    guard classes.contains(where: { $0 != UInt16(AudioRecords.unlabelled) }) else {
      throw failed(Failure(.badInput, "it labels no cell"))
    }
    example = example ?? track.id
  }

  /// What there is to say of a corpus that has no utterance with one of these labels.
  public var uselessness: Failure {
    Failure(
      .badInput, path: path, "it labels no cell of the corpus",
      hint: "its labels are of \(example ?? "nothing"), for example")
  }

  /// Which of the ``count`` utterances with labels may be the one of that id.
  public func places(of id: String) -> [Int] {
    switch index.find(id) {
    case .none: []
    case .one(let place): [place]
    case .several(let a, let b): [a, b]
    }
  }

  /// The class of each cell of an utterance of so many samples; nil if it has no labels. A `Failure` if they are of
  /// another length.
  public func labels(of id: String, samples: Int) throws -> [UInt8]? {
    let entry: Entry
    switch index.find(id) {
    case .none: return nil
    case .one(let place): entry = entries[place]
    case .several(let a, let b):
      throw Failure(
        .badInput, path: path, at: entries[a].position, "labelled twice: \(entries[b].position) may be of \(id) too",
        hint: "ids that are paths tell them apart")
    }
    do {
      try entry.length.check(samples: samples, rate: AudioRecords.rate, cell: AudioRecords.cell)
    } catch var failure as Failure {
      failure.path = path
      failure.position = entry.position
      throw failure
    }
    let count = LabelGrid.count(samples: samples, cell: AudioRecords.cell)
    let known = cells[entry.cells].prefix(count)
    return known + [UInt8](repeating: AudioRecords.unlabelled, count: count - known.count)
  }
}
