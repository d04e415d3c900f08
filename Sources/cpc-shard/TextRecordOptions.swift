import ArgumentParser
import CommandSupport
import Corpora
import ReadingOptions
import FileIO
import Makers
import OrderedJSON
import Sharding
import Text

/// How texts become records.
struct TextRecordOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Words that have ids: a file that cpc-scan --vocabulary made, or one word a line; or how many of the most frequent \
      words of this corpus, with <unk>, which are counted before the records are made. Default: 20000.
      """, valueName: "file|words"), completion: .file())
  var vocabulary: String?

  @Option(help: ArgumentHelp("Sentences of a record. Default: 6.", valueName: "sentences"), transform: readCount)
  var sentences: Int?

  @Option(
    help: ArgumentHelp("Words of a sentence, at most; others are cut off, and counted. Default: 32."),
    transform: readCount)
  var words: Int?

  @OptionGroup var reading: TextOptions

  func validate() throws {
    if let sentences, !(1...4096).contains(sentences) { throw ValidationError("--sentences must be from 1 to 4096") }
    if let words, !(1...4096).contains(words) { throw ValidationError("--words must be from 1 to 4096") }
  }

  /// The first flag that was given.
  var given: String? {
    vocabulary != nil
      ? "--vocabulary" : sentences != nil ? "--sentences" : words != nil ? "--words" : reading.given
  }

  /// How many words the vocabulary has, unless it is a file.
  var vocabularyCount: Int? {
    guard let vocabulary else { return Vocabulary.defaultCount }
    return try? readCount(vocabulary)
  }

  func maker(_ vocabulary: Vocabulary) -> TextMaker {
    TextMaker(vocabulary, rules: reading.rules, sentences: sentences ?? 6, words: words ?? 32)
  }

  /// What determines the records.
  func fingerprint(_ vocabulary: Vocabulary) -> JSONObject {
    [
      "vocabulary": .string(vocabulary.digest), "sentences": .int(sentences ?? 6), "words": .int(words ?? 32),
      "rules": reading.rules.json, "encoding": reading.encoding.map { .string($0) } ?? .null,
      "group_by_folder": .bool(reading.groupByFolder), "text_key": reading.textKey.map { .string($0) } ?? .null,
      "group_key": reading.groupKey.map { .string($0) } ?? .null,
    ]
  }

  /// The flags that change something, for the card.
  var commandWords: [String] {
    var list: [String] = []
    if let vocabulary { list += ["--vocabulary", Folder.name(of: vocabulary)] }
    if let sentences { list += ["--sentences", "\(sentences)"] }
    if let words { list += ["--words", "\(words)"] }
    return list + reading.words
  }
}
