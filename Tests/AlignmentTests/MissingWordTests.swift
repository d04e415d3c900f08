import Alignment
import FileIO
import Labels
import Manifests
import OrderedJSON
import TestSupport
import Testing

/// The list of words that a lexicon lacks.
@Suite struct MissingWordTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// A manifest of the texts, one an utterance.
  private func manifest(_ texts: [String]) throws -> [UInt8] {
    let corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84], utterancesPerChapter: texts.count, lengths: [90_000])
    var bytes: [UInt8] = []
    let lines = try runTool("cpc-scan", [corpus.folder]).output.split(separator: UInt8(ascii: "\n"))
    for (line, text) in zip(lines, texts) {
      var entry = try ManifestEntry(parsing: Array(line))
      entry.text = text
      entry.write(to: &bytes)
    }
    return bytes
  }

  @Test func listsWhatTheLexiconLacks() throws {
    try File.writing(folder("lexicon")).write("the DH AH0\nquilter K W IH1 L T ER0\ntwelve T W EH1 L V\n")
    let texts = ["The zed quilter's zed, ÉTÉ naïve", "zed 12 abc 13 <noise> ABC", "the Ωmega", "été the"]
    let input = try manifest(texts)
    let result = try runTool(
      "cpc-align",
      ["--lexicon", folder("lexicon"), "--oov", folder("oov"), "--json", "-o", folder("a"), "--iterations", "2"],
      input: input)
    #expect(result.status == 1 && result.messages.contains("'ΩMEGA' is not in Latin letters"), "\(result.messages)")
    let lines = String(decoding: try File.contents(of: folder("oov")), as: UTF8.self).split(separator: "\n")
    let fields = lines.map { $0.split(separator: "\t", omittingEmptySubsequences: false).map { String($0) } }
    // By count, then by bytes: É and Ω after every letter of ASCII.
    #expect(
      fields.map { $0.prefix(2).joined(separator: " ") }
        == ["3 ZED", "2 ABC", "2 ÉTÉ", "1 NAÏVE", "1 THIRTEEN", "1 ΩMEGA"])
    // What was guessed is what is said: an alternative each field; nothing where nothing can be.
    let pronouncer = try Pronouncer()
    for row in fields.dropLast() {
      let ways = row.dropFirst(2).map { way in
        way.split(separator: " ").map { UInt8(PhoneSet.cmu41.index(of: String($0))!) }
      }
      #expect(try [ways] == pronouncer.pronounce(row[1]), "\(row)")
    }
    #expect(fields.last?.count == 2)
    // The summary counts the same words.
    #expect(
      result.messages.contains("10 of 16 words (6 different ones) are not in the lexicon"), "\(result.messages)")
    #expect(result.messages.contains("; all of them: \(folder("oov"))"), "\(result.messages)")
    let unknown = try JSON(parsing: result.text)["unknown_words"]?.arrayValue
    #expect(
      unknown?.map { [$0.arrayValue![1].compact, $0.arrayValue![0].stringValue!] } == fields.map { Array($0.prefix(2)) }
    )
    // On standard output, where the manifest goes elsewhere; the same bytes.
    let piped = try runTool(
      "cpc-align", ["--lexicon", folder("lexicon"), "--oov", "-", "-o", folder("b"), "--iterations", "2"], input: input)
    #expect(try piped.output == File.contents(of: folder("oov")))
    #expect(try File.contents(of: folder("a")) == File.contents(of: folder("b")))
  }

  @Test func wordsOfOtherLanguagesHaveNoGuess() throws {
    try File.writing(folder("set")).write("SIL\nSPN\na\nm\n")
    try File.writing(folder("lexicon")).write("mama m a m a\n")
    let arguments = ["--phone-set", folder("set"), "--lexicon", folder("lexicon"), "--iterations", "2"]
    let result = try runTool(
      "cpc-align", arguments + ["--oov", folder("oov"), "-o", folder("a")],
      input: manifest(["мама mama", "Mama мама", "mama"]))
    #expect(result.status == 0 && result.messages.contains("taken for noise (SPN): МАМА (2)"), "\(result.messages)")
    #expect(try File.contents(of: folder("oov")) == Array("2\tМАМА\n".utf8))
    // Nothing is missing: the list is there, and empty.
    let whole = try runTool(
      "cpc-align", arguments + ["--oov", folder("none"), "-o", folder("b")], input: manifest(["mama", "mama mama"]))
    #expect(whole.status == 0, "\(whole.messages)")
    #expect(try File.contents(of: folder("none")).isEmpty)
  }

  @Test func refuses() throws {
    let input = try manifest(["ONE"])
    try File.writing(folder("lexicon")).write("ONE W AH N\n")
    try File.writing(folder("there")).write("")
    let lexicon = ["--lexicon", folder("lexicon")]
    for (arguments, status, reason) in [
      (["--oov", folder("x")], 64, "--oov needs --lexicon"), (lexicon + ["--oov", folder("there")], 1, "exists"),
      (lexicon + ["--oov", "-"], 64, "-o"), (lexicon + ["--oov", folder("no/x")], 1, "no/x"),
      (lexicon + ["-o", folder("x"), "--oov", folder("x")], 64, "different files"),
      (lexicon + ["--oov", folder("x"), "--report", folder("x")], 64, "different files"),
    ] as [([String], Int, String)] {
      let result = try runTool("cpc-align", arguments, input: input)
      #expect(result.status == status && result.messages.contains(reason), "\(arguments): \(result.messages)")
      #expect(result.output.isEmpty)
    }
    #expect(try Folder.names(in: folder.path) == ["corpus", "lexicon", "there"])
  }
}
