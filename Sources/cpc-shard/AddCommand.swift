import ArgumentParser
import CommandSupport
import FileIO
import Labels
import OrderedJSON
import Planes
import Safetensors
import Sharding
import Shards

struct AddCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "add",
    abstract: "Add labels, or a number of each utterance, to a dataset, beside its records.",
    discussion: """
      A plane is added to every shard, in a file of its own (shards/00000.NAME.safetensors); the audio is not touched. \
      Utterances without a label or number are counted; labels that do not fit their utterance are named and left out. \
      Whenever the command is stopped, the dataset has the old plane or the new one.

      EXAMPLES
        Alignments, with the 41 phones of cmu41 or with others:
          cpc-shard add dev mfa=textgrids/
          cpc-shard add dev ipa=ipa.jsonl --phone-set ipa-phones.txt
          cpc-shard add dev kaldi=phones.ctm --label-grid snip-edges

        The integer that each line of utterances.jsonl has under "age":
          cpc-shard add dev age=key:age

      EXIT STATUS
        0 good; 1 failed, or finished with some labels left out; 64 wrong usage.
      """)

  @OptionGroup var target: DatasetArgument

  @Argument(
    help: ArgumentHelp(
      """
      The plane's name, and what it holds. NAME=FILE|FOLDER: a label for each 10 ms cell, from an alignment in any of the \
      formats below, also zipped; '-' is standard input. NAME=key:KEY: the integer that utterances.jsonl carries under \
      KEY.
      """, valueName: "name=source"), completion: .file())
  var plane: String

  @OptionGroup var strictness: StrictOption
  @OptionGroup var writing: WritingOptions
  @OptionGroup(title: "READING ALIGNMENTS") var labels: LabelOptions
  @OptionGroup(title: "READING ALIGNMENTS") var phoneSet: PhoneSetOption
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  /// What a plane holds.
  private enum Source {
    case labels(path: String)
    case key(String)
  }

  func validate() throws {
    guard case .key = try parsed().source else { return }
    let option = labels.given ?? (phoneSet.phoneSet == nil ? nil : "--phone-set")
    if let option = option ?? (writing.allowUnknownIds ? "--allow-unknown-ids" : nil) {
      throw ValidationError("\(option) goes with labels: \(plane) is a key of the utterances")
    }
  }

  private func parsed() throws -> (name: String, source: Source) {
    let sides = plane.pieces(at: "=", maxSplits: 1).map { String($0) }
    guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty, sides[1] != "key:" else {
      throw ValidationError("\(plane): not NAME=FILE, NAME=FOLDER or NAME=key:KEY")
    }
    let prefix = "key:"
    guard sides[1].begins(with: prefix) else { return (sides[0], .labels(path: sides[1])) }
    return (sides[0], .key(String(sides[1].dropping(first: prefix.utf8.count))))
  }

  func execute(_ console: Console) throws -> Bool {
    if result.json { try File.standardOutput.requireWritable() }
    let dataset = target.dataset
    var options = OverlayOptions()
    options.strict = strictness.strict
    options.force = writing.force
    options.pronunciation = { englishPronunciation() }
    options.allowsUnknownIDs = writing.allowUnknownIds
    options.progress = { console.show($0) }
    options.report = { console.report($0) }
    let (name, source) = try parsed()
    // Before any file is read: a name that cannot be is a wrong command.
    try Overlay.check(name: name)
    // What archives for WebDataset call the class of a picture.
    guard !isSame(name, "class") else {
      throw Failure(.usage, "\"class\" is what images have already", hint: "choose another name")
    }
    let summary: OverlaySummary
    switch source {
    case .key(let key): summary = try addKey(key, as: name, to: dataset, options: options)
    case .labels(let path):
      let phones = try phoneSet.phones()
      summary = try addLabels(
        from: LabelFiles(path, reading: labels.reading(phones)), as: name, phoneSet: phones, to: dataset,
        options: options)
      if let mends = summary.mends.description {
        console.finish()
        console.note("\(path): \(mends)")
      }
    }
    console.finish()
    console.note("\(dataset): added \(describe(summary))")
    if result.json { try File.standardOutput.write(summary.overlay.json.compact + "\n") }
    return summary.skipped == 0 && (summary.unknownIDs == 0 || writing.allowUnknownIds)
  }

  private func describe(_ summary: OverlaySummary) -> String {
    let overlay = summary.overlay
    func count(_ key: String) -> Int { overlay.statistics[key]?.intValue ?? 0 }
    let shape = (["N"] + overlay.row.map { "\($0)" }).joined(separator: ", ")
    var parts = ["\(overlay.name), \(overlay.type.rawValue) [\(shape)]"]
    switch overlay.content {
    case .labels(let phoneSet, let classes):
      let all = max(1, count("labelled_cells") + count("unlabelled_cells"))
      parts.append("\(counted(classes.count, "class", "classes")) of \(phoneSet)")
      parts.append("\(tenths(count("labelled_cells"), of: all)) % of the cells labelled")
      parts.append(without(count("unlabelled_utterances"), of: summary.utterances, "labels"))
    case .key(let key, _): parts.append(without(count("utterances_without"), of: summary.utterances, "'\(key)'"))
    }
    if summary.skipped > 0 { parts.append("\(grouped(summary.skipped)) skipped") }
    if summary.unknownIDs > 0 { parts.append("\(grouped(summary.unknownIDs)) of utterances that it lacks") }
    return parts.joined(separator: "; ")
  }

  private func without(_ count: Int, of all: Int, _ what: String) -> String {
    "\(grouped(count)) of \(counted(all, "utterance")) without \(what)"
  }

  private func tenths(_ part: Int, of all: Int) -> Double { (1000 * Double(part) / Double(all)).rounded() / 10 }
}
