import FileIO

/// Small faults of times that were rounded: how many were put right.
public struct LabelMends: Sendable, Equatable {
  /// Phones that began before the one before had ended, by no more than a cell: the later one has what both claim.
  public var overlaps = 0
  /// Moments of less than a cell between phones: the later one has them too.
  public var gaps = 0
  /// Phones that began before the utterance, by no more than a cell: they begin with it.
  public var early = 0
  /// Words that ran into the next one, or began before the utterance, by no more than a cell: they are cut there.
  public var words = 0
  /// Phones that the phone map leaves out.
  public var unmapped = 0

  public init() {}

  public static func += (a: inout LabelMends, b: LabelMends) {
    a.overlaps += b.overlaps
    a.gaps += b.gaps
    a.early += b.early
    a.words += b.words
    a.unmapped += b.unmapped
  }

  /// For people; nil if there was nothing.
  public var description: String? {
    var parts: [String] = []
    if overlaps + gaps > 0 {
      parts.append(
        "\(overlaps) \(overlaps == 1 ? "overlap" : "overlaps") and \(gaps) \(gaps == 1 ? "gap" : "gaps") "
          + "of less than 10 ms between phones: they went to the later phone")
    }
    if early > 0 {
      parts.append("\(early) \(early == 1 ? "phone" : "phones") less than 10 ms before the start: cut there")
    }
    if words > 0 {
      parts.append("\(words) \(words == 1 ? "word" : "words") less than 10 ms too long at one end: cut there")
    }
    if unmapped > 0 { parts.append("\(unmapped) \(unmapped == 1 ? "phone" : "phones") that the phone map leaves out") }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }
}

/// Intervals of an utterance as a file gives them, one after the other. Those that overlap by up to a cell of 10 ms, as
/// rounding makes them, are cut where the later one begins; the rest must be in the order of time.
public struct IntervalSequence {
  public private(set) var intervals: [PhoneInterval] = []
  public private(set) var mends = LabelMends()

  /// A cell, and what adding up decimal fractions makes of it, in seconds.
  static let cell = 0.01
  static let rounding = 1e-6

  public init() {}

  /// A `Failure` says which interval overlaps the one before, or runs backwards.
  public init(_ intervals: [PhoneInterval]) throws {
    self.intervals.reserveCapacity(intervals.count)
    for interval in intervals { try append(interval) }
  }

  public mutating func append(_ interval: PhoneInterval) throws {
    let end = intervals.last?.end ?? 0
    guard interval.end >= interval.begin, interval.end.isFinite, end - interval.begin <= Self.cell + Self.rounding
    else {
      throw Failure(
        .badInput,
        "intervals overlap or run backwards: \(interval.label) begins at \(interval.beginText) s, before \(end) s")
    }
    if interval.isClamped { mends.early += 1 }
    if end - interval.begin > Self.rounding {
      mends.overlaps += 1
      cut(at: interval)
    } else if Self.isGap(from: end, to: interval.begin) {
      mends.gaps += 1
    }
    intervals.append(interval)
  }

  /// Nothing is labelled twice: what lies wholly after the begin of the new interval is left out.
  private mutating func cut(at interval: PhoneInterval) {
    while let last = intervals.last, last.end > interval.begin {
      intervals.removeLast()
      if last.begin < interval.begin,
        let rest = PhoneInterval(label: last.label, begin: last.beginText, end: interval.beginText)
      {
        intervals.append(rest)
      }
    }
  }

  /// Whether so little lies between two intervals that it is no silence but rounding.
  static func isGap(from end: Double, to begin: Double) -> Bool {
    begin - end > rounding && begin - end < cell - rounding
  }

  /// The intervals with gaps of less than a cell given to the later one.
  var closed: [PhoneInterval] {
    guard mends.gaps > 0 else { return intervals }
    var closed: [PhoneInterval] = []
    closed.reserveCapacity(intervals.count)
    for interval in intervals {
      let (end, endText) = closed.last.map { ($0.end, $0.endText) } ?? (0, "0")
      let isBehindGap = Self.isGap(from: end, to: interval.begin)
      closed.append(
        isBehindGap
          ? PhoneInterval(label: interval.label, begin: endText, end: interval.endText) ?? interval : interval)
    }
    return closed
  }
}
