import Corpora

/// Puts tracks into a format.
public struct LabelWriter: Sendable {
  public var format: LabelFormat
  /// The grid of per-frame formats.
  public var grid = FrameGrid.snipEdges
  /// The classes of ``LabelFormat/cpc``.
  public var phoneSet = PhoneSet.cmu41
  /// Numbers for the phones of ``LabelFormat/kaldi`` and ``LabelFormat/ctm``; without it their names are written.
  public var symbols: SymbolTable?
  /// What is written where nothing is labelled.
  public var fill: String?

  public init(_ format: LabelFormat) { self.format = format }

  /// The lines of a track, or the file where the format has one for each utterance.
  ///
  /// Times are written as they were spelled. A `Failure` says what the format cannot.
  /// - Parameter samples: length of the utterance, nil if unknown. Labels that do not fit it are a failure.
  public func text(of track: LabelTrack, samples: Int?) throws -> String {
    let (rate, cell) = (LabelFiles.rate, LabelFiles.cell)
    if let samples { try track.length.check(samples: samples, rate: rate, cell: cell) }
    let track = fill.map { track.filled(with: $0, samples: samples, rate: rate) } ?? track
    switch format {
    case .jsonl:
      if case .frames(_, .cells) = track.content { return LabelLines.write(track) + "\n" }
      var timed = track
      timed.content = .intervals(track.intervals(samples: samples, rate: rate, cell: cell))
      return LabelLines.write(timed) + "\n"
    case .cpc:
      return try FrameLines.write(track, frames(track, samples)) {
        String(try phoneSet.index(of: $0, at: "of \(track.id)"))
      }
    case .kaldi:
      return try FrameLines.write(track, frames(track, samples)) { label in
        let name = try field(label.isEmpty ? "SIL" : label)
        return try symbols?.number(name) ?? name
      }
    case .ctm:
      return try CTMLines.write(track, track.intervals(samples: samples, rate: rate, cell: cell), symbols: symbols)
    case .textgrid, .mfaJSON:
      let intervals = track.intervals(samples: samples, rate: rate, cell: cell)
      try track.requireNoGap(intervals)
      let end = intervals.last?.endText ?? "0"
      return format == .textgrid
        ? TextGrid.write(intervals, end: end) : AlignmentJSON.write(intervals, end: end)
    }
  }

  private func frames(_ track: LabelTrack, _ samples: Int?) throws -> [String?] {
    try track.frames(on: grid, samples: samples, rate: LabelFiles.rate, cell: LabelFiles.cell)
  }
}
