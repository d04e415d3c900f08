import FileIO

/// The labels of one utterance as an alignment file gives them: names are as spelled there, and ``PhoneSet`` folds them.
public struct LabelTrack: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    /// Labels with their times, in seconds from the start of the utterance; ascending and not overlapping.
    case intervals([PhoneInterval])
    /// One label for each frame of a grid, nil where there is none.
    case frames([String?], FrameGrid)
  }

  /// What the utterance is called: of a file its path below the folder or in the archive, without the ending.
  public var id: String
  /// Other ids under which an utterance may be known whose labels these are: of a file in folders the whole path, and
  /// what stands after some of its folders; the longest first.
  public var otherIDs: [String] = []
  public var content: Content
  /// Words with their times beside the phones, without silences; nil where they were not read or there are none.
  public var words: [PhoneInterval]?
  /// Why words that are there were not taken.
  public var wordsProblem: String?
  /// Where in its file it is.
  public var position: String
  /// How long the file says that the audio is, in seconds; nil if it does not say.
  public var duration: Double?
  /// What was put right in reading.
  public var mends = LabelMends()

  public init(id: String, content: Content, position: String, duration: Double? = nil) {
    self.id = id
    self.content = content
    self.position = position
    self.duration = duration
  }

  /// Takes words that were read beside the phones. Blank labels are silences, as MFA's words have them. What is wrong with
  /// them costs the words alone.
  public mutating func take(words intervals: [PhoneInterval]) {
    do {
      let sequence = try IntervalSequence(intervals)
      words = sequence.intervals.filter { !$0.label.isEmpty }
      mends.words += sequence.mends.overlaps + sequence.mends.early
    } catch { wordsProblem = (error as? Failure)?.reason ?? "\(error)" }
  }

  /// Gives words up that go on after the end of the file's time.
  mutating func checkWords(until end: Double?) {
    guard let end, let last = words?.last, last.end > end + LabelLength.tolerance else { return }
    words = nil
    wordsProblem = "they go on until \(last.endText), after the end of the file's time at \(end)"
  }

  /// All ids that the utterance may have, the most precise first.
  public var candidates: [String] {
    let ends = IDIndex.ends(of: id)
    return otherIDs.isEmpty && ends.isEmpty ? [id] : otherIDs + [id] + ends
  }

  /// What the labels tell of the length of their audio.
  public var length: LabelLength {
    switch content {
    case .intervals(let intervals): .seconds(end: intervals.last?.end ?? 0, declared: duration)
    case .frames(let labels, let grid): .frames(labels.count, grid)
    }
  }

  /// The class of every cell of the utterance.
  ///
  /// A `Failure` names what is wrong: an unknown label, intervals that overlap, a track that belongs to another length.
  /// - Parameters:
  ///   - samples: length of the utterance.
  ///   - unlabelled: for cells that have no label.
  public func classes(
    samples: Int, rate: Int, cell: Int, phoneSet: PhoneSet, unlabelled: UInt16
  ) throws -> [UInt16] {
    try length.check(samples: samples, rate: rate, cell: cell)
    return try classes(
      count: LabelGrid.count(samples: samples, cell: cell), rate: rate, cell: cell, phoneSet: phoneSet,
      unlabelled: unlabelled)
  }

  /// The classes of the first `count` cells, whatever the length of the utterance.
  public func classes(
    count: Int, rate: Int, cell: Int, phoneSet: PhoneSet, unlabelled: UInt16
  ) throws -> [UInt16] {
    switch content {
    case .intervals(let intervals):
      return try LabelGrid.cells(
        intervals, samples: count * cell, rate: rate, cell: cell, phoneSet: phoneSet, unlabelled: unlabelled)
    case .frames(let labels, let grid):
      let classes = try classes(ofFrames: labels, phoneSet, unlabelled)
      return (0..<count).map { t in
        let i = grid.label(ofCell: t, cell: cell)
        return i < classes.count ? classes[i] : unlabelled
      }
    }
  }

  /// Neighbours are mostly equal, and names are slow to look up.
  private func classes(ofFrames labels: [String?], _ phoneSet: PhoneSet, _ unlabelled: UInt16) throws -> [UInt16] {
    var last: (label: String?, index: UInt16) = (nil, unlabelled)
    return try labels.enumerated().map { t, label in
      if !isSame(label, last.label) {
        last = (label, try label.map { UInt16(try phoneSet.index(of: $0, at: "of frame \(t)")) } ?? unlabelled)
      }
      return last.index
    }
  }
}

/// What an alignment tells of the length of its audio.
public enum LabelLength: Sendable, Equatable {
  case frames(Int, FrameGrid)
  /// The end of the last label, and the length that the file declares beside it.
  case seconds(end: Double, declared: Double?)

  /// How far after the end of an utterance its labels may end: the analysis window of common aligners, by which they
  /// round lengths.
  static let tolerance = 0.025

  /// How many samples the labels reach to; no more than an utterance can have.
  public func extent(rate: Int, cell: Int) -> Int {
    switch self {
    case .frames(let count, let grid): count == 0 ? 0 : grid.first(cell: cell) + count * cell
    case .seconds(let end, _): Int(min((end * Double(rate)).rounded(), Double(Int32.max)))
    }
  }

  /// Throws unless an utterance of so many samples can have these labels.
  public func check(samples: Int, rate: Int, cell: Int) throws {
    let length = Double(samples) / Double(rate)
    switch self {
    case .frames(let count, let grid):
      let predicted = grid.count(samples: samples, cell: cell)
      guard count == predicted else {
        throw Failure(
          .badInput,
          "\(count) labels, the utterance of \(samples) samples has \(predicted) on the grid \(grid.rawValue)",
          hint: grid.rule(cell: cell))
      }
    case .seconds(let end, let declared):
      guard end <= length + Self.tolerance else {
        throw Failure(
          .badInput, "the labels end at \(end) s, the utterance at \(length) s",
          hint: "are they of this utterance, in seconds from its start?")
      }
      if let declared, abs(declared - length) > Self.tolerance {
        throw Failure(
          .badInput, "the alignment is of \(declared) s of audio, the utterance is \(length) s long",
          hint: "are they of this utterance?")
      }
    }
  }
}

/// Alignments of many utterances, one after the other, in any order. Every format of other tools is one of these.
public protocol LabelSource: AnyObject {
  /// The file, for messages.
  var path: String { get }
  /// What has been put right so far.
  var mends: LabelMends { get }
  /// The labels of the next utterance that has any; nil at the end.
  ///
  /// A `Failure` of kind `badInput` is about one utterance or line, with its position: the next call goes on after it.
  func next() throws -> LabelTrack?
}

extension LabelSource {
  public var mends: LabelMends { LabelMends() }
}
