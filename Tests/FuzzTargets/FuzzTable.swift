import FileIO
import Layouts

/// What reads tables of pictures. A byte chooses the separator and which columns are asked for; from 128 on the rest is a
/// list of classes.
func fuzzTable(_ bytes: [UInt8]) throws {
  guard let choice = bytes.first else { throw Failure(.badInput, "nothing") }
  let table = Array(bytes[1...])
  if choice & 0x80 != 0 { return try fuzzList(table, pictures: Int(choice & 7)) }
  let separator = UInt8(ascii: choice & 1 == 0 ? "," : "\t")
  // A line may end with any of two bytes.
  let lines = 1 + table.count { $0 == 0x0a || $0 == 0x0d }
  var reader = CSVReader(table, separator: separator, name: "fuzz")
  var rows: [[String]] = []
  var last = 0
  var calls = 0
  while true {
    calls += 1
    precondition(calls <= lines + 1, "reading does not come to an end")
    do {
      guard let (line, fields) = try reader.next() else { break }
      precondition(line > last && line <= lines && !fields.isEmpty)
      last = line
      rows.append(fields)
    } catch let failure as Failure { precondition(failure.kind == .badInput && failure.position != nil) }
  }
  // Written again with every field in quotation marks, they are the same.
  let quote: [UInt8] = [0x22]
  var written: [UInt8] = []
  for fields in rows {
    for (i, field) in fields.enumerated() {
      if i > 0 { written.append(separator) }
      written += quote + field.utf8.flatMap { $0 == 0x22 ? quote + quote : [$0] } + quote
    }
    written += [0x0d, 0x0a]
  }
  var again = CSVReader(written, separator: separator, name: "fuzz")
  for fields in rows {
    let row = try again.next()?.fields
    precondition(row?.count == fields.count && zip(row ?? [], fields).allSatisfy { isSame($0, $1) }, "not the same row")
  }
  let end = try again.next()
  precondition(end == nil)
  let columns = ImageColumns(
    path: choice & 2 == 0 ? nil : "a", label: choice & 4 == 0 ? nil : "b", group: choice & 8 == 0 ? nil : "c")
  try check(try parseImageTable(table, separator: separator, name: "fuzz", columns: columns), lines: lines)
}

/// Whatever the list is, as many classes as there are pictures, or a path in each line.
private func fuzzList(_ bytes: [UInt8], pictures: Int) throws {
  precondition(!isImageList(bytes, name: "fuzz.csv"))
  _ = isImageList(bytes, name: "fuzz.txt")
  let lines = 1 + bytes.count { $0 == 0x0a || $0 == 0x0d }
  try check(parseImageList(bytes, name: "fuzz") { (0..<pictures).reversed().map { "\($0).png" } }, lines: lines)
}

/// Every row can be taken from the list, once.
private func check(_ rows: [ImageTableLine], lines: Int) throws {
  var list = ListedImages()
  var good = 0
  for line in rows {
    switch line {
    case .problem(let failure, let path):
      precondition(failure.kind == .badInput)
      if let path { list.refuse(path) }
    case .row(let row):
      precondition(!row.path.isEmpty && !row.group.isEmpty && row.label?.isEmpty != true && row.line <= lines)
      guard list.add(row, name: "fuzz") == nil else { continue }
      good += 1
      guard case .row(let taken)? = list.take(row.path) else { preconditionFailure("a row that is not there") }
      precondition(taken.line == row.line)
    }
  }
  precondition(list.left.isEmpty)
  if good == 0 { throw Failure(.badInput, "no row") }
}
