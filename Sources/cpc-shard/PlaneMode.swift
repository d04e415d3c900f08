import ArgumentParser
import CommandSupport
import FileIO
import Labels
import OrderedJSON
import Safetensors
import Sharding
import Shards

/// What is added to, or removed from, a dataset that is there.
struct PlaneOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      Add a plane to every shard of a dataset. NAME=FILE|FOLDER: a label for each 10 ms cell, from an alignment in any of \
      the formats below, also zipped; '-' is standard input. NAME=key:KEY: the integer that utterances.jsonl carries \
      under KEY.
      """, valueName: "name=source"))
  var add: String?

  @Option(help: ArgumentHelp("Remove an added plane from a dataset.", valueName: "name"))
  var remove: String?

  @Flag(
    help: "Labels, or listed ids, of utterances that the dataset or corpus lacks are passed over; they are no error.")
  var allowUnknownIds = false

  var isGiven: Bool { add != nil || remove != nil }

  func validate(
    _ subset: SubsetOptions, _ labels: LabelOptions, phones: String?, inputs: [String], output: String
  ) throws {
    if let option = labels.given, add == nil, phones == nil {
      throw ValidationError("\(option) goes with --add and --phones")
    }
    guard isGiven else {
      if allowUnknownIds, !subset.isGiven, phones == nil {
        throw ValidationError("--allow-unknown-ids goes with --phones, --add and --ids")
      }
      return
    }
    if phones != nil { throw ValidationError("--phones is for a new dataset; --add NAME=FILE adds labels to one") }
    if add != nil, remove != nil { throw ValidationError("--add and --remove are two commands") }
    if subset.isGiven { throw ValidationError("--add and --remove do not go with --select and --ids") }
    guard inputs.count == 1, inputs[0] != "-", output.isEmpty else {
      throw ValidationError("--add and --remove take one dataset folder, and no -o: it is changed in place")
    }
    if let add { _ = try Self.parse(add) }
  }

  /// `NAME=FILE` or `NAME=key:KEY`.
  static func parse(_ text: String) throws -> (name: String, file: String?, key: String?) {
    let sides = text.pieces(at: "=", maxSplits: 1).map { String($0) }
    guard sides.count == 2, !sides[0].isEmpty, !sides[1].isEmpty, sides[1] != "key:" else {
      throw ValidationError("--add \(text): not NAME=FILE or NAME=key:KEY")
    }
    let prefix = "key:"
    guard sides[1].begins(with: prefix) else { return (sides[0], sides[1], nil) }
    return (sides[0], nil, String(sides[1].dropping(first: prefix.utf8.count)))
  }
}

extension ShardCommand {
  func changePlanes(_ console: Console) throws -> Bool {
    let dataset = inputs[0]
    if let name = planes.remove {
      try DatasetUpdate(dataset).remove(overlay: name)
      console.note("\(dataset): removed \(name)")
      return true
    }
    var options = OverlayOptions()
    options.strict = strict
    options.force = force
    options.pronunciation = { englishPronunciation() }
    options.allowsUnknownIDs = planes.allowUnknownIds
    options.progress = { console.show($0) }
    options.report = { console.report($0) }
    let (name, file, key) = try PlaneOptions.parse(planes.add!)
    // Before any file is read: a name that cannot be is a wrong command.
    try Overlay.check(name: name)
    let summary: OverlaySummary
    if let key {
      summary = try addKey(key, as: name, to: dataset, options: options)
    } else {
      summary = try addLabels(
        from: LabelFiles(file!, reading: labels.reading()), as: name, phoneSet: labels.phones(), to: dataset,
        options: options)
    }
    console.finish()
    if let mends = summary.mends.description { console.note("\(file ?? dataset): \(mends)") }
    console.note("\(dataset): added \(describe(summary))")
    if result.json { try File.standardOutput.write(summary.overlay.json.compact + "\n") }
    return summary.skipped == 0 && (summary.unknownIDs == 0 || planes.allowUnknownIds)
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
