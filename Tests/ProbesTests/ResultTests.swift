import FileIO
import Kernels
import OrderedJSON
import Probes
import Testing

@Suite struct ResultTests {
  private static func result(_ kind: ProbeSettings.Kind, names: [String]) throws -> ProbeResult {
    let set = Synthetic(seed: 40, utterances: 16, frames: 20, columns: 4, classes: 3)
    var settings = ProbeSettings()
    settings.kind = kind
    settings.resamples = 50
    settings.seed = .max
    settings.hidden.width = 8
    settings.hidden.maximumEpochs = 2
    settings.without = kind == .linear ? 1 : nil
    let data = try ProbeData(
      frames: set.frames, labels: set.labels, classes: names, utterances: set.utterances,
      parts: (0..<16).map { $0 % 2 == 0 ? .training : .test })
    return try Probe(settings, Workers(count: 1)).run(
      data, target: "word", facts: [ProbeResult.Fact("hours", "1.5"), ProbeResult.Fact("hours", "2")])
  }

  private static let names = ["a,\"b\"", "50 % of \\x_{1}^~#&$", "e\u{301}\ntwo"]

  @Test(arguments: ProbeSettings.Kind.allCases)
  func jsonSaysWhatTheResultSays(kind: ProbeSettings.Kind) throws {
    let result = try Self.result(kind, names: Self.names)
    let json = try JSON(parsing: JSON.object(result.json(title: "a title")).lines)
    #expect(json["kind"]?.stringValue == "probe" && json["title"]?.stringValue == "a title")
    #expect(json["probe"]?.stringValue == (kind == .hidden ? "hidden-layer" : kind.rawValue))
    #expect(json["accuracy"]?.doubleValue == result.accuracy)
    #expect(json["interval"]?.arrayValue?.map(\.doubleValue) == [result.interval.low, result.interval.high])
    #expect(json["facts"]?["target"]?.stringValue == "word" && json["facts"]?["hours"]?.stringValue == "2")
    let classes = try #require(json["classes"]?.arrayValue)
    #expect(classes.count == 3 && classes[2].arrayValue?[4].doubleValue == result.classes[2].precision)
    #expect(isSame(classes[2].arrayValue?[0].stringValue, Self.names[2]))
    #expect(json["confusion"]?.arrayValue?.map { $0.arrayValue?.map(\.intValue) } == result.confusion)
    #expect(json["seed"] == .number(String(UInt64.max)))
  }

  @Test func tablesEscapeNames() throws {
    let result = try Self.result(.linear, names: Self.names)
    let counts = result.confusion.map { $0.map { String($0) }.joined(separator: ",") }
    let quoted = ["\"a,\"\"b\"\"\"", "50 % of \\x_{1}^~#&$", "\"e\u{301}\ntwo\""]
    let expected =
      "class," + quoted.joined(separator: ",") + "\r\n"
      + zip(quoted, counts).map { "\($0),\($1)\r\n" }.joined()
    #expect(result.confusionCSV.utf8.elementsEqual(expected.utf8))
    let lines = result.classesCSV.pieces(at: "\r")
    #expect(lines[0] == "class,training_frames,test_frames,correct,predicted,recall,precision")
    #expect(result.classesCSV.contains("\r\n\"a,\"\"b\"\"\",\(result.classes[0].trainingFrames),"))
    let latex = result.classesLaTeX
    #expect(
      latex.contains("50 \\% of \\textbackslash{}x\\_\\{1\\}\\textasciicircum{}\\textasciitilde{}\\#\\&\\$ & "))
    #expect(latex.contains("e\u{301} two & ") && latex.utf8.count { $0 == 0x0a } == 3)
    let summary = result.summaryLaTeX(title: "z & c")
    #expect(summary.begins(with: "z \\& c & ") && summary.ends(with: " \\\\\n"))
    #expect(summary.pieces(at: "&").count == 7)
  }
}
