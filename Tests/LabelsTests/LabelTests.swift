import FileIO
import Labels
import TestSupport
import Testing

@Suite struct LabelTests {
  private let folder: TemporaryFolder
  init() throws { folder = try TemporaryFolder() }

  private func reading(_ text: String) throws -> File {
    try writeAtomically(to: folder("file")) { try $0.write(text) }
    return try File.reading(folder("file"))
  }

  @Test func phonesFoldStressOnlyWhereTheSetHasNone() {
    #expect(PhoneSet.cmu41.index(of: "AH0") == 31)
    #expect(PhoneSet.cmu41.index(of: "EH") == 40)
    #expect(PhoneSet.cmu41.index(of: "0") == nil)
    let own = PhoneSet(name: "own", names: ["AH", "AH0", "17", "1"])
    #expect(["AH0", "AH1", "17", "12", "7"].map { own.index(of: $0) } == [1, 0, 2, 3, nil])
  }

  @Test func readsAPhoneSet() throws {
    let set = try PhoneSet(name: "s", reading: reading("SIL\na\nä\n\n"))
    #expect(set.names == ["SIL", "a", "ä"])
    #expect(set.index(of: "ä") == 2)
  }

  @Test(arguments: [
    ("a\nb\na\n", "line 3", "in line 1"), ("a\n\nb\n", "line 3", "empty line"), ("SIL 0\n", "line 1", "space"),
    ("", nil, "empty phone set"),
  ])
  func refusesABadPhoneSet(text: String, position: String?, reason: String) throws {
    let failure = #expect(throws: Failure.self) { try PhoneSet(name: "s", reading: self.reading(text)) }
    #expect(failure?.position == position)
    #expect(failure?.reason.contains(reason) == true)
  }

  private func classes(_ content: LabelTrack.Content, samples: Int, set: PhoneSet = .cmu41) throws -> [UInt16] {
    try LabelTrack(id: "u", content: content, position: "line 1")
      .classes(samples: samples, rate: 16000, cell: 160, phoneSet: set, unlabelled: .max)
  }

  @Test func cellsTakeTheLabelAtTheirCentre() throws {
    let intervals = [
      PhoneInterval(label: "SIL", begin: 0.005, end: 0.0099), PhoneInterval(label: "S", begin: 0.02, end: 0.0251),
      PhoneInterval(label: "UW", begin: 0.03, end: 0.05),
    ]
    // Centres at 5, 15, 25, 35, 45 ms, the last cell of one sample: an interval holds its begin, not its end. A gap of
    // less than a cell would be the later interval's.
    #expect(try classes(.intervals(intervals), samples: 641) == [0, .max, 2, 3, 3])
    #expect(try classes(.frames(["SIL", nil, "S"], .cells), samples: 321) == [0, .max, 2])
  }

  @Test func namesTracksThatDoNotFit() throws {
    let cases: [(LabelTrack.Content, String)] = [
      (.frames(["SIL", "SIL"], .cells), "2 labels, the utterance of 160 samples has 1 on the grid cells"),
      (.intervals([PhoneInterval(label: "SIL", begin: 0, end: 0.0351)]), "end at 0.0351 s, the utterance at 0.01 s"),
      (.intervals([PhoneInterval(label: "XX", begin: 0, end: 0.01)]), "not in the phone set cmu41"),
      (.frames(["XX"], .cells), "not in the phone set cmu41"),
      (
        .intervals([
          PhoneInterval(label: "S", begin: 0, end: 0.03), PhoneInterval(label: "S", begin: 0.008, end: 0.032),
        ]), "overlap"
      ),
    ]
    for (content, reason) in cases {
      let failure = #expect(throws: Failure.self) { try classes(content, samples: 160) }
      #expect(
        failure?.kind == .badInput && failure?.reason.contains(reason) == true,
        "\(reason): \(String(describing: failure))")
    }
    // Aligners round to their frames.
    #expect(try classes(.intervals([PhoneInterval(label: "SIL", begin: 0, end: 0.034)]), samples: 160) == [0])
  }

  @Test func readsLinesAndGoesOnAfterBadOnes() throws {
    let lines = LabelLines(
      try reading(
        """
        {"id":"a","phones":[["SIL",0.0,0.5]],"other":1}

        {"id":"b"}
        {"id":"c","phones":null}
        not JSON
        {"id":"d","phones":[["SIL",1]]}
        {"phones":[]}
        {"id":"e","phones":[],"cells":[]}
        {"id":"f","cells":["x",17,null]}
        """))
    var ids: [String] = []
    var bad: [String] = []
    while true {
      do {
        guard let track = try lines.next() else { break }
        ids.append("\(track.id) \(track.position)")
        if case .frames(let labels, .cells) = track.content { #expect(labels == ["x", "17", nil]) }
      } catch let failure as Failure {
        #expect(failure.kind == .badInput && failure.path == folder("file"))
        bad.append(failure.position ?? "")
      }
    }
    #expect(ids == ["a line 1", "f line 9"])
    #expect(bad == ["line 5", "line 6", "line 7", "line 8"])
  }
}
