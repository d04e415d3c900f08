import ABX
import FileIO
import TestSupport
import Testing

@Suite struct ItemTests {
  private let header = "#file onset offset #phone prev-phone next-phone speaker\n"

  private func list(_ text: String) throws -> ItemList {
    let folder = try TemporaryFolder()
    try File.writing(folder("a.item")).write(text)
    return try ItemList(contentsOf: folder("a.item"))
  }

  @Test func fileIsReadAndWrittenAsItWas() throws {
    let text =
      header + "6295-244435-0009 0.2925 0.4725 IH L NG 6295\n" + "e\u{301}-1 12 12.000000001 S IH IH é\n"
      + "\u{e9}-1 0 0.5 S S IH e\u{301}\n"
    let list = try list(text)
    #expect(list.count == 3 && list.files.count == 3 && list.speakers.count == 3 && list.phones.count == 4)
    let folder = try TemporaryFolder()
    try list.write(to: folder("b.item"))
    #expect(try File.contents(of: folder("b.item")) == Array(text.utf8))
  }

  @Test(arguments: [
    ("", "empty: no item file"),
    ("#file onset offset #phone speaker\n", "line 1: no header of an item file: prev-phone, next-phone missing"),
    ("#file offset onset #phone prev-phone next-phone speaker\n", "line 1: the columns of the header are in another"),
    ("H", "a header and no item"), ("Hf 0 1 a b c\n", "line 2: 6 fields instead of 7"),
    ("H\nf 0 1 a b c s\nf 0 1 a b c s t\n", "line 4: 8 fields"),
    ("Hf -1 1 a b c s\n", "line 2: onset -1: no time in seconds"),
    ("Hf 0 1e3 a b c s\n", "line 2: offset 1e3: no time"), ("Hf .5 1 a b c s\n", "onset .5: no time"),
    ("Hf 0 1. a b c s\n", "offset 1.: no time"), ("Hf 0.5 0.50 a b c s\n", "offset 0.5 is not after onset 0.5"),
    ("Hf 0 1.0000000000000000001 a b c s\n", "no time in seconds"), ("Hf nan 1 a b c s\n", "onset nan"),
  ]) func whatIsWrongIsNamed(text: String, message: String) throws {
    let text = text.first == "H" ? header + text.dropFirst() : text
    #expect { try list(text) } throws: { "\($0)".contains("a.item: ") && "\($0)".contains(message) }
  }

  @Test func bytesThatAreNoTextAreRefused() throws {
    let folder = try TemporaryFolder()
    try File.writing(folder("a.item")).write(Array(header.utf8) + [0x66, 0xe9, 0x0a])
    #expect {
      try ItemList(contentsOf: folder("a.item"))
    } throws: { "\($0)".contains(#"line 2: f\xE9: not UTF-8"#) }
  }

  @Test func namesThatNoFileCanHaveAreRefused() throws {
    var list = ItemList()
    list.append(
      file: "two words", onset: .zero, offset: Seconds("1")!, phone: "a", previous: "b", next: "c", speaker: "s")
    let folder = try TemporaryFolder()
    #expect { try list.write(to: folder("a.item")) } throws: { "\($0)".contains("\"two words\"") }
    #expect(try Folder.names(in: folder.path).isEmpty)
  }

  @Test func timesAreExact() {
    #expect(Seconds("0.30") == Seconds("0.3") && Seconds("0.2")! < Seconds("0.25")! && Seconds("10")! > Seconds("9.5")!)
    #expect(Seconds(sample: 4680, rate: 16_000).description == "0.2925")
    #expect(Seconds(sample: 1, rate: 44_100).description == "0.000022676")
    #expect(Seconds(sample: 32_000, rate: 16_000).description == "2")
    #expect(Seconds("0.05")!.description == "0.05")
  }

  @Test func triphonesSpanTheirNeighbours() {
    // SIL S AH S gap T IY SIL: 2 is silence.
    let cells = [2, 2, 0, 0, 1, 0, -1, 3, 3, 4, 2]
    let intervals = PhoneInterval.runs(of: cells, none: -1)
    #expect(
      intervals.map(\.phone) == [2, 0, 1, 0, 3, 4, 2] && intervals[4] == PhoneInterval(phone: 3, first: 7, end: 9))
    var list = ItemList()
    let names: [Name] = ["S", "AH", "SIL", "T", "IY"]
    let counts = list.appendTriphones(
      of: intervals, file: "u", speaker: "s", names: names, excluding: [2], hop: 160, rate: 16_000)
    #expect(counts.items == 1 && counts.withoutNeighbour == 2 && counts.excluded == 4)
    #expect(list.description(of: 0) == "u 0.02–0.06 (AH between S and S)")
    // With silence as a phone like others.
    let more = list.appendTriphones(
      of: intervals, file: "u", speaker: "s", names: names, excluding: [], hop: 160, rate: 16_000)
    #expect(more.items == 3 && more.withoutNeighbour == 4 && more.excluded == 0)
    #expect(list.description(of: 3) == "u 0.07–0.11 (IY between T and SIL)")
  }
}
