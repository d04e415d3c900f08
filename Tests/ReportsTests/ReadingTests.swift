import FileIO
import OrderedJSON
import Reports
import TestSupport
import Testing

@Suite struct ReadingTests {
  @Test(
    arguments: [
      ("accuracy", .null, "\"accuracy\": a fraction from 0 to 1 expected; it is null"),
      ("accuracy", .number("51.2"), "\"accuracy\": a fraction from 0 to 1 expected; it is 51.2"),
      ("accuracy", .string("0.5"), "it is \"0.5\""), ("accuracy", .number("1e999"), "it is 1e999"),
      ("interval", .array([.number("0.6"), .number("0.5")]), "two fractions, the lower one first, expected"),
      ("interval", .array([.number("0.6")]), "two fractions"), ("interval", .string("x"), "a list of numbers expected"),
      ("without", .object(["class": .string("SIL")]), "\"accuracy\": a fraction"),
      ("majority", .int(1), "an object expected"),
      ("utterance_accuracy", .number("-0.1"), "a fraction"),
      ("classes", .array([.array([.string("a")])]), "rows of name, train"),
      ("classes", .array([.array([.string("a"), .int(1), .int(-1), .null, .null])]), "rows of name"),
      ("confusion", .array([.array([.int(1)])]), "3 rows of 3 numbers, as there are classes, expected"),
      ("confusion", .array([.int(1)]), "rows of whole numbers expected"),
      ("probe", .string("tree"), "\"linear\", \"hidden-layer\" or \"sgd\" expected"),
      ("width", .number("1.5"), "a whole number from 0 expected"), ("facts", .array([]), "an object of texts expected"),
      ("facts", .object(["x": .array([])]), "texts in it, as \"x\", expected"),
      ("title", .int(3), "a text expected; it is 3"),
      (
        "kind", .string("probes"),
        "\"kind\": \"probe\", \"abx\", \"tsne\", \"transfer\" or \"neighbours\" expected; it is \"probes\""
      ),
    ] as [(String, JSON, String)]) func whatIsKnownAndWrongIsNamed(key: String, value: JSON, reason: String) throws
  {
    let folder = try TemporaryFolder()
    var object = try #require(probe().objectValue)
    object[key] = value
    try write(JSON.object(object).compact, to: folder("x.json"))
    let failure = try #require(failure { _ = try readReportInputs(folder("x.json")) })
    #expect(failure.path == folder("x.json") && failure.description.contains(reason), "\(failure)")
  }

  @Test(arguments: [
    (#"{"kind":"tsne","names":["a"],"points":[[0,1]],"labels":[1]}"#, "places in \"names\", from 0 to 0, expected"),
    (#"{"kind":"tsne","names":["a"],"points":[[0,1,2]],"labels":[0]}"#, "a list of [x, y] expected"),
    (#"{"kind":"tsne","names":["a"],"points":[[0,1]],"labels":[]}"#, "one for each of 1 points"),
    (#"{"kind":"tsne","names":["a"],"points":[[0,null]],"labels":[0]}"#, "a list of [x, y]"),
    (#"{"kind":"abx","title":"t"}"#, "\"within\": a fraction from 0 to 1 expected; it is not there"),
    (#"{"kind":"abx","within":{"error_percent":101}}"#, "per cent from 0 to 100"), (#"{"a":1}"#, "\"kind\""),
    ("[]", "a JSON object expected"),
    ("", "empty"), ("nonsense", "not JSON: unexpected"), ("{\"kind\":\"probe\",", "byte 16: not JSON"),
    (#"{"kind":"abx","within":0.1}"# + "\nx", "line 2: not JSON"),
  ]) func whatIsNoResultIsNamed(text: String, reason: String) throws {
    let folder = try TemporaryFolder()
    try write(text, to: folder("x"))
    let failure = try #require(failure { _ = try readReportInputs(folder("x")) })
    #expect(failure.path == folder("x") && failure.description.contains(reason), "\(failure)")
  }

  @Test func resultsMayBeOneOrOneOnEachLineAndHaveMore() throws {
    let folder = try TemporaryFolder()
    try write("{\n  \"kind\": \"abx\",\n  \"within\": 0.1, \"new\": []\n}\n", to: folder("x"))
    #expect(try readReportInputs(folder("x")).count == 1)
    try write("{\"kind\":\"abx\",\"within\":0.1}\n\n{\"kind\":\"abx\",\"across\":0.2}\n", to: folder("y"))
    #expect(try readReportInputs(folder("y")).count == 2)
  }

  @Test(arguments: [
    (#"{"type":"train","update":-1}"#, "line 1: \"update\": a whole number"),
    (#"{"type":"train","update":1}"#, "line 1: \"candidates\": a whole number from 0 expected; it is not there"),
    (#"{"type":"train","update":1,"candidates":2,"accuracy":["x"]}"#, "line 1: \"accuracy\": a list of numbers"),
    ("{\n{}", "line 1: not JSON"), ("[1]", "line 1: a JSON object expected"),
    (#"{"type":"validation","update":1,"common":3}"#, "line 1: \"common\": an object expected; it is 3"),
  ]) func linesOfLogsAreChecked(line: String, reason: String) throws {
    let folder = try TemporaryFolder()
    let run = try makeRun(folder, "r", log: line + "\n" + someLog())
    let failure = try #require(failure { _ = try readReportInputs(run) })
    #expect(failure.path == run + "/log.jsonl" && failure.description.contains(reason), "\(failure)")
  }

  @Test func aFolderThatIsNoRunAndABrokenConfigurationAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(failure { _ = try readReportInputs(folder.path) }?.reason == "no run: there is no log.jsonl")
    let run = try makeRun(folder, "r", settings: ",")
    #expect(failure { _ = try readReportInputs(run) }?.path == run + "/config.json")
    #expect(failure { _ = try readReportInputs(folder("none")) }?.isOfSystem == true)
    // Lines of kinds to come are passed over.
    let other = try makeRun(folder, "s", log: "{\"type\":\"weather\"}\n" + someLog())
    #expect(try readReportInputs(other).count == 1)
  }

  @Test func damageNeverCrashes() throws {
    let folder = try TemporaryFolder()
    let good = Array(probe().compact.utf8)
    var generator = SeededGenerator(11)
    var refused = 0
    for _ in 0..<1000 {
      var bytes = good
      for _ in 0..<Int.random(in: 1...3, using: &generator) {
        let place = Int.random(in: 0..<bytes.count, using: &generator)
        bytes[place] = Array("019-.eE\"{}[],:n\\x".utf8).randomElement(using: &generator)!
      }
      let file = try File.writing(folder("x"))
      try file.write(bytes)
      try file.close()
      do {
        let report = Report(try readReportInputs(folder("x")))
        _ = try report.html(maker: "")
      } catch let failure as Failure {
        refused += 1
        #expect(failure.path == folder("x"), "\(failure)")
      }
    }
    #expect(refused > 300)
  }
}
