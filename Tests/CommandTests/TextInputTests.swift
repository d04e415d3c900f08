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
    #expect(whole.status == 1 && whole.messages.contains("\(sentences) sentences: one document"), "\(whole.messages)")
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
}
