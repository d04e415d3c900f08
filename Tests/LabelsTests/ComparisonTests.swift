import FileIO
import Labels
import TestSupport
import Testing

/// A comparison against a computation of its own, written as plainly as can be.
@Suite struct ComparisonTests {
  private static let names = ["SIL", "AH", "S", "T"]
  private static let set = PhoneSet(name: "four", names: names)

  private final class Tracks: LabelSource {
    private var tracks: [LabelTrack]
    let path = "tracks"
    init(_ tracks: [LabelTrack]) { self.tracks = tracks.reversed() }
    func next() -> LabelTrack? { tracks.popLast() }
  }

  /// Segments whose neighbours differ, in ms, some with gaps between them.
  private typealias Segment = (phone: Int, begin: Int, end: Int)

  private func random(_ random: inout SeededGenerator, count: Int, longest: Int) -> [Segment] {
    var time = 0
    var result: [Segment] = []
    while result.count < count {
      let phone = Int.random(in: 0..<4, using: &random)
      if Int.random(in: 0..<12, using: &random) == 0 { time += Int.random(in: 1...60, using: &random) }
      if result.last?.phone == phone, result.last?.end == time { continue }
      let end = time + Int.random(in: 3...longest, using: &random)
      result.append((phone, time, end))
      time = end
    }
    return result
  }

  /// Moved boundaries, phones changed, left out and put in.
  private func varied(_ segments: [Segment], _ random: inout SeededGenerator) -> [Segment] {
    var result: [Segment] = []
    var time = segments[0].begin
    for segment in segments {
      let begin = max(time, segment.begin)
      let end = max(begin + 1, segment.end + Int.random(in: -25...25, using: &random))
      switch Int.random(in: 0..<12, using: &random) {
      case 0: continue
      case 1: result.append(((segment.phone + 1) % 4, begin, end))
      case 2:
        result.append((segment.phone, begin, (begin + end) / 2 + 1))
        result.append(((segment.phone + 2) % 4, (begin + end) / 2 + 1, end + 2))
      default: result.append((segment.phone, begin, end))
      }
      time = result.last!.end
    }
    // Neighbours of one class are one.
    return result.reduce(into: []) { merged, segment in
      if let last = merged.last, last.phone == segment.phone, last.end == segment.begin {
        merged[merged.count - 1].end = segment.end
      } else {
        merged.append(segment)
      }
    }
  }

  private func track(_ id: String, _ segments: [Segment]) -> LabelTrack {
    let intervals = segments.map {
      PhoneInterval(label: Self.names[$0.phone], begin: Double($0.begin) / 1000, end: Double($0.end) / 1000)
    }
    return LabelTrack(id: id, content: .intervals(intervals), position: "line 1")
  }

  private func phone(_ segments: [Segment], at milliseconds: Int) -> Int? {
    // A gap of less than a cell is the later phone's.
    for (i, segment) in segments.enumerated() {
      let gap = i == 0 ? 0 : segment.begin - segments[i - 1].end
      let begin = (1..<10).contains(gap) ? segments[i - 1].end : segment.begin
      if begin <= milliseconds && milliseconds < segment.end { return segment.phone }
    }
    return nil
  }

  private func segments(_ list: [Segment]) -> [PhoneSegment] {
    list.map { PhoneSegment(phone: UInt16($0.phone), begin: Double($0.begin) / 1000, end: Double($0.end) / 1000) }
  }

  private func cost(_ pairs: [(Int, Int)], _ a: [PhoneSegment], _ b: [PhoneSegment]) -> Double {
    var sum = Double(a.count + b.count - 2 * pairs.count)
    for (i, j) in pairs {
      sum += abs(a[i].begin - b[j].begin) + abs(a[i].end - b[j].end) + (a[i].phone == b[j].phone ? 0 : 1)
    }
    return sum
  }

  /// The least cost there is, from the whole table.
  private func leastCost(_ a: [PhoneSegment], _ b: [PhoneSegment]) -> Double {
    var table = (0...a.count).map { i in (0...b.count).map { Double(i + $0) } }
    for i in 0..<a.count {
      for j in 0..<b.count {
        let pair = abs(a[i].begin - b[j].begin) + abs(a[i].end - b[j].end) + (a[i].phone == b[j].phone ? 0 : 1)
        table[i + 1][j + 1] = min(table[i][j] + pair, table[i][j + 1] + 1, table[i + 1][j] + 1)
      }
    }
    return table[a.count][b.count]
  }

  @Test(arguments: [(200, 400), (900, 60), (4000, 40)])
  func pairsAtTheLeastCost(longest: Int, count: Int) {
    var generator = SeededGenerator(UInt64(longest))
    for round in 0..<60 {
      let a = random(&generator, count: Int.random(in: 1...count, using: &generator), longest: longest)
      // Also what has nothing to do with it, and what begins much later.
      var b =
        round % 3 == 0
        ? random(&generator, count: Int.random(in: 1...count, using: &generator), longest: longest)
        : varied(a, &generator)
      if round % 5 == 0 { b = b.map { ($0.phone, $0.begin + 7000, $0.end + 7000) } }
      let (x, y) = (segments(a), segments(b))
      let pairs = SegmentPairing.pairs(x, y)
      #expect(zip(pairs, pairs.dropFirst()).allSatisfy { $0.0 < $1.0 && $0.1 < $1.1 })
      #expect(abs(cost(pairs, x, y) - leastCost(x, y)) < 1e-9)
    }
    #expect(SegmentPairing.pairs([], []).isEmpty)
    #expect(SegmentPairing.pairs([], [PhoneSegment(phone: 0, begin: 0, end: 1)]).isEmpty)
    #expect(SegmentPairing.pairs([PhoneSegment(phone: 0, begin: 0, end: 1)], []).isEmpty)
  }

  @Test func countsAsAPlainComputationDoes() throws {
    var generator = SeededGenerator(9)
    let a = (0..<25).map { _ in random(&generator, count: 50, longest: 200) }
    let b = a.map { varied($0, &generator) }
    let comparison = try AlignmentComparison(
      Tracks(a.enumerated().map { track("u\($0)", $1) } + [track("only", a[0])]),
      Tracks(b.enumerated().reversed().map { track("u\($0)", $1) } + [track("x", a[0]), track("y", a[0])]),
      phoneSet: Self.set, report: { throw $0.failure })
    #expect(comparison.utterances.map(\.id) == (0..<25).reversed().map { "u\($0)" })
    #expect(comparison.onlyA == 1 && comparison.onlyB == 2)

    var confusion = [[Int]](repeating: [Int](repeating: 0, count: 4), count: 4)
    var (onlyA, onlyB) = (0, 0)
    for (a, b) in zip(a, b) {
      for t in 0..<3000 {
        switch (phone(a, at: 10 * t + 5), phone(b, at: 10 * t + 5)) {
        case (let x?, let y?): confusion[x][y] += 1
        case (_?, nil): onlyA += 1
        case (nil, _?): onlyB += 1
        case (nil, nil): break
        }
      }
    }
    for x in 0..<4 { for y in 0..<4 { #expect(comparison.cells(x, y) == confusion[x][y]) } }
    #expect(comparison.cellsOnlyA == onlyA && comparison.cellsOnlyB == onlyB)
    #expect(comparison.utterances.reduce(0) { $0 + $1.equal } == (0..<4).reduce(0) { $0 + confusion[$1][$1] })
    #expect(comparison.utterances.reduce(0) { $0 + $1.cells } == confusion.joined().reduce(0, +))

    // Boundaries: those between segments that touch, matched if both neighbours are pairs.
    var differences: [Int] = []
    var onsets = [Int](repeating: 0, count: 4)
    var boundaries = (a: 0, b: 0)
    for (a, b) in zip(a, b).reversed() {
      let pairs = SegmentPairing.pairs(segments(a), segments(b))
      boundaries.a += a.indices.dropFirst().count { a[$0].begin == a[$0 - 1].end }
      boundaries.b += b.indices.dropFirst().count { b[$0].begin == b[$0 - 1].end }
      for i in a.indices.dropFirst() {
        for j in b.indices.dropFirst()
        where pairs.contains(where: { $0 == (i, j) }) && pairs.contains(where: { $0 == (i - 1, j - 1) })
          && a[i].begin == a[i - 1].end && b[j].begin == b[j - 1].end
        {
          differences.append(b[j].begin - a[i].begin)
          onsets[a[i].phone] += 1
        }
      }
    }
    #expect(comparison.boundariesA == boundaries.a && comparison.boundariesB == boundaries.b)
    #expect(differences.count > 300)
    #expect(comparison.differences.map { Int(($0 * 1000).rounded()) } == differences)
    #expect(comparison.phones.map(\.onsets) == onsets)

    // Less each phone's mean, differences add up to nothing, phone by phone.
    let (raw, rest) = (comparison.differences, comparison.unsystematicDifferences)
    #expect(rest.count == raw.count && abs(rest.reduce(0, +)) < 1e-9)
    #expect(rest.reduce(0) { $0 + $1 * $1 } < raw.reduce(0) { $0 + $1 * $1 })

    let statistics = BoundaryStatistics(comparison.differences)
    let absolute = differences.map(abs).sorted()
    let n = Double(differences.count)
    #expect(abs(statistics.mean * 1000 - Double(differences.reduce(0, +)) / n) < 1e-6)
    #expect(abs(statistics.meanAbsolute * 1000 - Double(absolute.reduce(0, +)) / n) < 1e-6)
    let middle = Double(absolute[absolute.count / 2] + absolute[(absolute.count - 1) / 2]) / 2
    #expect(abs(statistics.medianAbsolute * 1000 - middle) < 1e-6)
    for tolerance in [10, 20, 25, 50] {
      let share = Double(differences.count { abs($0) <= tolerance }) / n
      #expect(statistics.share(within: Double(tolerance) / 1000) == share)
    }
    #expect(BoundaryStatistics([]).share(within: 1) == 0 && BoundaryStatistics([]).medianAbsolute == 0)
  }

  @Test func saysWhyCellsDiffer() throws {
    // In A a silence of 30 ms that B lacks, then T for S; boundaries of phones and the silence at the end moved.
    let a = track("u", [(1, 0, 100), (0, 100, 130), (2, 130, 200), (1, 200, 300), (2, 300, 400), (0, 400, 500)])
    let b = track("u", [(1, 0, 120), (2, 120, 200), (1, 200, 290), (3, 290, 420), (0, 420, 500)])
    let c = track("u", [(1, 0, 100), (0, 100, 130), (2, 130, 220), (1, 220, 300), (2, 300, 360), (0, 360, 500)])
    func disagreement(_ x: LabelTrack, _ y: LabelTrack) throws -> Disagreement {
      try AlignmentComparison(Tracks([x]), Tracks([y]), phoneSet: Self.set, report: { throw $0.failure }).disagreement
    }
    for found in [try disagreement(a, b), try disagreement(b, a)] {
      #expect(found.silences == 3 && found.phones == 13 && found.shifts == 0 && found.silenceEdges == 0)
    }
    let shifted = try disagreement(a, c)
    #expect(shifted.shifts == 2 && shifted.silenceEdges == 4 && shifted.silences == 0 && shifted.phones == 0)
    #expect(shifted.cells == 6)
    #expect(try disagreement(a, a).cells == 0)
  }

  @Test func framesAndIntervalsAreComparedAlike() throws {
    var generator = SeededGenerator(11)
    let a = random(&generator, count: 80, longest: 20).reduce(into: [Segment]()) { result, segment in
      // On the grid, without gaps, neighbours differing.
      let begin = result.last?.end ?? 0
      let phone = segment.phone == result.last?.phone ? (segment.phone + 1) % 4 : segment.phone
      result.append((phone, begin, begin + 10 * (1 + segment.end - segment.begin)))
    }
    let cells: [String?] = a.flatMap { segment in
      [String?](repeating: Self.names[segment.phone], count: (segment.end - segment.begin) / 10)
    }
    let comparison = try AlignmentComparison(
      Tracks([track("u", a)]), Tracks([LabelTrack(id: "u", content: .frames(cells, .cells), position: "")]),
      phoneSet: Self.set, report: { throw $0.failure })
    #expect(comparison.utterances[0].equal == cells.count && comparison.utterances[0].cells == cells.count)
    #expect(comparison.differences.count == a.count - 1 && comparison.boundariesB == a.count - 1)
    #expect(comparison.differences.allSatisfy { abs($0) < 1e-9 })
  }

  @Test func whatIsWrongIsReportedAndLeftOut() throws {
    let good = track("good", [(0, 0, 100), (1, 100, 200)])
    let unknown = LabelTrack(
      id: "bad", content: .intervals([PhoneInterval(label: "ZZ", begin: 0, end: 1)]), position: "line 7")
    var problems: [String] = []
    let comparison = try AlignmentComparison(
      Tracks([good, unknown, good]), Tracks([good, track("bad", [(0, 0, 10)]), good]), phoneSet: Self.set
    ) { problems.append("\($0.id ?? "?") \($0.failure.position ?? "?") \($0.failure.reason)") }
    #expect(comparison.utterances.map(\.id) == ["good"])
    #expect(
      problems == [
        "bad line 7, phone ZZ at 0.0 s not in the phone set four", "good line 1 labelled twice",
        "good line 1 labelled twice",
      ])
  }
}
