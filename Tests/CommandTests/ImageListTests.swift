import Archives
import FileIO
import OrderedJSON
import Pixels
import Shards
import TestSupport
import Testing

/// Pictures whose classes are not their folders: samples of WebDataset, tables, archives in archives.
@Suite struct ImageListTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func picture(_ seed: UInt64, width: Int = 20, height: Int = 10) throws -> [UInt8] {
    var random = SeededGenerator(seed)
    let pixels = (0..<width * height * 3).map { _ in UInt8.random(in: 0...255, using: &random) }
    return try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
  }

  private func member(_ name: String, _ text: String) -> ArchiveFile.Member { .init(name, Array(text.utf8)) }

  /// `ID CLASS GROUP MEMBER` of each line.
  private func rows(_ scan: ToolResult) throws -> [String] {
    try scan.text.split(separator: "\n").map { line in
      let entry = try JSON(parsing: Array(line.utf8))
      return ["id", "class", "group", "member"].map { entry[$0]?.stringValue ?? "-" }.joined(separator: " ")
    }
  }

  private func scan(_ inputs: [String], _ layout: String, _ flags: [String] = []) throws -> ToolResult {
    try runTool("cpc-scan", inputs.map { folder($0) } + ["--layout", layout] + flags)
  }

  private func unpack(_ members: [ArchiveFile.Member], _ name: String) throws {
    for member in members {
      try Folder.create(Folder.parent(of: folder("\(name)/\(member.path)")))
      try File.writing(folder("\(name)/\(member.path)")).write(member.bytes)
    }
  }

  @Test func samplesComeFromArchivesAndFolders() throws {
    let samples: [ArchiveFile.Member] = [
      .init("train/a.png", try picture(1)), member("train/a.cls", "7\n"),
      member("train/a.json", #"{"who":"Ada","width":9}"#), member("train/a.txt", "an ant\r\non a leaf\n"),
      member("train/b.CLS", "\u{feff} dog breed \r\n"), .init("train/b.PNG", try picture(2)),
      .init("train/b.seg.png", []), .init("c.jpeg", try picture(3)),
      member("c.cls", "123456789012345678901234567890"), member("README.md", "x"), member("info.json", "{}"),
    ]
    let expected = [
      "train/a 7 7 train/a.png", "train/b dog breed dog breed train/b.PNG",
      "c 123456789012345678901234567890 123456789012345678901234567890 c.jpeg",
    ]
    try ArchiveFile.write(samples, to: folder("s.tar"))
    try ArchiveFile.write(samples, to: folder("s.tar.gz"), compression: .gzip)
    for input in ["s.tar", "s.tar.gz"] {
      let result = try scan([input], "webdataset")
      #expect(try result.status == 0 && rows(result) == expected, "\(result.messages)\(result.text)")
      #expect(result.messages.contains("3 images, 3 groups, left out: 3 other files in samples"), "\(result.messages)")
      #expect(result.text.contains(#""text":"an ant on a leaf""#))
      #expect(result.text.contains(#""json":{"who":"Ada","width":9}"#))
    }
    try unpack(samples, "s")
    let unpacked = try scan(["s"], "webdataset")
    #expect(try unpacked.status == 0 && rows(unpacked).sorted() == expected.sorted(), "\(unpacked.messages)")
    // What JSON says, of those that have it.
    let told = try scan(["s.tar"], "webdataset", ["--group-column", "who"])
    #expect(try told.status == 1 && rows(told) == ["train/a 7 Ada train/a.png"], "\(told.text)")
    #expect(told.messages.contains("train/b.PNG: it has no JSON object"), "\(told.messages)")
    let other = try scan(["s.tar"], "webdataset", ["--class-column", "kind"])
    #expect(other.messages.contains("its JSON has no 'kind'; it has 'who', 'width'"), "\(other.messages)")
    // A folder of archives.
    try Folder.create(folder("shards"))
    try ArchiveFile.write(Array(samples[..<4]), to: folder("shards/0.tar"))
    try ArchiveFile.write(Array(samples[4...]), to: folder("shards/1.tar"))
    #expect(try rows(scan(["shards"], "webdataset")) == expected)
    for (name, input) in [("x/d", "s.tar"), ("y/d", "shards")] {
      let result = try runTool(
        "cpc-shard", [folder(input), "--layout", "webdataset", "--size", "8", "-o", folder(name)])
      #expect(result.status == 0 && result.messages.contains("3 other files"), "\(result.messages)")
    }
    #expect(try tree(folder("x/d/shards")) == tree(folder("y/d/shards")))
  }

  @Test func whatIsWrongInSamplesIsNamed() throws {
    let image = try picture(1)
    let samples: [ArchiveFile.Member] = [
      .init("good.png", image), member("good.cls", "1"), .init("lone.png", image), member("empty.cls", " \n"),
      .init("empty.png", image), member("none.cls", "2"), member("lines.cls", "1\n2"), .init("lines.png", image),
      .init("two.png", image), .init("two.jpg", image), member("two.cls", "1"), .init("bytes.png", image),
      .init("bytes.cls", [0xff]), .init("json.png", image), member("json.cls", "1"), member("json.json", "{"),
      .init("a.b.png", image), member("a.cls", "3"), .init("good.png", image), member("good.cls", "1"),
      member("good.json", "{}"), .init("damaged.png", Array(image.prefix(20))), member("damaged.cls", "1"),
    ]
    try ArchiveFile.write(samples, to: folder("s.tar"))
    let result = try scan(["s.tar"], "webdataset")
    #expect(try result.status == 1 && rows(result) == ["good 1 1 good.png"], "\(result.text)")
    for problem in [
      "lone.png: a sample without a class", "empty.cls: no class in it", "none.cls: a sample without a picture",
      "lines.cls: not a class", "two.jpg: a second picture", "bytes.cls: not UTF-8", "json.json: not JSON",
      "a.cls: a sample without a picture (that is KEY.jpg", "good.png: duplicate utterance id", "damaged.png: ",
    ] { #expect(result.messages.contains(problem), "\(problem): \(result.messages)") }
    #expect(result.messages.contains("10 problems"), "\(result.messages)")
    // The same key in another archive.
    try ArchiveFile.write(Array(samples[..<2]), to: folder("t.tar"))
    let both = try scan(["t.tar", "s.tar"], "webdataset")
    #expect(both.status == 1 && both.messages.contains("the first is in \(folder("t.tar"))"), "\(both.messages)")
    try ArchiveFile.write([], to: folder("empty.tar"))
    let empty = try scan(["empty.tar"], "webdataset")
    #expect(empty.status == 1 && empty.messages.contains("empty corpus"), "\(empty.messages)")
  }

  @Test func theRightLayoutIsProposed() throws {
    let samples: [ArchiveFile.Member] = [.init("ant/1.png", try picture(1)), member("ant/1.cls", "0")]
    try ArchiveFile.write(samples, to: folder("s.tar"))
    let speech = try scan(["s.tar"], "librispeech")
    #expect(speech.status == 1 && speech.messages.contains("--layout webdataset"), "\(speech.messages)")
    let folders = try scan(["s.tar"], "class-folders")
    #expect(folders.status == 64 && folders.messages.contains("--layout webdataset"), "\(folders.messages)")
    try ArchiveFile.write([.init("1.png", try picture(1))], to: folder("flat.tar"))
    let flat = try scan(["flat.tar"], "class-folders")
    #expect(flat.status == 1 && flat.messages.contains("--layout image-table"), "\(flat.messages)")
  }

  @Test func archivesOfClassesAreTheirFolders() throws {
    var plain: [ArchiveFile.Member] = []
    var packed: [ArchiveFile.Member] = []
    try Folder.create(folder("archives"))
    for (i, name) in ["n01440764", "n01443537", "n02102040"].enumerated() {
      let files = try (1...3).map { ArchiveFile.Member("\(name)_\($0).JPEG", try picture(UInt64(10 * i + $0))) }
      plain += files.map { .init("\(name)/\($0.path)", $0.bytes) }
      try ArchiveFile.write(files, to: folder("archives/\(name).tar"))
      packed.append(.init("\(name).tar", try File.contents(of: folder("archives/\(name).tar"))))
    }
    try Folder.create(folder("all"))
    try ArchiveFile.write(packed, to: folder("all/train.tar"))
    try unpack(plain, "plain")
    func make(_ input: [String], _ name: String, piped: [UInt8] = []) throws -> [String: [UInt8]] {
      let flags = ["--layout", "class-folders", "--size", "8", "-o", folder("\(name)/d")]
      let result = try runTool("cpc-shard", input + flags, input: piped)
      #expect(result.status == 0, "\(name): \(result.messages)")
      return try tree(folder("\(name)/d")).filter { $0.key != "dataset.json" }
    }
    let expected = try make([folder("plain")], "p")
    #expect(try make([folder("all/train.tar")], "q") == expected)
    #expect(try make(["-"], "r", piped: File.contents(of: folder("all/train.tar"))) == expected)
    #expect(try make([folder("archives")], "s") == expected)
    // A manifest of it, of which some lines are left.
    let lines = try scan(["all/train.tar"], "class-folders").text.split(separator: "\n")
    try File.writing(folder("m.jsonl")).write(lines[1...6].joined(separator: "\n") + "\n")
    #expect(
      try runTool("cpc-shard", [folder("m.jsonl"), "--root", "/", "--size", "8", "-o", folder("m/d")]).status == 0)
    #expect(try Dataset(opening: folder("m/d")).recordCount == 6)
    // Archives beside folders are what those were unpacked from; a damaged one is named, and the rest read.
    try File.writing(folder("plain/n01440764.tar")).write(packed[0].bytes)
    #expect(try make([folder("plain")], "t") == expected)
    try ArchiveFile.write(
      [packed[0], .init("bad.tar", Array(packed[1].bytes.prefix(700))), packed[2]], to: folder("bad.tar"))
    let bad = try scan(["bad.tar"], "class-folders")
    #expect(try bad.status == 1 && rows(bad).count == 6 && bad.messages.contains("bad.tar: bad.tar"), "\(bad.messages)")
  }

  /// Lines of a manifest that want what an archive in the archive does not have take nothing from the next one.
  @Test func aDamagedArchiveInTheArchiveIsNotTheNext() throws {
    let names = ["a", "b", "c"]
    func packed(_ name: String, keeping bytes: Int? = nil) throws -> ArchiveFile.Member {
      let files = try (1...3).map { ArchiveFile.Member("\($0).png", try picture(UInt64($0), width: 40)) }
      try ArchiveFile.write(files, to: folder("one.tar"))
      let whole = try File.contents(of: folder("one.tar"))
      return .init("\(name).tar", Array(whole.prefix(bytes ?? whole.count)))
    }
    try ArchiveFile.write(names.map { try packed($0) }, to: folder("all.tar"))
    let lines = try scan(["all.tar"], "class-folders").text.split(separator: "\n").map { String($0) }
    #expect(lines.count == 9)
    func made(_ lines: [String]) throws -> (result: ToolResult, ids: [String]) {
      try File.writing(folder("m.jsonl")).write(lines.joined(separator: "\n") + "\n")
      let result = try runTool(
        "cpc-shard", [folder("m.jsonl"), "--root", "/", "--size", "8", "-o", folder("d"), "--force"])
      let records = try runTool("cpc-cat", [folder("d")]).text.split(separator: "\n")
      return (result, try records.map { try JSON(parsing: Array($0.utf8))["id"]?.stringValue ?? "" })
    }
    let all = try made(lines).ids
    #expect(all == names.flatMap { name in (1...3).map { "\(name)/\($0).png" } })
    // Cut in its first member, in its second; no archive; nothing.
    for (bytes, lost) in [(1_000, 3), (3_500, 2), (20, 3), (0, 3)] {
      try ArchiveFile.write([packed("a"), packed("b", keeping: bytes), packed("c")], to: folder("all.tar"))
      let (result, ids) = try made(lines)
      #expect(ids == all.filter { !$0.hasPrefix("b/") || lost < 3 && $0 == "b/1.png" }, "\(bytes): \(ids)")
      let named = result.messages.split(separator: "\n").filter { $0.hasPrefix("skipped: b/") }
      #expect(
        result.status == 1 && named.count == lost && !result.messages.contains("skipped: c/"), "\(result.messages)")
    }
    // One that the archive does not have, in it, and one in an archive that is not there.
    try ArchiveFile.write(names.map { try packed($0) }, to: folder("all.tar"))
    for gone in ["a.tar/9.png", "gone.tar/1.png"] {
      let wrong = lines[0].replacing("a/1.png", with: "x").replacing("a.tar/1.png", with: gone)
      let (result, ids) = try made(Array(lines[..<2]) + [wrong] + lines[3...])
      #expect(ids == all.filter { $0 != "a/3.png" }, "\(gone): \(ids) \(result.messages)")
    }
  }

  @Test func tablesSayTheClass() throws {
    try unpack(
      [
        .init("val/é.png", try picture(1)), .init("val/a, b.png", try picture(2)), .init("val/c.png", try picture(3)),
        .init("val/x.png", try picture(4)), .init("notes.txt", []),
      ], "p")
    let table = [
      "\u{feff}id,filename,Label,by", #"1,val/é.png,"ant, ""big""",Ada"#, "", #"2,"val/a, b.png",bee,Bob"#,
      "3,val/c.png,ant,Ada,x", "4,val/gone.png,ant,Ada", #"5,"val/a, b.png",ant,Ada"#,
    ].joined(separator: "\r\n")
    try File.writing(folder("t.csv")).write(table)
    try File.writing(folder("t.tsv")).write("path\tclass\nval/c.png\tcat\n")
    let expected = ["val/a, b.png bee bee val/a, b.png", #"val/é.png ant, "big" ant, "big" val/é.png"#]
    let result = try scan(["p"], "image-table", ["--table", folder("t.csv")])
    #expect(try result.status == 1 && rows(result) == expected, "\(result.text)\(result.messages)")
    for problem in [
      "t.csv: line 5: 5 columns, and the header has 4", "t.csv: line 6: there is no picture 'val/gone.png'",
      "t.csv: line 7: a second row of 'val/a, b.png'; the first is in line 4",
      "x.png: a picture that no row of the table names",
    ] { #expect(result.messages.contains(problem), "\(problem): \(result.messages)") }
    #expect(result.messages.contains("4 problems"), "\(result.messages)")
    let grouped = try scan(["p"], "image-table", ["--table", folder("t.csv"), "--group-column", "by"])
    #expect(try rows(grouped)[0] == "val/a, b.png bee Bob val/a, b.png")
    // With a group, a picture need have no class.
    try File.writing(folder("some.csv")).write("filename,label,by\nval/c.png,,Ada\nval/x.png,bee,Bob\n")
    let some = try scan(["p"], "image-table", ["--table", folder("some.csv"), "--group-column", "by"])
    #expect(some.text.split(separator: "\n").count == 2 && !some.text.contains("class\":\"\""), "\(some.messages)")
    let needed = try scan(["p"], "image-table", ["--table", folder("some.csv")])
    #expect(needed.messages.contains("no 'label'"), "\(needed.messages)")
    let below = try scan(["p"], "image-table", ["--table", folder("t.tsv")])
    #expect(try rows(below) == ["val/c.png cat cat val/c.png"])
    // A name in the other normal form is another name, and told apart.
    try File.writing(folder("nfd.csv")).write("file,label\nval/e\u{301}.png,ant\n")
    let twin = try scan(["p"], "image-table", ["--table", folder("nfd.csv")])
    #expect(twin.status == 1 && twin.messages.contains("a row looks the same and has other bytes"), "\(twin.messages)")
    // From an archive, into records, a second time with another table.
    try ArchiveFile.write([.init("c.png", try picture(3))], to: folder("c.tar"))
    try File.writing(folder("c.csv")).write("file,label\nc.png,cat\n")
    let make = [
      folder("c.tar"), "--layout", "image-table", "--size", "8", "--table", folder("c.csv"), "-o", folder("d"),
    ]
    let made = try runTool("cpc-shard", make)
    #expect(made.status == 0, "\(made.messages)")
    #expect(try Card.read(folder: folder("d")).facts["command"]?.stringValue?.contains("--table c.csv") == true)
    #expect(
      try Card.read(folder: folder("d")).facts["label_sets"]?.arrayValue?.first?["classes"]?.compact == #"["cat"]"#)
  }

  /// Lists as ImageNet's validation set has them.
  @Test func listsWithoutAHeader() throws {
    let files = try ["v_3.png", "v_1.png", "v_2.png"].enumerated().map {
      ArchiveFile.Member($1, try picture(UInt64($0)))
    }
    try ArchiveFile.write(files, to: folder("v.tar"))
    try unpack(files + [.init("notes.md", [])], "v")
    let expected = ["v_1.png 490 490 v_1.png", "v_2.png 361 361 v_2.png", "v_3.png 171 171 v_3.png"]
    try File.writing(folder("order.txt")).write("490\r\n361\n171\n")
    try File.writing(folder("val.txt")).write("v_3.png 171\n\nv_1.png  490\nv_2.png 361")
    for list in ["order.txt", "val.txt"] {
      for input in ["v", "v.tar"] {
        let result = try scan([input], "image-table", ["--table", folder(list)])
        #expect(
          try result.status == 0 && rows(result).sorted() == expected, "\(list): \(result.messages)\(result.text)")
      }
    }
    let tar = try File.contents(of: folder("v.tar"))
    func piped(_ list: String) throws -> ToolResult {
      try runTool("cpc-scan", ["-", "--layout", "image-table", "--table", folder(list)], input: tar)
    }
    #expect(try rows(piped("val.txt")).sorted() == expected)
    let pipe = try piped("order.txt")
    #expect(pipe.status == 64 && pipe.messages.contains("they must be known first"), "\(pipe.messages)")
    try File.writing(folder("short.txt")).write("490\n361\n")
    let short = try scan(["v"], "image-table", ["--table", folder("short.txt")])
    #expect(
      short.status == 1 && short.text.isEmpty
        && short.messages.contains("a list of 2 classes, in the order of the pictures' names, of which there are 3"),
      "\(short.messages)")
    try File.writing(folder("bad.txt")).write([0x31, 0x0a, 0xff, 0x0a, 0x33, 0x20, 0x34, 0x0a])
    let bad = try scan(["v"], "image-table", ["--table", folder("bad.txt")])
    #expect(try bad.status == 1 && rows(bad) == ["v_1.png 1 1 v_1.png"], "\(bad.text)")
    #expect(
      bad.messages.contains("bad.txt: line 2: not a class, that of 'v_2.png'")
        && bad.messages.contains("line 3: not a class, that of 'v_3.png'") && bad.messages.contains("2 problems"),
      "\(bad.messages)")
    try File.writing(folder("odd.txt")).write("v_1.png 490\nv_2.png\nv_3.png 171\n")
    let odd = try scan(["v"], "image-table", ["--table", folder("odd.txt")])
    #expect(odd.messages.contains("odd.txt: line 2: not 'PATH CLASS'") && odd.status == 1, "\(odd.messages)")
    #expect(try rows(odd) == [expected[0], expected[2]])
    let columns = try scan(["v"], "image-table", ["--table", folder("val.txt"), "--class-column", "x"])
    #expect(columns.status == 64 && columns.messages.contains("has no columns"), "\(columns.messages)")
    // A table under a header stays one, whatever it is called.
    try File.writing(folder("t.txt")).write("file,label\nv_1.png,490\n")
    #expect(try rows(scan(["v"], "image-table", ["--table", folder("t.txt")])) == [expected[0]])
  }

  @Test func flagsThatDoNotFitAreRefused() throws {
    try ArchiveFile.write([.init("a/c.png", try picture(3))], to: folder("c.tar"))
    try File.writing(folder("c.csv")).write("name,kind\nc.png,cat\n")
    for flags in [
      ["image-table"], ["class-folders", "--table", folder("c.csv")], ["webdataset", "--table", folder("c.csv")],
      ["webdataset", "--path-column", "x"], ["class-folders", "--group-column", "x"],
    ] {
      let result = try scan(["c.tar"], flags[0], Array(flags[1...]))
      #expect(result.status == 64, "\(flags): \(result.messages)")
    }
    let columns = try scan(["c.tar"], "image-table", ["--table", folder("c.csv")])
    #expect(
      columns.status == 1 && columns.messages.contains("there are 'name', 'kind'")
        && columns.messages.contains("--path-column"), "\(columns.messages)")
    let two = try scan(["c.tar", "c.tar"], "image-table", ["--table", folder("c.csv")])
    #expect(two.status == 64, "\(two.messages)")
    let gone = try scan(["c.tar"], "image-table", ["--table", folder("gone.csv")])
    #expect(gone.status == 1 && gone.messages.contains("gone.csv"), "\(gone.messages)")
  }

  @Test func whatIsWrittenAsWebDatasetIsReadAgain() throws {
    for (i, name) in ["b.ee", "ant"].flatMap({ [$0, $0, $0] }).enumerated() {
      try Folder.create(folder("c/\(name)"))
      try File.writing(folder("c/\(name)/\(i).png")).write(picture(UInt64(i)))
    }
    let size = ["--size", "12x8"]
    func make(_ input: String, _ output: String, _ flags: [String]) throws {
      let result = try runTool("cpc-shard", [folder(input), "-o", folder(output)] + size + flags)
      #expect(result.status == 0, "\(result.messages)")
    }
    try make("c", "d", ["--layout", "class-folders"])
    let tar = try runTool("cpc-cat", [folder("d"), "--webdataset"])
    #expect(tar.status == 0, "\(tar.messages)")
    try File.writing(folder("d.tar")).write(tar.output)
    try make("d.tar", "e", ["--layout", "webdataset", "--class-column", "class", "--group-column", "group"])
    try make("d.tar", "f", ["--layout", "webdataset"])
    let pixels = try ["d", "e", "f"].map { try runTool("cpc-cat", [folder($0), "--raw"]).output }
    #expect(pixels[0] == pixels[1] && pixels[0] == pixels[2] && pixels[0].count == 6 * 12 * 8 * 3)
    let sets = try ["d", "e", "f"].map { try Card.read(folder: folder($0)).facts["label_sets"]?.arrayValue?.first }
    #expect(sets[0]?["classes"]?.compact == #"["ant","b.ee"]"# && sets[1]?["classes"] == sets[0]?["classes"])
    #expect(sets[2]?["classes"]?.compact == #"["0","1"]"#)
    let labels = try ["d", "e", "f"].map { try runTool("cpc-cat", [folder($0)]).text.split(separator: "\n") }
    for i in 0..<6 {
      for other in labels { #expect(other[i].hasSuffix("\"label\":\(i / 3)}"), "\(other[i])") }
      #expect(labels[1][i].contains(i < 3 ? #""group":"ant""# : #""group":"b.ee""#))
    }
    // A record stream knows no names.
    let stream = try runTool("cpc-shard", [folder("c"), "--layout", "class-folders", "-o", "-"] + size)
    let streamed = try runTool("cpc-cat", ["-", "--webdataset"], input: stream.output)
    #expect(streamed.status == 0 && !streamed.text.contains("\"class\""), "\(streamed.messages)")
  }

  @Test func textsBecomeSamplesOfSentences() throws {
    try Folder.create(folder("t"))
    try File.writing(folder("t/a.txt")).write("One two. Three four five! Six?\nSeven.")
    try File.writing(folder("words")).write("one\ntwo\nthree\n.\n")
    let make = ["--layout", "documents", "--vocabulary", folder("words"), "--sentences", "3", "--words", "4"]
    #expect(try runTool("cpc-shard", [folder("t"), "-o", folder("d")] + make).status == 0)
    let tar = try runTool("cpc-cat", [folder("d"), "--webdataset"])
    try File.writing(folder("d.tar")).write(tar.output)
    let members = try ArchiveMembers(File.reading(folder("d.tar")))
    var found: [String: String] = [:]
    while let (path, bytes) = try members.next(limit: 1 << 20, where: { _ in true }) {
      found[path ?? ""] = String(decoding: bytes, as: UTF8.self)
    }
    #expect(found.keys.sorted() == ["a%2Etxt-0.json", "a%2Etxt-0.txt", "a%2Etxt-1.json", "a%2Etxt-1.txt"])
    let lines = try runTool("cpc-cat", [folder("d"), "--text"]).text
    #expect((found["a%2Etxt-0.txt"] ?? "") + (found["a%2Etxt-1.txt"] ?? "") == lines)
    #expect(found["a%2Etxt-1.json"]?.contains(#""start":3,"valid":1"#) == true)
  }
}
