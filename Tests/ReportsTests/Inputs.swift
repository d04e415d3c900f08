import FileIO
import OrderedJSON
import Reports
import TestSupport

/// A run's folder as cpc-train leaves it.
func makeRun(
  _ folder: TemporaryFolder, _ name: String, settings: String = "", log: String? = nil
) throws -> String {
  try Folder.create(folder(name))
  try write(
    """
    {"model":"audio","negatives":"same-speaker","steps_ahead":2,"channels":32,"context":16,"batch":8,"accumulate":1,
    "learning_rate":0.001,"precision":"fp32","updates":40,"window":20480,"training_windows":5625,"dataset":"dev","seed":1\(settings)}
    """, to: folder("\(name)/config.json"))
  try write(log ?? someLog(), to: folder("\(name)/log.jsonl"))
  return folder(name)
}

func metrics(_ loss: String, _ accuracy: [Double], candidates: Int) -> String {
  let accuracies = accuracy.map { "\($0)" }.joined(separator: ",")
  return #""loss":\#(loss),"loss_by_step":[\#(loss),\#(loss)],"accuracy":[\#(accuracies)],"#
    + #""pairwise_accuracy":[0.9,0.8],"candidates":\#(candidates)"#
}

func someLog(_ updates: Int = 4) -> String {
  var text = ""
  for i in 1...updates {
    text +=
      #"{"type":"train","update":\#(10 * i),\#(metrics("\(7 - Double(i) / 10)", [0.01, 0.002], candidates: 1024))}"#
      + "\n"
  }
  text += #"{"type":"validation","update":40,\#(metrics("6.5", [0.02, 0.01], candidates: 1024)),"#
  text += #""common":{\#(metrics("4.25", [0.25, 0.125], candidates: 129))}}"# + "\n"
  return text
}

func write(_ text: String, to path: String) throws {
  let file = try File.writing(path)
  try file.write(text)
  try file.close()
}

/// A probe's JSON, with some members replaced.
func probe(_ changes: JSONObject = [:], facts: JSONObject = [:]) -> JSON {
  var object: JSONObject = [
    "kind": .string("probe"), "title": .string("c, linear"),
    "facts": .object([
      "target": .string("phone"), "features": .string("CPC c"), "labels": .string("cpc-align"),
      "speakers": .string("16"), "hours": .number("2.16"), "updates": .string("20000"), "precision": .string("bf16"),
    ]),
    "accuracy": .number("0.5123"), "interval": .array([.number("0.5"), .number("0.525")]),
    "without": .object(["class": .string("SIL"), "accuracy": .number("0.45")]),
    "majority": .object(["class": .string("AH"), "accuracy": .number("0.093")]),
    "classes": .array([
      .array([.string("SIL"), .int(400), .int(100), .number("0.8"), .number("0.7")]),
      .array([.string("AH"), .int(300), .int(50), .number("0.5"), .null]),
      .array([.string("ZH"), .int(2), .int(0), .null, .null]),
    ]),
    "confusion": .array([[80, 20, 0], [25, 25, 0], [0, 0, 0]].map { .array($0.map { .int($0) }) }),
    "probe": .string("linear"), "from_the_future": .object(["x": .int(1)]),
  ]
  for (key, value) in changes.members { object[key] = value }
  var all = object["facts"]?.objectValue ?? [:]
  for (key, value) in facts.members { all[key] = value }
  object["facts"] = .object(all)
  return .object(object)
}

func inputs(_ values: JSON...) throws -> [ReportInput] {
  let folder = try TemporaryFolder()
  try write(values.map { $0.compact + "\n" }.joined(), to: folder("x"))
  return try readReportInputs(folder("x"))
}
