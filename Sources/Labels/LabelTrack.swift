public import Corpora
import FileIO

/// The labels of one utterance as an alignment file gives them.
public struct LabelTrack: Sendable {
  public enum Content: Sendable {
    /// Labels with their times, in seconds from the start of the utterance; ascending and not overlapping.
    case intervals([PhoneInterval])
    /// One label for each cell of the utterance, nil where there is none.
    case cells([String?])
  }

  public var id: String
  public var content: Content
  /// Where in its file it is.
  public var position: String

  public init(id: String, content: Content, position: String) {
    self.id = id
    self.content = content
    self.position = position
  }

  /// How far behind the end of an utterance its labels may end: the analysis window of common aligners, by which they
  /// round lengths.
  static let tolerance = 0.025

  /// The class of every cell of the utterance.
  ///
  /// A `Failure` names what is wrong: an unknown label, intervals that overlap, a track that belongs to another length.
  /// - Parameters:
  ///   - samples: length of the utterance.
  ///   - unlabelled: for cells that have no label.
  public func classes(
    samples: Int, rate: Int, cell: Int, phoneSet: PhoneSet, unlabelled: UInt16
  ) throws -> [UInt16] {
    switch content {
    case .intervals(let intervals):
      let length = Double(samples) / Double(rate)
      if let end = intervals.last?.end, end > length + Self.tolerance {
        throw Failure(
          .badInput, "the labels end at \(end) s, the utterance at \(length) s",
          hint: "are they of this utterance, in seconds from its start?")
      }
      return try LabelGrid.cells(
        intervals, samples: samples, rate: rate, cell: cell, phoneSet: phoneSet, unlabelled: unlabelled)
    case .cells(let labels):
      let count = LabelGrid.count(samples: samples, cell: cell)
      guard labels.count == count else {
        throw Failure(
          .badInput, "\(labels.count) labels of cells, the utterance of \(samples) samples has \(count) cells",
          hint: "one label for every \(cell) samples, the last for what is left")
      }
      return try labels.enumerated().map { t, label in
        try label.map { UInt16(try phoneSet.index(of: $0, at: "of cell \(t)")) } ?? unlabelled
      }
    }
  }
}

/// Alignments of many utterances, one after the other, in any order. Every format of other tools is one of these.
public protocol LabelSource: AnyObject {
  /// The file, for messages.
  var path: String { get }
  /// The labels of the next utterance that has any; nil at the end.
  ///
  /// A `Failure` of kind `badInput` is about one utterance or line, with its position: the next call goes on behind it.
  func next() throws -> LabelTrack?
}
