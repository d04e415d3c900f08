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
  /// The labels are words: the formats that tell them from phones say so.
  public var areWords = false

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
      var intervals = track.intervals(samples: samples, rate: rate, cell: cell)
      // Silence is no word.
      if areWords { intervals.removeAll { $0.label.isEmpty } }
      return fill.map { intervals.filled(with: $0, until: length.map { "\($0)" }) } ?? intervals
    }
    switch format {
    case .jsonl:
      var written = track
      if case .frames(let labels, .cells) = track.content {
        written.content = .frames(labels.map { $0 ?? fill }, .cells)
      } else {
        written.content = .intervals(intervals())
      }
      return LabelLines.write(written, areWords: areWords) + "\n"
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
      if !areWords { try intervals.requireNoGap() }
      let last = [intervals.last, track.words?.last].compactMap { $0 }.max { $0.end < $1.end }
      let end = (last.map { [$0] } ?? []).end(of: length)
      var tiers = areWords ? [] : [(LabelTiers.phonesName, intervals)]
      if let words = areWords ? intervals : try track.words?.closed() {
        tiers.insert((LabelTiers.wordsName, words.filled(with: "", until: end)), at: 0)
      }
      return format == .textgrid ? TextGrid.write(tiers, end: end) : AlignmentJSON.write(tiers, end: end)
    }
  }

  private func frames(_ track: LabelTrack, _ samples: Int?) throws -> [String?] {
    try track.frames(on: grid, samples: samples, rate: LabelFiles.rate, cell: LabelFiles.cell).map { $0 ?? fill }
  }
}
