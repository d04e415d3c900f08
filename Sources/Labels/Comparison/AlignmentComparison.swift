public import FileIO

/// How two alignments of the same utterances differ. A is what B is measured against.
///
/// Frames are our cells of 10 ms, by the phone at their centre, where both have a label. Boundaries are the times at which
/// one segment goes over into the next; neighbours of one class are one segment. Segments are paired by ``SegmentPairing``,
/// and a boundary of A is matched with one of B if the segments on both its sides are paired with those on both sides of
/// the other, be their phones the same or not.
public struct AlignmentComparison: Sendable {
  /// What is said of one utterance.
  public struct Utterance: Sendable {
    public var id: String
    /// Cells that both label, and those labelled alike.
    public var cells = 0
    public var equal = 0
    public var boundaries = 0
    /// Sum over matched boundaries, in seconds.
    public var absoluteDifference = 0.0
  }

  /// What is said of one phone.
  public struct Phone: Sendable {
    /// Segments of each alignment, and how long they are together, in seconds.
    public var segments = (a: 0, b: 0)
    public var seconds = (a: 0.0, b: 0.0)
    /// Matched boundaries at which A has the phone begin, and sums of their differences, in seconds.
    public var onsets = 0
    public var difference = 0.0
    public var absoluteDifference = 0.0
  }

  public let phoneSet: PhoneSet
  public private(set) var utterances: [Utterance] = []
  /// Utterances that one of the two lacks.
  public private(set) var onlyA = 0
  public private(set) var onlyB = 0
  /// Cells by the class in A (row) and in B (column).
  private var confusion: [Int]
  public private(set) var cellsOnlyA = 0
  public private(set) var cellsOnlyB = 0
  public private(set) var boundariesA = 0
  public private(set) var boundariesB = 0
  /// Of matched boundaries, B minus A, in seconds.
  public private(set) var differences: [Double] = []
  /// The phone that A has begin at each of them.
  private var differencePhones: [UInt16] = []
  public private(set) var phones: [Phone]
  public private(set) var disagreement = Disagreement()

  init(phoneSet: PhoneSet) {
    self.phoneSet = phoneSet
    confusion = [Int](repeating: 0, count: phoneSet.names.count * phoneSet.names.count)
    phones = phoneSet.names.map { _ in Phone() }
  }

  /// Cells that are of class `a` in A and `b` in B.
  public func cells(_ a: Int, _ b: Int) -> Int { confusion[a * phoneSet.names.count + b] }

  mutating func add(id: String, _ a: ComparableLabels, _ b: ComparableLabels) {
    var utterance = Utterance(id: id)
    for t in 0..<max(a.cells.count, b.cells.count) {
      let x = t < a.cells.count ? a.cells[t] : ComparableLabels.unlabelled
      let y = t < b.cells.count ? b.cells[t] : ComparableLabels.unlabelled
      switch (x == ComparableLabels.unlabelled, y == ComparableLabels.unlabelled) {
      case (true, true): break
      case (false, true): cellsOnlyA += 1
      case (true, false): cellsOnlyB += 1
      case (false, false):
        confusion[Int(x) * phoneSet.names.count + Int(y)] += 1
        utterance.cells += 1
        if x == y { utterance.equal += 1 }
      }
    }
    for segment in a.segments {
      phones[Int(segment.phone)].segments.a += 1
      phones[Int(segment.phone)].seconds.a += segment.end - segment.begin
    }
    for segment in b.segments {
      phones[Int(segment.phone)].segments.b += 1
      phones[Int(segment.phone)].seconds.b += segment.end - segment.begin
    }
    boundariesA += Self.boundaries(a.segments)
    boundariesB += Self.boundaries(b.segments)
    let pairs = SegmentPairing.pairs(a.segments, b.segments)
    disagreement.add(a, b, pairs: pairs, silence: phoneSet.index(of: "SIL").map { UInt16($0) })
    var previous: (Int, Int)?
    for (i, j) in pairs {
      defer { previous = (i, j) }
      guard let previous, previous == (i - 1, j - 1), follows(a.segments[i].begin, a.segments[i - 1]),
        follows(b.segments[j].begin, b.segments[j - 1])
      else { continue }
      let difference = b.segments[j].begin - a.segments[i].begin
      differences.append(difference)
      utterance.boundaries += 1
      utterance.absoluteDifference += abs(difference)
      differencePhones.append(a.segments[i].phone)
      let phone = Int(a.segments[i].phone)
      phones[phone].onsets += 1
      phones[phone].difference += difference
      phones[phone].absoluteDifference += abs(difference)
    }
    utterances.append(utterance)
  }

  /// ``differences`` less the mean of their phone: what no constant shift explains.
  public var unsystematicDifferences: [Double] {
    zip(differences, differencePhones).map { difference, phone in
      difference - phones[Int(phone)].difference / Double(phones[Int(phone)].onsets)
    }
  }

  private static func boundaries(_ segments: [PhoneSegment]) -> Int {
    zip(segments, segments.dropFirst()).count { follows($1.begin, $0) }
  }
}

extension AlignmentComparison {
  /// Compares the utterances that two sources have in common, in the order of `b`. What is wrong with either is
  /// reported, and the utterance left out.
  ///
  /// Memory: the labels of `a`, 1.6 MB an hour.
  public init(
    _ a: any LabelSource, _ b: any LabelSource, phoneSet: PhoneSet, report: (InputProblem) throws -> Void
  ) throws {
    self.init(phoneSet: phoneSet)
    var waiting: [ComparableLabels?] = []
    var index = IDIndex()
    try Self.forEach(a, phoneSet, report) { track, labels in
      let twice = index.insert(
        waiting.count, whole: [track.id] + track.otherIDs.prefix(1), ends: track.candidates)
      guard twice == nil else { throw Failure(.badInput, "labelled twice") }
      waiting.append(labels)
    }
    var seen = IDIndex()
    try Self.forEach(b, phoneSet, report) { track, labels in
      guard seen.insert(0, whole: [track.id] + track.otherIDs.prefix(1)) == nil else {
        throw Failure(.badInput, "labelled twice")
      }
      switch try Self.find(track, in: index) {
      case nil: onlyB += 1
      case let place?:
        guard let other = waiting[place] else { throw Failure(.badInput, "labelled twice") }
        waiting[place] = nil
        add(id: track.id, other, labels)
      }
    }
    onlyA = waiting.count { $0 != nil }
  }

  /// Where the utterance of a track is: by the whole of its id, be it the end of a path, or by an end of its own path,
  /// where that is the whole of an id.
  private static func find(_ track: LabelTrack, in index: IDIndex) throws -> Int? {
    for (i, id) in track.candidates.enumerated() {
      switch index.find(id, isWhole: i > 0 && !isSame(id, track.id)) {
      case .none: continue
      case .one(let place): return place
      case .several: throw Failure(.badInput, "several files of A may be of \(id)")
      }
    }
    return nil
  }

  private static func forEach(
    _ source: any LabelSource, _ phoneSet: PhoneSet, _ report: (InputProblem) throws -> Void,
    _ body: (LabelTrack, ComparableLabels) throws -> Void
  ) throws {
    while true {
      do {
        guard let track = try source.next() else { return }
        do {
          try body(track, try ComparableLabels(track, phoneSet))
        } catch var failure as Failure where failure.kind == .badInput {
          failure.path = source.path
          failure.position = [track.position, failure.position].compactMap { $0 }.joined(separator: ", ")
          try report(InputProblem(id: track.id, failure))
        }
      } catch let failure as Failure where failure.kind == .badInput {
        try report(InputProblem(failure))
      }
    }
  }
}
