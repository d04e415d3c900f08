import Labels
import Testing

/// The arithmetic of grids against what the definitions say, sample by sample.
@Suite struct FrameGridTests {
  /// The centre of label i, and whether an utterance has it.
  private func centre(_ i: Int, _ grid: FrameGrid) -> Int { grid == .snipEdges ? 160 * i + 200 : 160 * i + 80 }

  private func has(_ i: Int, _ grid: FrameGrid, samples: Int) -> Bool {
    switch grid {
    case .cells: 160 * i < samples
    // The whole window lies in the utterance.
    case .snipEdges, .asPublished: 160 * i + 400 <= samples
    // As many as there are rounded tenths of milliseconds: the centre is in the utterance.
    case .noSnipEdges: 160 * i + 80 <= samples
    }
  }

  @Test(arguments: FrameGrid.allCases)
  func countsLabels(grid: FrameGrid) {
    for samples in 0...2000 {
      let wanted = (0..<100).prefix { has($0, grid, samples: samples) }.count
      #expect(grid.count(samples: samples, cell: 160) == wanted, "\(samples)")
    }
    #expect(FrameGrid.snipEdges.count(samples: 179_360, cell: 160) == 1119)
    #expect(FrameGrid.snipEdges.count(samples: 81_520, cell: 160) == 508)
  }

  @Test(arguments: FrameGrid.allCases)
  func cellsTakeTheLabelAroundTheirCentre(grid: FrameGrid) throws {
    let set = PhoneSet(name: "numbers", names: (0..<100).map { "n\($0)x" })
    for samples in stride(from: 0, through: 4000, by: 37) {
      let count = grid.count(samples: samples, cell: 160)
      let track = LabelTrack(id: "u", content: .frames((0..<count).map { "n\($0)x" }, grid), position: "")
      let classes = try track.classes(samples: samples, rate: 16000, cell: 160, phoneSet: set, unlabelled: .max)
      let cells = (samples + 159) / 160
      #expect(classes.count == cells)
      for t in 0..<cells {
        let own = 160 * t + 80
        // The label whose span of 160 samples around its centre holds the cell's centre; cell 0 takes label 0.
        let found = (0..<count).first { centre($0, grid) - 80 <= own && own < centre($0, grid) + 80 }
        let wanted = found ?? (t == 0 && count > 0 ? 0 : nil)
        #expect(classes[t] == wanted.map { UInt16($0) } ?? .max, "\(samples) samples, cell \(t)")
      }
      // As times they are the same cells.
      var timed = track
      timed.content = .intervals(track.intervals(samples: samples, rate: 16000, cell: 160))
      let again = try timed.classes(samples: samples, rate: 16000, cell: 160, phoneSet: set, unlabelled: .max)
      // The last cell may be cut off before its centre, where times have ended.
      for t in 0..<cells where 160 * t + 80 < samples { #expect(again[t] == classes[t]) }
    }
  }

  @Test(arguments: FrameGrid.allCases)
  func refusesAnotherLength(grid: FrameGrid) {
    for samples in [400, 559, 560, 1679, 1680] {
      let right = grid.count(samples: samples, cell: 160)
      for count in [right - 1, right + 1] {
        let track = LabelTrack(id: "u", content: .frames(.init(repeating: "SIL", count: count), grid), position: "")
        #expect(throws: (any Error).self) {
          try track.classes(samples: samples, rate: 16000, cell: 160, phoneSet: .cmu41, unlabelled: .max)
        }
      }
    }
  }

  @Test func aFileThatDeclaresAnotherLengthIsRefused() throws {
    let intervals = [PhoneInterval(label: "SIL", begin: 0, end: 0.5)]
    for (declared, isGood) in [(1.0, true), (1.024, true), (0.976, true), (1.026, false), (0.9, false)] {
      let track = LabelTrack(id: "u", content: .intervals(intervals), position: "", duration: declared)
      let classes = try? track.classes(samples: 16000, rate: 16000, cell: 160, phoneSet: .cmu41, unlabelled: .max)
      #expect((classes != nil) == isGood)
    }
  }

  @Test func gridsGoIntoEachOtherByTime() throws {
    // Kaldi's label i is what holds in our cell i + 1.
    let cells: [String?] = (0..<12).map { "c\($0)" }
    let track = LabelTrack(id: "u", content: .frames(cells, .cells), position: "")
    let samples = 160 * 12
    #expect(try track.frames(on: .snipEdges, samples: samples, rate: 16000, cell: 160) == Array(cells[1...10]))
    #expect(try track.frames(on: .asPublished, samples: samples, rate: 16000, cell: 160) == Array(cells[..<10]))
    #expect(try track.frames(on: .noSnipEdges, samples: samples, rate: 16000, cell: 160) == cells)
    #expect(throws: (any Error).self) { try track.frames(on: .snipEdges, samples: nil, rate: 16000, cell: 160) }
  }
}
