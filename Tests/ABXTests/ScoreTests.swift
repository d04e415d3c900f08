import ABX
import FileIO
import Kernels
import OrderedJSON
import Testing

@Suite struct ScoreTests {
  private static let unlimited = ABXSettings(maximumGroupSize: nil, maximumSpeakersOfX: nil)
  private static let times = FrameTimes(hop: Seconds("0.01")!)

  private func expectEqual(_ brute: BruteForce, rule: FrameRule = .mended) throws {
    var settings = Self.unlimited
    settings.rule = rule
    var brute = brute
    brute.losesLastFrame = rule == .libriLight
    let result = try scoreABX(
      brute.list, from: brute.source, times: Self.times, settings: settings, workers: Workers(count: 2))
    for (score, isWithin) in [(result.within, true), (result.across, false)] {
      let expected = brute.error(isWithin: isWithin)
      #expect(score.cells == expected.cells && score.triples == expected.triples)
      #expect(expected.error.map { abs($0 - score.error!) < 1e-9 } ?? (score.error == nil), "\(score) \(expected)")
    }
  }

  @Test(arguments: 1...6) func equalsBruteForce(seed: Int) throws {
    for rule in FrameRule.allCases { try expectEqual(BruteForce(seed: seed) { $0.normal() }, rule: rule) }
  }

  /// More frames than are multiplied at once, and a phone of one item in each context, which is never X within.
  @Test func manyFramesEqualBruteForce() throws {
    var brute = BruteForce(seed: 20, files: 4, itemsPerFile: 24, longest: 700) { $0.normal() }
    for file in 0..<4 {
      brute.list.append(
        file: Name("file\(file)"), onset: .zero, offset: Seconds("0.6")!, phone: Name("single\(file)"),
        previous: Name("p\(file % 2)"), next: "n", speaker: Name("s\(file / 2)"))
    }
    try expectEqual(brute)
  }

  /// Most distances tie: so do steps of the paths.
  @Test(arguments: 1...4) func unitsTieAsTheyShould(seed: Int) throws {
    try expectEqual(BruteForce(seed: seed, dimension: 1) { $0.integer(below: 2) == 0 ? -1 : 1 })
  }

  @Test func framesOfZerosAreTheDiagonal() throws {
    let brute = BruteForce(seed: 7) { $0.integer(below: 3) == 0 ? $0.normal() : 0 }
    try expectEqual(brute)
    let zeros = brute.features.joined().count { $0.allSatisfy { $0 == 0 } }
    let result = try scoreABX(brute.list, from: brute.source, times: Self.times)
    #expect(zeros > 0 && result.zeroFrames == zeros)
  }

  @Test(arguments: [1, 7, 64, 100]) func equalFeaturesAreChance(dimension: Int) throws {
    let brute = BruteForce(seed: 9, dimension: dimension) { _ in 0.1 }
    let result = try scoreABX(brute.list, from: brute.source, times: Self.times)
    #expect(result.within.error == 50 && result.across.error == 50)
  }

  @Test func sameResultAtAnyThreadCount() throws {
    let brute = BruteForce(seed: 10, files: 12, itemsPerFile: 60) { $0.normal() }
    let settings = ABXSettings(maximumGroupSize: 3, maximumSpeakersOfX: 2, seed: 5)
    let results = try [1, 2, 3, 16].map { count in
      try scoreABX(
        brute.list, from: brute.source, times: Self.times, settings: settings, workers: Workers(count: count)
      ).json.compact
    }
    #expect(results.allSatisfy { $0 == results[0] })
  }

  @Test func drawsBoundGroupsAndSpeakers() throws {
    // Six speakers, each with eight items of two phones.
    let brute = BruteForce(seed: 11, files: 12, itemsPerFile: 0) { $0.normal() }
    var list = ItemList()
    for file in 0..<12 {
      for i in 0..<8 {
        list.append(
          file: Name("file\(file)"), onset: Seconds(sample: i, rate: 10), offset: Seconds(sample: i + 1, rate: 10),
          phone: Name("p\(i % 2)"), previous: "b", next: "a", speaker: Name("s\(file / 2)"))
      }
    }
    let full = BruteForce(list: list, features: brute.features, hop: 0.01)
    let features = Dictionary(
      uniqueKeysWithValues: full.features.enumerated().map { i, frames in
        (Name("file\(i)"), FeatureFrames(frames.joined().map { Float($0) }, dimension: 5))
      })
    func result(_ size: Int?, _ speakers: Int?, seed: UInt64 = 0) throws -> ABXResult {
      try scoreABX(
        list, from: TableSource(values: features), times: Self.times,
        settings: ABXSettings(maximumGroupSize: size, maximumSpeakersOfX: speakers, seed: seed))
    }
    // Two ordered pairs of phones, and eight items a group.
    let all = try result(nil, nil)
    #expect(all.within.triples == 6 * 2 * 8 * 7 * 8 && all.across.triples == 6 * 2 * 5 * 8 * 8 * 8)
    #expect(all.undrawn == 0 && all.used == 96 && all.within.phonePairs == 2)
    let drawn = try result(3, 2)
    #expect(drawn.within.triples == 6 * 2 * 3 * 2 * 3 && drawn.across.triples == 6 * 2 * 2 * 3 * 3 * 3)
    #expect(drawn.undrawn == 12 * 5 && drawn.used == 36)
    #expect(try result(3, 2, seed: 1).within.error != drawn.within.error)
    // What no limit touches is as without.
    #expect(try result(8, 5).json["within"] == all.json["within"])
    #expect(try result(8, 5).json["across"] == all.json["across"])
    #expect(try result(nil, 2).json["within"] == all.json["within"])
  }

  @Test func whatIsLeftOutIsNamed() throws {
    var list = ItemList()
    func append(_ file: Name, _ onset: String, _ offset: String, _ phone: Name) {
      list.append(
        file: file, onset: Seconds(onset)!, offset: Seconds(offset)!, phone: phone, previous: "b", next: "a",
        speaker: "s")
    }
    append("here", "0", "0.1", "p")
    append("here", "0.1", "0.2", "p")
    append("here", "0.1", "0.2", "p")
    append("here", "0.2", "0.9", "q")
    append("here", "0.2", "0.204", "q")
    append("here", "1", "1.1", "q")
    append("gone", "0", "0.1", "q")
    list.append(
      file: "here", onset: Seconds("0")!, offset: Seconds("0.1")!, phone: "p", previous: "b", next: "alone",
      speaker: "s")
    var noise = Noise(12)
    let source = TableSource(values: ["here": FeatureFrames((0..<60).map { _ in Float(noise.normal()) }, dimension: 2)])
    let result = try scoreABX(list, from: source, times: Self.times)
    #expect(result.leftOut.map(\.index) == [4, 5, 6])
    #expect(result.leftOut.map(\.reason) == [.shorterThanFrame, .afterEndOfFeatures, .noFeatures])
    #expect(result.items == 8 && result.used == 4 && result.withoutPartner == 1)
    #expect(result.shortened == 1 && result.duplicates == 1)
    #expect(result.across.error == nil && result.across.cells == 0)
    #expect(result.json["across"]?["error_percent"] == .null)
    #expect(result.json["left_out"]?["no frame lies in it"] == .int(1))
    #expect(list.description(of: 4) == "here 0.2–0.204 (q between b and a)")
  }

  @Test func badFeaturesAreNamed() throws {
    let brute = BruteForce(seed: 13) { $0.normal() }
    var source = brute.source
    source.values["file3"]!.values[5 * 17 + 2] = .nan
    #expect {
      try scoreABX(brute.list, from: source, times: Self.times)
    } throws: { "\($0)".contains("file3: frame 17: features that are no finite numbers") }
    source.values["file3"] = FeatureFrames([1, 2, 3, 4], dimension: 4)
    #expect {
      try scoreABX(brute.list, from: source, times: Self.times)
    } throws: { "\($0)" == "file3: frames of 4 numbers, where those before have 5" }
  }
}
