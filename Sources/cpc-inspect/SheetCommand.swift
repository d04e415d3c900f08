import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Shards

struct SheetCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "sheet", abstract: "One picture of many records of a dataset of images.",
    discussion: """
      Which records they are, in rows from the top, stands on standard output (unless the picture goes there).

      EXAMPLES
        cpc-inspect sheet photos -o sheet.png
        cpc-inspect sheet photos --grouped --columns 10 --count 100 -o classes.png
        cpc-inspect sheet photos --part valid --seed 7 -o - | display -
      """)

  @OptionGroup var input: InspectOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("The picture, a PNG; '-' is standard output.", valueName: "file"),
    completion: .file())
  var output: String

  @Option(
    help: ArgumentHelp(
      "How many records, at most. Default: 64; with --grouped, a row for every group.", valueName: "records"),
    transform: readCount)
  var count: Int?

  @Option(help: ArgumentHelp("How many stand side by side.", valueName: "records"), transform: readCount)
  var columns = 8

  @Option(help: ArgumentHelp("The longer side of each, in pixels.", valueName: "pixels"), transform: readCount)
  var thumbnail = 96

  @Flag(help: "A row for each group. Default: records at random.")
  var grouped = false

  @Option(help: "Which records are drawn.")
  var seed: UInt64 = 0

  @OptionGroup var part: PartOfSplit

  @Flag(help: "Replace the output file if it exists. Default: refuse.")
  var force = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    let flags = [("--count", count ?? 1, 1 << 20), ("--columns", columns, 4096), ("--thumbnail", thumbnail, 8192)]
    for (name, value, most) in flags where !(1...most).contains(value) {
      throw ValidationError("\(name) must be from 1 to \(most)")
    }
    if output == "-", input.json { throw ValidationError("--json and '-o -' both need standard output") }
  }

  func execute(_ console: Console) throws -> Bool {
    let dataset = try Dataset(opening: input.dataset)
    let records = try part.records(of: dataset)
    let rows = try sheetRows(
      of: records, in: dataset, count: count ?? (grouped ? .max : 64), columns: columns, isGrouped: grouped, seed: seed)
    let sheet = try ContactSheet(rows, of: dataset, columns: columns, thumbnail: thumbnail)
    let result = try ResultFile(output, force: force)
    guard output != "-" || !result.isTerminal else {
      throw Failure(.usage, "a picture is binary: standard output is a terminal", hint: "redirect it, or -o FILE")
    }
    try result.write(sheet.png())
    try result.finish()
    console.note(
      "\(output): \(sheet.width) × \(sheet.height) pixels, \(counted(rows.reduce(0) { $0 + $1.count }, "record"))")
    if output != "-" { try list(rows, of: dataset) }
    return true
  }

  private func list(_ rows: [[Int]], of dataset: Dataset) throws {
    if input.json {
      for (row, records) in rows.enumerated() {
        for (column, record) in records.enumerated() {
          let object: JSONObject = [
            "row": .int(row), "column": .int(column), "record": .int(record),
            "group": .string(dataset.groups[try dataset.group(record)]),
          ]
          try File.standardOutput.write(JSON.object(object).compact + "\n")
        }
      }
      return
    }
    for (row, records) in rows.enumerated() {
      let group = grouped ? " (\(dataset.groups[try dataset.group(records[0])]))" : ""
      let numbers = records.map { "\($0)" }.joined(separator: " ")
      try File.standardOutput.write("row \(row + 1)\(group): records \(numbers)\n")
    }
  }
}
