import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Safetensors
import Shards

struct CardCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "card", abstract: "What a dataset is: counts, hours, splits, what was skipped. The default.")

  @OptionGroup var input: InspectOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let dataset = try Dataset(opening: input.dataset)
    let card = dataset.card
    if input.json {
      try File.standardOutput.write(JSON.object(card.facts).compact + "\n")
      return true
    }
    func count(_ key: String) -> Int { card.facts["counts"]?[key]?.intValue ?? 0 }
    func fact(_ key: String) -> String { card.facts[key]?.stringValue ?? "not stated" }
    let record = card.facts["record"]
    var lines = [
      "corpus        \(fact("corpus")), licence: \(fact("licence"))",
      "made by       \(fact("command"))" + (origin(card).map { ", from \($0)" } ?? ""),
    ]
    for source in card.facts["sources"]?.arrayValue ?? [] {
      lines.append("made of       \(source["name"]?.stringValue ?? "?"), MD5 \(source["md5"]?.stringValue ?? "?")")
    }
    lines += [
      "record        \(record?["samples"]?.intValue ?? 0) samples at \(record?["rate"]?.intValue ?? 0) Hz, "
        + "tail: \(record?["tail"]?.stringValue ?? "?")",
      "utterances    \(grouped(count("utterances"))), \(grouped(count("failed_utterances"))) failed, "
        + "\(grouped(count("untranscribed_utterances"))) without transcript",
      "speakers      \(grouped(count("groups")))",
      "hours         \(hours(samples: count("samples")))",
      "records       \(grouped(count("records"))) in \(counted(card.shards.count, "shard")): "
        + "\(grouped(count("full_records"))) full, \(grouped(count("padded_records"))) padded",
      "left out      \(grouped(count("dropped_samples"))) samples dropped, \(grouped(count("padding_samples"))) samples of padding",
    ]
    if count("clipped_samples") > 0 {
      lines.append(
        "clipped       \(grouped(count("clipped_samples"))) samples of "
          + counted(count("clipped_utterances"), "utterance"))
    }
    for set in card.facts["phone_sets"]?.arrayValue ?? [] {
      lines.append("phones        \(set["name"]?.stringValue ?? "?"), \(labelledShare(set.objectValue))")
    }
    if card.facts["phone_sets"]?.arrayValue?.isEmpty ?? true { lines.append("phones        none") }
    lines += dataset.overlays.map { "added         " + describe($0) }
    lines.append("splits        " + (dataset.splitNames.isEmpty ? "none" : dataset.splitNames.joined(separator: ", ")))
    lines.append("size          \(grouped(card.files.reduce(0) { $0 + $1.bytes } >> 20)) MiB, digest \(card.digest)")
    let skipped = card.facts["skipped"]?.arrayValue ?? []
    lines.append("skipped       \(grouped(skipped.count))")
    for problem in skipped {
      let words = ["id", "path", "position", "reason"].compactMap { problem[$0]?.stringValue }
      lines.append("  " + words.joined(separator: ": "))
    }
    try File.standardOutput.write(lines.joined(separator: "\n") + "\n")
    let sets = card.facts["phone_sets"]?.arrayValue ?? []
    for facts in sets + (card.facts["overlays"]?.arrayValue ?? []) {
      let plane = facts["name"]?.stringValue ?? ""
      guard let table = PhoneTable(plane: facts["plane"]?.stringValue ?? plane, facts) else { continue }
      try File.standardOutput.write("\n" + table.text)
    }
    return true
  }

  /// What a subset was made of.
  private func origin(_ card: Card) -> String? {
    guard let source = card.facts["source"], let name = source["dataset"]?.stringValue,
      let digest = source["digest"]?.stringValue
    else { return nil }
    return "\(name), digest \(digest)"
  }

  private func labelledShare(_ counts: JSONObject?) -> String {
    let labelled = counts?["labelled_cells"]?.doubleValue ?? 0
    let all = labelled + (counts?["unlabelled_cells"]?.doubleValue ?? 0)
    return "\((1000 * labelled / max(1, all)).rounded() / 10) % of the cells labelled"
  }

  private func describe(_ overlay: Overlay) -> String {
    let shape = (["N"] + overlay.row.map { "\($0)" }).joined(separator: ", ")
    let plane = "\(overlay.name), \(overlay.type.rawValue) [\(shape)]: "
    func count(_ key: String) -> Int { overlay.statistics[key]?.intValue ?? 0 }
    switch overlay.content {
    case .labels(let phoneSet, let classes):
      return plane
        + "\(phoneSet), \(counted(classes.count, "class", "classes")), \(labelledShare(overlay.statistics)), "
        + "\(counted(count("unlabelled_utterances"), "utterance")) without"
    case .key(let key, _):
      return plane + "'\(key)' of the utterance, \(counted(count("utterances_without"), "utterance")) without"
    }
  }
}
