import FileIO
import TestSupport
import Testing

/// What texts of others look like, and what may not be made of them.
@Suite struct TextInputTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Folder.create(folder("c/a"))
    try File.writing(folder("c/a/x.txt")).write("One two. Three four.\n")
    try File.writing(folder("words")).write("one\ntwo\n")
  }

  private func shard(_ arguments: String...) throws -> ToolResult {
    try runTool(
      "cpc-shard",
      arguments.map { $0.hasPrefix("/") && !$0.hasPrefix(folder.path) ? folder(String($0.dropFirst())) : $0 })
  }

  @Test func whatIsWrongWithAllTextsIsSaid() throws {
    try writeAtomically(to: folder("c/a/x.txt")) { try $0.write([0x4f, 0x6e, 0x65, 0xff, 0x2e]) }
    let all = try shard("/c", "--layout", "documents", "-o", "/d")
    #expect(all.status == 1 && all.messages.contains("x.txt: byte 3: not UTF-8 (0xFF)"), "\(all.messages)")
    #expect(all.messages.contains("none of its texts can be read"), "\(all.messages)")
    let rules = try shard("/c", "--layout", "documents", "-o", "/d", "--locale", "klingon")
    #expect(rules.status == 64 && rules.messages.contains("no rules for a locale 'klingon'"), "\(rules.messages)")
  }

  /// A sentence that is longer than what is held at once becomes several, which are counted.
  @Test func dividedSentencesAreCounted() throws {
    try File.writing(folder("c/a/x.txt")).write(String(repeating: "one two ", count: 30_000) + "end.\n")
    let made = try shard("/c", "--layout", "documents", "-o", "/d")
    #expect(made.status == 0 && made.messages.contains("divided 1 sentence of 1 document"), "\(made.messages)")
  }

  @Test func otherDocumentsAreCounted() throws {
    for name in ["a.html", "b.html", "c.epub", "LICENSE"] { try File.writing(folder("c/a/\(name)")).write("x") }
    let found = try runTool("cpc-scan", [folder("c"), "--layout", "documents"])
    #expect(found.status == 0 && found.messages.contains("left out: 1 .epub, 2 .html"), "\(found.messages)")
    let made = try shard("/c", "--layout", "documents", "-o", "/d")
    #expect(made.status == 0 && made.messages.contains("left out: 1 .epub, 2 .html"), "\(made.messages)")
    try Folder.create(folder("e"))
    try File.writing(folder("e/y.txt")).write("Five six.\n")
    let both = try runTool("cpc-scan", [folder("c"), folder("e"), "--layout", "documents"])
    #expect(both.status == 0 && both.messages.contains("left out: 1 .epub, 2 .html"), "\(both.messages)")
  }

  @Test func compressedBooksLoseTheirHeaderToo() throws {
    let book = """
      A header. With sentences.
      *** START OF THE PROJECT GUTENBERG EBOOK A ***
      One two. Three four.
      *** END OF THE PROJECT GUTENBERG EBOOK A ***
      A licence. With more.
      """
    try File.writing(folder("c/a/x.txt")).write(book)
    let packed = try runProcess("/usr/bin/env", ["gzip", "-c"], input: Array(book.utf8)).output
    try File.writing(folder("c/a/z.txt.gz")).write(packed)
    let lines = try runTool("cpc-scan", [folder("c"), "--layout", "documents"]).text.split(separator: "\n")
    #expect(lines.count == 2 && lines.allSatisfy { $0.contains(#""sentences":2,"format":"gutenberg""#) }, "\(lines)")
  }

  @Test(arguments: [3_000_000_000, Int.max]) func hugeCountsAreNamed(sentences: Int) throws {
    let lines = [2, sentences].map { #"{"id":"\#($0)","source":"c/a/x.txt","group":"g","sentences":\#($0)}"# + "\n" }
    try File.writing(folder("m.jsonl")).write(lines.joined())
    let whole = try shard("/m.jsonl", "--vocabulary", folder("words"), "-o", "/d")
    #expect(whole.status == 1 && whole.messages.contains("\(sentences) sentences: one file"), "\(whole.messages)")
    // A part plans without the line, which the merge names.
    let part = try shard("/m.jsonl", "--vocabulary", folder("words"), "-o", "/p", "--part", "0/1")
    #expect(part.status == 0, "\(part.messages)")
  }

  @Test func alignmentsAreOfAudio() throws {
    _ = try shard("/c", "--layout", "documents", "-o", "/d")
    try File.writing(folder("l.jsonl")).write(#"{"id":"a/x.txt","phones":[["AA",0,0.4]]}"# + "\n")
    let result = try shard("add", "/d", "ph=\(folder("l.jsonl"))")
    #expect(result.status == 64 && result.messages.contains("alignments are of audio"), "\(result.messages)")
  }

  @Test func aDamagedVocabularyGoesNowhere() throws {
    _ = try shard("/c", "--layout", "documents", "-o", "/d")
    var words = try File.contents(of: folder("d/vocabulary.txt"))
    words[words.count - 3] ^= 1
    try File.writing(folder("d/vocabulary.txt")).write(words)
    let result = try shard("select", "/d", "--group", "a/x.txt", "-o", "/s")
    #expect(result.status == 1 && result.messages.contains("vocabulary.txt: its digest"), "\(result.messages)")
    let cat = try runTool("cpc-cat", [folder("d"), "--text"])
    #expect(cat.status == 1 && cat.messages.contains("vocabulary.txt: its digest"), "\(cat.messages)")
  }

  @Test func manifestsAndFoldersAreNotTakenAtOnce() throws {
    _ = try runTool("cpc-scan", [folder("c"), "--layout", "documents", "-o", folder("m.jsonl")])
    let result = try shard("/m.jsonl", "/c", "--layout", "documents", "--prefix-groups", "-o", "/d")
    #expect(result.status == 64 && result.messages.contains("not from both at once"), "\(result.messages)")
  }

  // MARK: JSON Lines

  private static let documents = [
    #"{"id":"a1","author":"Ann","text":"One day. Two days!\nThree.","year":1900}"#,
    #"{"text":"No id here. Fine.","author":"Bob"}"#,
    #"{"id":7,"author":"Ann","text":"Seven. \u00c9t\u00e9 ici."}"#,
  ].joined(separator: "\n")

  /// Folder, archive, compressed and plain, straight and by a manifest: the same documents, the same records.
  @Test func documentsOfJSONLinesAreTheSameEverywhere() throws {
    let packed = try runProcess("/usr/bin/env", ["zstd", "-c"], input: Array(Self.documents.utf8)).output
    try Folder.create(folder("j"))
    try File.writing(folder("j/x.jsonl")).write(Self.documents)
    try File.writing(folder("j/y.NDJSON.zst")).write(packed)
    try ArchiveFile.write(
      [.init("x.jsonl", Array(Self.documents.utf8)), .init("y.NDJSON.zst", packed)], to: folder("j.tar"))
    for input in ["j", "j.tar"] {
      _ = try runTool("cpc-scan", [folder(input), "--layout", "documents", "-o", folder("\(input).jsonl")])
      let manifest = try shard("/\(input).jsonl", "--vocabulary", "40", "-o", "/m-\(input)")
      let straight = try shard("/\(input)", "--layout", "documents", "--vocabulary", "40", "-o", "/d-\(input)")
      #expect(manifest.status == 0 && straight.status == 0, "\(manifest.messages)\(straight.messages)")
      #expect(try content(folder("m-\(input)")) == content(folder("d-\(input)")))
      #expect(try content(folder("d-\(input)")) == content(folder("d-j")))
    }
    let lines = try String(decoding: File.contents(of: folder("j.jsonl")), as: UTF8.self).split(separator: "\n")
    let ids = ["x.jsonl/a1", "x.jsonl/2", "x.jsonl/7", "y.NDJSON.zst/a1", "y.NDJSON.zst/2", "y.NDJSON.zst/7"]
    #expect(lines.count == 6 && zip(lines, ids).allSatisfy { $0.contains(#""id":"\#($1)""#) }, "\(lines)")
    let text = try runTool("cpc-cat", [folder("d-j"), "--text"]).text
    #expect(text.hasPrefix("one day .\ntwo days !\nthree .\nno id here .\nfine .\nseven .\nété ici .\n"), "\(text)")
    // Lines in another order are found too.
    try File.writing(folder("back.jsonl")).write(lines.reversed().joined(separator: "\n") + "\n")
    #expect(try shard("/back.jsonl", "--vocabulary", "40", "-o", "/back").status == 0)
    let back = try runTool("cpc-cat", [folder("back"), "--text"]).text.split(separator: "\n")
    #expect(back.sorted() == text.split(separator: "\n").sorted())
  }

  @Test func keysOfJSONLinesAreChosen() throws {
    try File.writing(folder("x.jsonl")).write(Self.documents.replacing("\"text\"", with: "\"body\""))
    let scan = { (arguments: String...) in
      try runTool("cpc-scan", [folder("x.jsonl"), "--layout", "documents"] + arguments)
    }
    let good = try scan("--text-key", "body", "--group-key", "author")
    let groups = good.text.split(separator: "\n").map { $0.contains(#""group":"Ann""#) }
    #expect(good.status == 0 && groups == [true, false, true], "\(good.text)")
    #expect(good.text.contains(#""line":3,"text_key":"body","format":"plain""#), "\(good.text)")
    try File.writing(folder("m.jsonl")).write(good.text)
    #expect(try shard("/m.jsonl", "-o", "/d").status == 0)
    let wrong = try scan()
    #expect(wrong.status == 1 && wrong.messages.contains("line 1: no 'text'"), "\(wrong.messages)")
    let ungrouped = try scan("--text-key", "body", "--group-key", "autor")
    #expect(ungrouped.messages.contains("line 2: no 'autor' to name its group"), "\(ungrouped.messages)")
    // Without the layout it is taken for a manifest, and the message says what it may be.
    let manifest = try shard("/x.jsonl", "-o", "/e")
    #expect(manifest.status == 1 && manifest.messages.contains("--layout documents"), "\(manifest.messages)")
  }

  @Test func badDocumentsAreNamedAndTheRestIsTaken() throws {
    let bad = [
      #"{"id":"bad"}"#, "not json", #"{"id":"a\nb","text":"x"}"#, #"{"id":"dup","text":"Q. R."}"#,
      #"{"id":"dup","text":"Q. R."}"#, #"{"id":"e","text":5}"#, "[1]", "", #"{"id":"empty","text":" "}"#,
      #"{"id":"late","text":"Still here."}"#,
    ]
    try File.writing(folder("x.jsonl")).write(bad.joined(separator: "\n"))
    let result = try runTool("cpc-scan", [folder("x.jsonl"), "--layout", "documents"])
    #expect(result.status == 1 && result.text.split(separator: "\n").count == 2, "\(result.text)")
    #expect(result.text.contains(#""id":"x.jsonl/late""#))
    for expected in [
      "line 1: no 'text'", "line 2: not JSON", "line 3: 'id' is not a name", "x.jsonl/dup: ", "duplicate utterance id",
      "line 6: 'text' is not a text", "line 7: not an object", "x.jsonl/empty: ", "no sentence in it",
    ] {
      #expect(result.messages.contains(expected), "\(expected): \(result.messages)")
    }
    try File.writing(folder("m.jsonl")).write(result.text.replacing("\"line\":10", with: "\"line\":6"))
    let gone = try shard("/m.jsonl", "-o", "/d")
    #expect(gone.status == 1 && gone.messages.contains("line 6: 'text' is not a text"), "\(gone.messages)")
  }

  /// JSON is UTF-8, whatever the texts beside it are; what is wrong with a file as a whole is said by way of a manifest too.
  @Test func encodingsAndDamageOfJSONLines() throws {
    try Folder.create(folder("j"))
    try File.writing(folder("j/a.txt")).write([0x47, 0x72, 0xfc, 0xdf, 0x65, 0x2e, 0x0a])
    let documents = (0..<2000).map { #"{"text":"Grüße \#($0)."}"# + "\n" }.joined()
    let packed = try runProcess("/usr/bin/env", ["gzip", "-c"], input: Array(documents.utf8)).output
    try File.writing(folder("j/b.jsonl.gz")).write(packed)
    let made = try shard("/j", "--layout", "documents", "--encoding", "windows-1252", "-o", "/d")
    #expect(made.status == 0, "\(made.messages)")
    let text = try runTool("cpc-cat", [folder("d"), "--text"]).text
    #expect(text.hasPrefix("grüße .\ngrüße 0 .\ngrüße 1 .\n"), "\(text.prefix(60))")
    let scan = ["--layout", "documents", "--encoding", "windows-1252", "-o", folder("m.jsonl")]
    _ = try runTool("cpc-scan", [folder("j")] + scan)
    #expect(try shard("/m.jsonl", "-o", "/e").status == 0)
    #expect(try content(folder("e")) == content(folder("d")))
    for (name, bytes, reason) in [
      ("cut", Array(packed.dropLast(packed.count / 2)), "cut short"),
      ("flipped", packed.dropLast(8) + [1, 2, 3, 4] + packed.suffix(4), "damaged"),
    ] {
      try File.writing(folder("j/b.jsonl.gz")).write(bytes)
      let result = try shard("/m.jsonl", "-o", "/\(name)")
      #expect(result.status == 1 && result.messages.contains(reason), "\(name): \(result.messages.suffix(600))")
    }
  }

  // MARK: Places

  @Test func compressedTextsAreReadInArchivesToo() throws {
    let packed = try runProcess("/usr/bin/env", ["xz", "-c"], input: Array("One two. Three four.\n".utf8)).output
    try ArchiveFile.write([.init("a/x.txt.xz", packed), .init("a/y.txt", Array("Five.\n".utf8))], to: folder("c.tar"))
    let result = try shard("/c.tar", "--layout", "documents", "-o", "/d")
    #expect(result.status == 0 && result.messages.contains("3 sentences"), "\(result.messages)")
    try ArchiveFile.write(
      [.init("a/x.txt.xz", packed.dropLast(9)), .init("a/y.txt", Array("Five.\n".utf8))], to: folder("c.tar"))
    let cut = try shard("/c.tar", "--layout", "documents", "-o", "/e")
    #expect(
      cut.status == 1 && cut.messages.contains("a/x.txt.xz") && cut.messages.contains("cut short"), "\(cut.messages)")
  }

  @Test func oneTextIsACorpus() throws {
    let alone = try shard("/c/a/x.txt", "--layout", "documents", "--group-by-folder", "-o", "/d")
    #expect(alone.status == 0 && alone.messages.contains("1 document of 1 group, 2 sentences"), "\(alone.messages)")
    let lines = try runTool("cpc-scan", [folder("c/a/x.txt"), "--layout", "sentences"]).text
    #expect(lines.contains(#""id":"x.txt""#) && lines.contains(#""sentences":1"#), "\(lines)")
  }
}
