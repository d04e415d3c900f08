import FileIO
import Labels

extension FuzzTarget {
  /// The format of alignments that the target reads; nil if it reads something else.
  var labelFormat: LabelFormat? {
    switch self {
    case .ctm: .ctm
    case .textgrid: .textgrid
    case .mfaJSON: .mfaJSON
    case .frames: .kaldi
    case .classes: .cpc
    case .labels: .jsonl
    case .json, .safetensors, .manifest, .archive, .stream, .audio, .image, .text, .table, .features, .vectors: nil
    }
  }
}

/// Reads alignments as every tool does: what is bad is counted, and reading goes on to the end, which must come.
func readLabels(_ file: File, _ format: LabelFormat, lines: Int) throws {
  var reading = LabelReading()
  reading.format = format
  reading.tiers = .withWords
  let files = try LabelFiles(file, path: file.path, reading: reading)
  var tracks = 0
  var calls = 0
  var firstFailure: Failure?
  while true {
    calls += 1
    // Besides lines: what is compressed and damaged, that nothing has been found, and the end.
    precondition(calls <= lines + 3, "more answers than lines: reading does not come to an end")
    do {
      guard let track = try files.next() else { break }
      tracks += 1
      try check(track)
    } catch let failure as Failure where failure.kind == .badInput {
      precondition(!failure.reason.isEmpty)
      firstFailure = firstFailure ?? failure
    }
  }
  if let firstFailure { throw firstFailure }
  guard tracks > 0 else { throw Failure(.badInput, "nothing is labelled") }
}

/// What a track says must be consistent, and the same when it is written and read again.
private func check(_ track: LabelTrack) throws {
  precondition(!track.candidates.isEmpty && track.candidates.allSatisfy { !$0.isEmpty })
  if case .intervals(let intervals) = track.content {
    var end = -1e-6
    for interval in intervals {
      precondition(interval.begin >= end - 1e-6 && interval.end >= interval.begin && interval.end.isFinite)
      end = interval.end
    }
  }
  // Not all hours that a few bytes can claim.
  guard track.length.extent(rate: 16_000, cell: 160) < 1 << 20 else { return }
  let line = try LabelWriter(.jsonl).text(of: track, samples: nil)
  let lines = LabelLines(Array(line.utf8), path: "again")
  if case .frames(_, let grid) = track.content, grid != .cells { return _ = try lines.next() }
  guard let again = try lines.next() else {
    preconditionFailure("written and read again, there is nothing")
  }
  precondition(
    again.id.utf8.elementsEqual(track.id.utf8) && again.content == track.content,
    "written and read again, it is another")
}
