import Corpora
import FileIO
import Labels
import Manifests
import OrderedJSON
import TestSupport
import Testing

struct ManifestEntryTests {
  static let full = """
    {"id":"84-121123-0000","source":"dev.tar.gz","member":"L/84/121123/84-121123-0000.flac","group":"84",\
    "session":"121123","samples":40960,"rate":16000,"text":"GO \\"ON\\"","split":"train",\
    "phones":[["SIL",0.0,0.210],["G",0.210,1e0]],"offset":160,"length":20480,"snr":1.50,"tags":["a",{"b":null}]}
    """

  @Test func passesEveryKeyThroughUnchanged() throws {
    let entry = try ManifestEntry(parsing: Array(Self.full.utf8))
    #expect(entry.json.compact == Self.full)
    #expect(entry.phones?[1] == PhoneInterval(label: "G", begin: 0.21, end: 1))
    #expect(entry.range == 160..<20640)
    #expect(entry.extra["snr"] == .number("1.50"))
  }

  @Test func writesKnownKeysInOrderWhateverTheirOrderWas() throws {
    let line = #"{"zebra":1,"rate":16000,"group":"g","samples":7,"text":null,"source":"s","id":"i"}"#
    let entry = try ManifestEntry(parsing: Array(line.utf8))
    #expect(entry.json.compact == #"{"id":"i","source":"s","group":"g","samples":7,"rate":16000,"zebra":1}"#)
    #expect(entry.text == nil)
    #expect(entry.range == 0..<7)
  }

  @Test func aSpeakerIsAGroupWhereNoneIsNamed() throws {
    func entry(_ keys: String) throws -> ManifestEntry {
      try ManifestEntry(parsing: Array(#"{"id":"i","source":"s",\#(keys),"samples":7,"rate":16000}"#.utf8))
    }
    #expect(
      try entry(#""speaker":"84""#).json.compact
        == #"{"id":"i","source":"s","group":"84","samples":7,"rate":16000}"#)
    let both = try entry(#""speaker":"84","group":"g""#)
    #expect(both.group == "g" && both.extra["speaker"] == .string("84"))
    #expect(throws: Failure(.badInput, "'speaker' is empty")) { try entry(#""speaker":"""#) }
  }

  @Test(arguments: [
    ("", "not JSON"),
    ("[1]", "not a JSON object"),
    (#"{"id":"a""#, "not JSON"),
    (#"{"source":"s","group":"g","samples":1,"rate":1}"#, "'id' is missing"),
    (#"{"id":"","source":"s","group":"g","samples":1,"rate":1}"#, "'id' is empty"),
    (#"{"id":"a\tb","source":"s","group":"g","samples":1,"rate":1}"#, "'id' contains a control character"),
    (#"{"id":"a","source":"s","group":"","samples":1,"rate":1}"#, "'group' is empty"),
    (#"{"id":"a","source":"s","group":"g\u0000","samples":1,"rate":1}"#, "'group' contains a control character"),
    (#"{"id":7,"source":"s","group":"g","samples":1,"rate":1}"#, "'id' is not a text"),
    (#"{"id":"a","group":"g","samples":1,"rate":1}"#, "'source' is missing"),
    (#"{"id":"a","source":"s","samples":1,"rate":1}"#, "'group' is missing"),
    (#"{"id":"a","source":"s","group":"g","rate":1}"#, "'samples' is missing"),
    (#"{"id":"a","source":"s","group":"g","samples":0,"rate":1}"#, "'samples' is 0"),
    (#"{"id":"a","source":"s","group":"g","samples":1.5,"rate":1}"#, "'samples' is not a whole number"),
    (#"{"id":"a","source":"s","group":"g","samples":99999999999999999999,"rate":1}"#, "not a whole number"),
    (#"{"id":"a","source":"s","group":"g","samples":1,"rate":"16000"}"#, "'rate' is not a whole number"),
    (#"{"id":"a","source":"s","group":"g","samples":1,"rate":1,"phones":[["A",0,1],["B",2,1]]}"#, "'phones[1]'"),
    (#"{"id":"a","source":"s","group":"g","samples":1,"rate":1,"phones":{}}"#, "'phones' is not an array"),
    (#"{"id":"a","source":"s","group":"g","samples":1,"rate":1,"offset":1}"#, "not inside the 1 samples"),
    (#"{"id":"a","source":"s","group":"g","samples":9,"rate":1,"offset":5,"length":5}"#, "not inside the 9 samples"),
    (
      #"{"id":"a","source":"s","group":"g","samples":9,"rate":1,"length":9223372036854775807,"offset":1}"#,
      "not inside the 9 samples"
    ),
    (#"{"id":"a","source":"s","group":"g","samples":1,"rate":1,"split":""}"#, "'split' is empty"),
    (#"{"id":"a","id":"b"}"#, "duplicate key"),
  ])
  func namesWhatIsWrong(_ line: String, _ reason: String) throws {
    let failure = try #require(failure { _ = try ManifestEntry(parsing: Array(line.utf8)) })
    #expect(failure.kind == .badInput)
    #expect(failure.reason.contains(reason), "\(failure.reason)")
  }

  @Test func refusesTextThatIsNotUTF8() throws {
    let line = Array(#"{"id":"a"#.utf8) + [0xff] + Array(#"","source":"s","group":"g","samples":1,"rate":1}"#.utf8)
    #expect(failure { _ = try ManifestEntry(parsing: line) }?.kind == .badInput)
  }
}
