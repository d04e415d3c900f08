import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Shards

struct GroupsCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "groups", abstract: "Utterances, records and hours of each group (speaker).",
    aliases: ["speakers"])

  @OptionGroup var input: InspectOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let dataset = try Dataset(opening: input.dataset)
    let unit = dataset.schema.unit
    let words = KindWords(dataset.schema.kind)
    let groups = dataset.card.facts["groups"]?.arrayValue ?? []
    if input.json {
      try File.standardOutput.write(groups.map { $0.compact + "\n" }.joined())
      return true
    }
    func count(_ group: JSON, _ key: String) -> String { grouped(group[key]?.intValue ?? 0) }
    let isAudio = dataset.schema == .audio
    let rows = groups.map { group in
      [group["name"]?.stringValue ?? ""] + (isAudio ? [group["sex"]?.stringValue ?? ""] : [])
        + [count(group, "utterances"), count(group, "records"), amount(group[unit]?.intValue ?? 0, dataset.schema)]
    }
    let heads = [words.group] + (isAudio ? ["sex"] : []) + ["\(words.item)s", "records", isAudio ? "hours" : unit]
    try File.standardOutput.write(table([heads] + rows))
    return true
  }
}

struct SplitsCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "splits", abstract: "Utterances, speakers, records and hours of each part of each split.")

  @OptionGroup var input: InspectOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let dataset = try Dataset(opening: input.dataset)
    let schema = dataset.schema
    let words = KindWords(schema.kind)
    var rows = [
      ["split/part", "\(words.item)s", "\(words.group)s", "records", "full", schema == .audio ? "hours" : schema.unit]
    ]
    for name in dataset.splitNames {
      for (part, statistics) in try statistics(of: dataset, parts: dataset.split(named: name)) {
        if input.json {
          try File.standardOutput.write(
            JSON.object(
              [
                "split": .string(name), "part": part.map { .string($0) } ?? .null,
                "utterances": .int(statistics.utterances), "groups": .int(statistics.groups.count),
                "records": .int(statistics.records), "full_records": .int(statistics.full),
                schema.unit: .int(statistics.units),
              ]
            ).compact + "\n")
        }
        rows.append([
          "\(name)/\(part ?? "(none)")", grouped(statistics.utterances), grouped(statistics.groups.count),
          grouped(statistics.records), grouped(statistics.full), amount(statistics.units, schema),
        ])
      }
    }
    if !input.json { try File.standardOutput.write(rows.count == 1 ? "no splits\n" : table(rows)) }
    return true
  }

  private struct PartStatistics {
    var utterances = 0
    var records = 0
    var full = 0
    var units = 0
    var groups: Set<SIMD2<UInt64>> = []
  }

  /// Parts in the order of their first utterance; utterances without a part last.
  private func statistics(of dataset: Dataset, parts: [String?]) throws -> [(String?, PartStatistics)] {
    var order: [String?] = []
    var result: [String?: PartStatistics] = [:]
    let list = try dataset.utterances()
    var index = 0
    while let line = try list.next(), index < parts.count {
      let part = parts[index]
      if result[part] == nil { order.append(part) }
      var statistics = result[part] ?? PartStatistics()
      statistics.utterances += 1
      statistics.groups.insert(XXH3.key128(line.group))
      for record in dataset.records(ofUtterance: index) {
        statistics.records += 1
        statistics.units += dataset.valid(record)
        if dataset.isFull(record) { statistics.full += 1 }
      }
      result[part] = statistics
      index += 1
    }
    return (order.filter { $0 != nil } + order.filter { $0 == nil }).map { ($0, result[$0]!) }
  }
}

/// Units for people: of audio hours.
private func amount(_ units: Int, _ schema: RecordSchema) -> String {
  schema == .audio ? hours(samples: units) : grouped(units)
}
