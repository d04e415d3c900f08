import FileIO

/// A phone and when it is spoken, in seconds.
public struct PhoneSegment: Sendable, Equatable {
  public var phone: UInt16
  public var begin: Double
  public var end: Double

  public init(phone: UInt16, begin: Double, end: Double) {
    self.phone = phone
    self.begin = begin
    self.end = end
  }
}

/// The labels of an utterance in the two forms that are compared.
struct ComparableLabels {
  /// The class of each cell.
  var cells: [UInt16]
  /// Neighbours of one class are one segment: labels of frames cannot tell them apart.
  var segments: [PhoneSegment]

  static let unlabelled = UInt16.max

  init(_ track: LabelTrack, _ phoneSet: PhoneSet) throws {
    let (rate, cell) = (LabelFiles.rate, LabelFiles.cell)
    let extent = track.length.extent(rate: rate, cell: cell)
    cells = try track.classes(
      count: LabelGrid.count(samples: extent, cell: cell), rate: rate, cell: cell, phoneSet: phoneSet,
      unlabelled: Self.unlabelled)
    segments = []
    for interval in track.intervals(samples: nil, rate: rate, cell: cell) where interval.end > interval.begin {
      let phone = UInt16(try phoneSet.index(of: interval.label, at: "at \(interval.beginText) s"))
      if let last = segments.last, last.phone == phone, follows(interval.begin, last) {
        segments[segments.count - 1].end = interval.end
      } else {
        segments.append(PhoneSegment(phone: phone, begin: interval.begin, end: interval.end))
      }
    }
    // Nobody's speech, and more than can be paired.
    guard segments.count <= 1000 + extent * 1000 / rate else {
      throw Failure(.badInput, "\(segments.count) phones in \(Double(extent) / Double(rate)) s")
    }
  }
}

/// Whether nothing lies between the end of a segment and `begin`. Times that were added up meet only nearly.
func follows(_ begin: Double, _ segment: PhoneSegment) -> Bool { abs(begin - segment.end) < 1e-6 }
