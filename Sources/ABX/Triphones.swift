public import FileIO

/// A phone as a label plane has it: a class, and the cells it lasts.
public struct PhoneInterval: Sendable, Equatable {
  public var phone: Int
  public var first: Int
  /// The first cell after it.
  public var end: Int

  public init(phone: Int, first: Int, end: Int) { (self.phone, self.first, self.end) = (phone, first, end) }

  /// The runs of equal classes of a sequence of cells; cells that are `none` belong to no phone. Two equal phones one
  /// after the other are one run: where boundaries are known, intervals are better made from them.
  public static func runs(of cells: some Sequence<Int>, none: Int? = nil) -> [PhoneInterval] {
    var intervals: [PhoneInterval] = []
    for (i, phone) in cells.enumerated() where phone != none {
      if let last = intervals.last, last.phone == phone, last.end == i {
        intervals[intervals.count - 1].end = i + 1
      } else {
        intervals.append(PhoneInterval(phone: phone, first: i, end: i + 1))
      }
    }
    return intervals
  }
}

/// What became of the phones of utterances.
public struct TriphoneCounts: Sendable, Equatable {
  /// Phones with a phone before and one after: items.
  public var items = 0
  /// Phones at the beginning or end of an utterance, or beside cells without label.
  public var withoutNeighbour = 0
  /// Silences and other excluded classes, and phones beside one.
  public var excluded = 0

  public init() {}
}

extension ItemList {
  /// Appends the triphones of an utterance: an item for each phone, which lasts from the beginning of the phone before to
  /// the end of the phone after, as in the item files of ZeroSpeech.
  ///
  /// A triphone with an excluded class (silence, noise, unknown words) at any of its three places makes no item, nor do
  /// phones that lack a neighbour.
  ///
  /// - Parameters:
  ///   - intervals: In order, and apart from one another.
  ///   - names: Of the classes.
  ///   - excluded: Classes that are no phones.
  ///   - hop: Samples of a cell.
  ///   - rate: Samples a second. Times are exact at rates whose only prime factors are 2 and 5, else to the nanosecond.
  @discardableResult
  public mutating func appendTriphones(
    of intervals: [PhoneInterval], file: Name, speaker: Name, names: [Name], excluding excluded: Set<Int>, hop: Int,
    rate: Int
  ) -> TriphoneCounts {
    var counts = TriphoneCounts()
    for (i, interval) in intervals.enumerated() {
      precondition(interval.first < interval.end && (i == 0 || intervals[i - 1].end <= interval.first))
      if excluded.contains(interval.phone) {
        counts.excluded += 1
        continue
      }
      guard i > 0, i + 1 < intervals.count, intervals[i - 1].end == interval.first,
        interval.end == intervals[i + 1].first
      else {
        counts.withoutNeighbour += 1
        continue
      }
      let (previous, next) = (intervals[i - 1], intervals[i + 1])
      if excluded.contains(previous.phone) || excluded.contains(next.phone) {
        counts.excluded += 1
        continue
      }
      append(
        file: file, onset: Seconds(sample: previous.first * hop, rate: rate),
        offset: Seconds(sample: next.end * hop, rate: rate), phone: names[interval.phone],
        previous: names[previous.phone], next: names[next.phone], speaker: speaker)
      counts.items += 1
    }
    return counts
  }
}
