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
    let length = samples.map { Double($0) / Double(rate) } ?? track.duration
    // What is without a label is known on the grid that is written.
    func intervals() -> [PhoneInterval] {
      let intervals = track.intervals(samples: samples, rate: rate, cell: cell)
      return fill.map { intervals.filled(with: $0, until: length) } ?? intervals
    }
    switch format {
    case .jsonl:
      var written = track
      if case .frames(let labels, .cells) = track.content {
        written.content = .frames(labels.map { $0 ?? fill }, .cells)
      } else {
        written.content = .intervals(intervals())
      }
      return LabelLines.write(written) + "\n"
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
      return try CTMLines.write(track, intervals(), symbols: symbols)
    case .timit: return try TIMITPhones.write(intervals())
    case .textgrid, .mfaJSON:
      let intervals = try intervals().closed()
      try intervals.requireNoGap()
      let end = intervals.end(of: length)
      return format == .textgrid
        ? TextGrid.write(intervals, end: end) : AlignmentJSON.write(intervals, end: end)
    }
  }

  private func frames(_ track: LabelTrack, _ samples: Int?) throws -> [String?] {
    try track.frames(on: grid, samples: samples, rate: LabelFiles.rate, cell: LabelFiles.cell).map { $0 ?? fill }
  }
}
