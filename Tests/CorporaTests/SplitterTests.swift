import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

struct SplitterTests {
  /// `count` utterances of `groups` groups of different sizes, two sessions a group.
  static func utterances(_ count: Int, groups: Int) -> [SplitUtterance] {
    (0..<count).map { i in
      let group = i * i % groups
      return SplitUtterance(id: "u\(i)", group: "g\(group)", session: "s\(i % 2)")
    }
  }

  private func draw(
    _ utterances: [SplitUtterance], _ shares: [(String, Double)], by level: Splitter.Level, seed: UInt64 = 0,
    rest: String? = "train"
  ) throws -> SplitAssignment {
    try Splitter(
      shares: shares.map { .init(part: $0.0, fraction: $0.1) }, by: level, seed: seed, rest: rest
    ).assign(utterances)
  }

  @Test(arguments: [10, 99, 1000, 1073]) func sharesOfUtterancesAreExact(_ count: Int) throws {
    let utterances = Self.utterances(count, groups: 7)
    let assignment = try draw(utterances, [("valid", 0.1), ("test", 0.2)], by: .utterance)
    let expected = [
      Int((0.1 * Double(count)).rounded()), Int((0.3 * Double(count)).rounded()) - Int((0.1 * Double(count)).rounded()),
    ]
    #expect(assignment.counts.map(\.part) == ["valid", "test", "train"])
    #expect(assignment.counts.map(\.utterances) == expected + [count - expected[0] - expected[1]])
    #expect(assignment.unassigned == 0)
    #expect(assignment.parts.filter { $0 == "valid" }.count == expected[0])
  }

  @Test func dependsOnSeedAndNamesAndNotOnOrder() throws {
    let utterances = Self.utterances(500, groups: 20)
    for level in Splitter.Level.allCases {
      let parts = try draw(utterances, [("valid", 0.3)], by: level).parts
      let reversed = try draw(utterances.reversed(), [("valid", 0.3)], by: level).parts
      #expect(parts == reversed.reversed())
      #expect(try draw(utterances, [("valid", 0.3)], by: level).parts == parts)
      #expect(try draw(utterances, [("valid", 0.3)], by: level, seed: 1).parts != parts)
    }
    // The same on every machine and in every version: checked with Python's xxhash.
    let golden = try draw(Self.utterances(12, groups: 5), [("valid", 0.25)], by: .utterance)
    #expect(golden.parts.indices.filter { golden.parts[$0] == "valid" } == [0, 6, 7])
  }

  @Test func fewMoveWhenUtterancesAreAdded() throws {
    let before = try draw(Self.utterances(1000, groups: 7), [("valid", 0.2)], by: .utterance).parts
    let after = try draw(Self.utterances(1010, groups: 7), [("valid", 0.2)], by: .utterance).parts
    #expect(zip(before, after).filter { $0 != $1 }.count <= 10)
  }

  @Test func neverDividesUnits() throws {
    let utterances = Self.utterances(600, groups: 23)
    let byGroup = try draw(utterances, [("valid", 0.2), ("test", 0.2)], by: .group).parts
    let bySession = try draw(utterances, [("valid", 0.2), ("test", 0.2)], by: .session).parts
    func partsOf(_ parts: [String?], _ unit: (SplitUtterance) -> String) -> [String: Set<String?>] {
      var result: [String: Set<String?>] = [:]
      for (utterance, part) in zip(utterances, parts) { result[unit(utterance), default: []].insert(part) }
      return result
    }
    #expect(partsOf(byGroup) { $0.group }.values.allSatisfy { $0.count == 1 })
    #expect(partsOf(bySession) { $0.group + "/" + $0.session! }.values.allSatisfy { $0.count == 1 })
    // Sessions of one name in two groups are two units: some group is divided.
    #expect(partsOf(bySession) { $0.group }.values.contains { $0.count > 1 })
    let largest = Dictionary(grouping: utterances, by: \.group).values.map(\.count).max()!
    for part in ["valid", "test"] {
      #expect(abs(byGroup.filter { $0 == part }.count - 120) <= largest)
    }
  }

  @Test func fractionsMayUseEverythingUp() throws {
    let assignment = try draw(Self.utterances(10, groups: 3), [("a", 0.5), ("b", 0.5)], by: .utterance, rest: nil)
    #expect(assignment.counts.map(\.utterances) == [5, 5] && assignment.unassigned == 0)
    let half = try draw(Self.utterances(10, groups: 3), [("a", 0.5)], by: .utterance, rest: nil)
    #expect(half.unassigned == 5 && half.parts.filter { $0 == nil }.count == 5)
  }

  @Test func refusesSharesThatMakeNoSense() throws {
    let utterances = Self.utterances(10, groups: 1)
    let kind = { (shares: [(String, Double)]) in failure { _ = try draw(utterances, shares, by: .utterance) }?.kind }
    #expect(kind([]) == .usage)
    #expect(kind([("a", 0)]) == .usage)
    #expect(kind([("a", 1.5)]) == .usage)
    #expect(kind([("a", .nan)]) == .usage)
    #expect(kind([("a", 0.6), ("b", 0.6)]) == .usage)
    #expect(kind([("a", 0.2), ("a", 0.2)]) == .usage)
    #expect(kind([("train", 0.2)]) == .usage)
    #expect(kind([("a b", 0.2)]) == .usage)
    let empty = try #require(failure { _ = try draw(utterances, [("valid", 0.1)], by: .group) })
    #expect(empty.kind == .badInput && empty.reason.contains("'valid' would get nothing: there are only 1 groups"))
  }

  @Test func listsMayCarryFoldersAndSuffixes() throws {
    let ids = ["103-1240-0000", "103-1240-0001", "103-1240-0002", "c/d", "x.flac", "c/e", "e"]
    let utterances = ids.map { SplitUtterance(id: $0, group: "103", session: nil) }
    let temporary = try TemporaryFolder()
    try write(
      "# published\n\n  train-clean-100/103/1240/103-1240-0000 \r\n103/1240/103-1240-0001.flac\nc/d\n9-9-0000\n/data/c/e.wav\n./e\n",
      to: temporary("train"))
    let train = try SplitList(part: "train", reading: File.reading(temporary("train")))
    #expect(train.lines.count == 7, "what is no id may be a comment")
    let test = SplitList(part: "test", lines: ["x.flac", "8-8-0000", "103-1240-0002", "103-1240-0002"])
    let assignment = try Splitter(lists: [train, test]).assign(utterances)
    #expect(assignment.parts == ["train", "train", "test", "train", "test", "train", "train"])
    #expect(assignment.unknownCount == 2 && assignment.unknownExamples == ["9-9-0000", "8-8-0000"])
    #expect(assignment.counts.map(\.part) == ["train", "test"] && assignment.counts.map(\.utterances) == [5, 2])
    let rest = try Splitter(lists: [test], rest: "other").assign(utterances)
    #expect(rest.parts == ["other", "other", "test", "other", "test", "other", "other"] && rest.unassigned == 0)
    #expect(try Splitter(lists: [test]).assign(utterances).unassigned == 5)
  }

  @Test func refusesAnUtteranceInTwoLists() throws {
    let utterances = [SplitUtterance(id: "a", group: "g", session: nil)]
    let lists = [SplitList(part: "train", lines: ["a"]), SplitList(part: "test", lines: ["x/a.flac"])]
    let failure = try #require(failure { _ = try Splitter(lists: lists).assign(utterances) })
    #expect(failure.reason == "utterance a is in the lists of 'train' and of 'test'")
  }
}
