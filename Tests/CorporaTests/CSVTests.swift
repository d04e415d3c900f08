import FileIO
import Layouts
import Testing

/// Rows as RFC 4180 has them, and tables of pictures.
@Suite struct CSVTests {
  /// Rows with their lines, and failures.
  private func read(_ text: String, separator: Unicode.Scalar = ",") -> [String] {
    read(Array(text.utf8), separator: separator)
  }

  private func read(_ bytes: [UInt8], separator: Unicode.Scalar = ",") -> [String] {
    var reader = CSVReader(bytes, separator: UInt8(ascii: separator), name: "t.csv")
    var rows: [String] = []
    while true {
      do {
        guard let (line, fields) = try reader.next() else { return rows }
        rows.append("\(line) " + fields.joined(separator: "|"))
      } catch let failure as Failure {
        rows.append("\(failure.position ?? "") \(failure.reason)")
      } catch {
        return ["\(error)"]
      }
    }
  }

  @Test(arguments: [
    ("a,b\nc,d", ["1 a|b", "2 c|d"]),
    ("\u{feff}a,b\r\nc,d\r\n", ["1 a|b", "2 c|d"]),
    ("a,b\rc,d\r", ["1 a|b", "2 c|d"]),
    ("\n\r\na\n\n\nb\n", ["3 a", "6 b"]),
    ("\"a,\"\"b\"\"\",c\n", ["1 a,\"b\"|c"]),
    ("\"a\nb\r\nc\",d\ne", ["1 a\nb\r\nc|d", "4 e"]),
    ("a,,\n,\n", ["1 a||", "2 |"]),
    ("a,\"\"", ["1 a|"]),
    (" a , b\n", ["1  a | b"]),
    ("5\" disk,b\n", ["1 5\" disk|b"]),
    ("\"a\"b,c\nd,e\n", ["line 1 text after a closing quotation mark", "2 d|e"]),
    (
      "a\n\"b\nc,d\n",
      ["1 a", "line 2 the quotation mark that opens on line 2 is never closed: nothing after it can be read"]
    ),
    ("", []), ("\u{feff}", []),
    ("\"", ["line 1 the quotation mark that opens on line 1 is never closed: nothing after it can be read"]),
  ]) func rows(text: String, expected: [String]) { #expect(read(text) == expected) }

  @Test func tabsSeparateToo() { #expect(read("a,b\tc\n\"d\te\"\tf\n", separator: "\t") == ["1 a,b|c", "2 d\te|f"]) }

  @Test func whatIsNotUTF8IsNamed() {
    var reader = CSVReader([0x61, 0x0a, 0xff, 0x2c, 0x62, 0x0a, 0x63], separator: 0x2c, name: "t.csv")
    #expect((try? reader.next())?.fields == ["a"])
    #expect((#expect(throws: Failure.self) { try reader.next() })?.description == "t.csv: line 2: not UTF-8")
    #expect((try? reader.next())?.line == 3)
  }

  @Test(arguments: [
    ("\"a\nb\",X\nc,d\n", ["line 1 not UTF-8", "3 c|d"]), ("X,\"a\nb,e\"\nc,d\n", ["line 1 not UTF-8", "3 c|d"]),
    ("\"X\nb\",\"e\n\nf\"\nc,d\n", ["line 1 not UTF-8", "5 c|d"]), ("a,b\nX", ["1 a|b", "line 2 not UTF-8"]),
  ]) func theRowAfterOneThatIsNotUTF8IsTheNext(text: String, expected: [String]) {
    // X stands for a byte that is none of UTF-8.
    #expect(read(text.utf8.map { $0 == UInt8(ascii: "X") ? 0xff : $0 }) == expected)
  }

  private func table(_ text: String, _ columns: ImageColumns) throws -> [String] {
    try parseImageTable(Array(text.utf8), separator: 0x2c, name: "t.csv", columns: columns).map {
      switch $0 {
      case .row(let row): "\(row.line) \(row.path) \(row.label ?? "-") \(row.group)"
      case .problem(let failure, let path): "\(failure) [\(path ?? "-")]"
      }
    }
  }

  @Test func columnsAreFoundByName() throws {
    let usual = ImageColumns(path: nil, label: nil, group: nil)
    #expect(try table("id, Label ,FileName\n1,ant,a.jpg\n", usual) == ["2 a.jpg ant ant"])
    #expect(
      try table("file,kind,by\na.jpg,ant,Ada\n", .init(path: nil, label: "kind", group: "by")) == ["2 a.jpg ant Ada"])
    #expect(try table("file,by\na.jpg,Ada\n", .init(path: nil, label: nil, group: "by")) == ["2 a.jpg - Ada"])
    #expect(
      try table("file,class\na.jpg\n,ant\nb.jpg,\nc.jpg,x,y\nd.jpg,\u{1}\n", usual) == [
        "t.csv: line 2: 1 column, and the header has 2 [a.jpg]", "t.csv: line 3: no 'file' []",
        "t.csv: line 4: no 'class' [b.jpg]", "t.csv: line 5: 3 columns, and the header has 2 [c.jpg]",
        "t.csv: line 6: a control character in 'class' [d.jpg]",
      ])
  }

  @Test(arguments: [
    ("a,label\n", "no column 'filename' or 'path' or 'file' or 'image'; there are 'a', 'label'", "path_column"),
    ("file,a\n", "no column 'label' or 'class'; there are 'file', 'a'", "class_column"),
    ("file,label,class\n", "2 columns 'label' or 'class'; there are 'file', 'label', 'class'", "class_column"),
    ("file,file,class\n", "2 columns", "path_column"), ("\n", "an empty table", ""),
  ]) func columnsThatAreMissingAreNamed(text: String, reason: String, setting: String) {
    let failure = #expect(throws: Failure.self) { try table(text, .init(path: nil, label: nil, group: nil)) }
    #expect(failure?.reason.contains(reason) == true && (failure?.hint ?? "").contains(setting), "\(failure!)")
  }
}
