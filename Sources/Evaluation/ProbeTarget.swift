import FileIO
import OrderedJSON
public import Shards

/// What a probe is to tell from a frame: a class for each cell of the utterances of a dataset.
public struct ProbeTarget: Sendable {
  /// Cells without a class.
  public static let none: Int32 = -1

  /// As the user named it.
  public let name: String
  /// Names of the classes, by number.
  public let classes: [String]
  /// The set of labels that the classes are of, and where it came from; nil where they are no labels.
  public let labelSource: String?
  private let dataset: Dataset
  private let values: Values

  private enum Values: Sendable {
    /// A class for each cell of the records' own label plane, or of one that was added.
    case cells(plane: String?)
    /// The value of a record, and the class of each value.
    case records(plane: String, [Int: Int32])
    /// Of each utterance.
    case utterances([Int32])
  }

  /// - Parameter name: `phones` or another plane of labels or integers; `speaker` or `group`; or a key of the utterance
  ///   list.
  /// - Throws: a `Failure` that lists what there is.
  public init(_ name: String, of dataset: Dataset) throws {
    self.name = name
    self.dataset = dataset
    if isSame(name, "speaker") || isSame(name, "group") {
      classes = dataset.groups
      labelSource = nil
      values = .utterances(try Self.groups(dataset))
    } else if let plane = dataset.schema.label, isSame(plane.name, name) {
      let set = Self.labelSet(dataset, plane.name)
      classes = Self.names(set?["classes"]?.arrayValue?.map { $0.stringValue ?? "" } ?? [], dataset)
      labelSource = Self.source(set)
      values = .cells(plane: nil)
    } else if let overlay = dataset.overlays.first(where: { isSame($0.name, name) }) {
      switch overlay.content {
      case .labels(let set, let names):
        classes = names
        labelSource = [set, overlay.statistics["from"]?.stringValue].compactMap { $0 }.joined(separator: ", ")
        values = .cells(plane: overlay.name)
      case .key:
        let distinct = try Self.integers(overlay, dataset)
        classes = distinct.map { "\($0)" }
        labelSource = nil
        values = .records(
          plane: overlay.name,
          Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($1, Int32($0)) }))
      }
    } else {
      guard let (names, numbers) = try Self.key(name, dataset) else {
        throw Failure(
          .usage, path: dataset.folder, "it has no target \"\(name)\"", hint: "there is \(Self.known(dataset))")
      }
      classes = names
      labelSource = nil
      values = .utterances(numbers)
    }
    guard !classes.isEmpty else {
      throw Failure(
        .badInput, path: dataset.folder, "target \"\(name)\" labels nothing in it",
        hint: "cpc-align makes labels of speech, cpc-shard add attaches labels; there is \(Self.known(dataset))")
    }
    guard classes.count > 1 else {
      throw Failure(.badInput, path: dataset.folder, "target \"\(name)\" has \(classes.count) classes: nothing to tell")
    }
  }

  /// The class of silence, by number, if there is one.
  public var silence: Int? { classes.firstIndex { isSame($0.asciiLowercased, "sil") } }

  /// The class of each cell of an utterance, ``none`` where there is none.
  public func cells(ofUtterance utterance: Int) throws -> [Int32] {
    let records = dataset.records(ofUtterance: utterance)
    let schema = dataset.schema
    let units = dataset.unitCount(ofUtterance: utterance)
    let count = (units + schema.cell - 1) / schema.cell
    switch values {
    case .utterances(let classes): return Array(repeating: classes[utterance], count: count)
    case .records(let plane, let classes):
      return Array(
        try records.flatMap { record in
          let value = try self.plane(plane, record).first ?? 0
          return repeatElement(classes[value] ?? Self.none, count: schema.cells)
        }.prefix(count))
    case .cells(let plane):
      return try records.flatMap { record in
        try self.plane(plane, record).prefix(schema.cells).map { label in
          classes.indices.contains(label) ? Int32(label) : Self.none
        }
      }.prefix(count).map { $0 }
    }
  }

  private func plane(_ name: String?, _ record: Int) throws -> [Int] {
    let (shard, row) = dataset.locate(record)
    guard let plane = name.map({ shard.plane($0) }) ?? shard.labels else {
      throw Failure(.corrupt, path: dataset.folder, "a shard has no plane \"\(name ?? "")\"")
    }
    return plane.integers(row)
  }

  // MARK: What there is

  private static func groups(_ dataset: Dataset) throws -> [Int32] {
    try (0..<dataset.utteranceCount).map { utterance in
      guard let first = dataset.records(ofUtterance: utterance).first else { return none }
      return Int32(try dataset.group(first))
    }
  }

  private static func labelSet(_ dataset: Dataset, _ plane: String) -> JSON? {
    for key in ["phone_sets", "label_sets"] {
      if let set = dataset.card.facts[key]?.arrayValue?.first(where: { isSame($0["plane"]?.stringValue, plane) }) {
        return set
      }
    }
    return nil
  }

  /// Classes that a card does not name have their number.
  private static func names(_ names: [String], _ dataset: Dataset) -> [String] {
    // The last bin counts the cells without a label.
    let seen = dataset.index.labelHistogram.dropLast().lastIndex { $0 > 0 } ?? -1
    return names + (names.count..<max(names.count, seen + 1)).map { "\($0)" }
  }

  private static func source(_ set: JSON?) -> String? {
    let parts = [set?["name"]?.stringValue, set?["from"]?.stringValue].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: ", from ")
  }

  private static func integers(_ overlay: Overlay, _ dataset: Dataset) throws -> [Int] {
    var distinct: Set<Int> = []
    for record in 0..<dataset.recordCount {
      let (shard, row) = dataset.locate(record)
      if let value = shard.plane(overlay.name)?.integers(row).first, value != overlay.none { distinct.insert(value) }
      guard distinct.count <= mostClasses else {
        throw Failure(
          .badInput, path: dataset.folder, "plane \"\(overlay.name)\" has more than \(mostClasses) values: no classes")
      }
    }
    return distinct.sorted()
  }

  /// Strings, numbers and truth values that the utterance list carries under a key.
  private static func key(_ key: String, _ dataset: Dataset) throws -> (names: [String], numbers: [Int32])? {
    var values: [Name?] = []
    let list = try dataset.utterances()
    while let line = try list.next() {
      let value = isSame(key, "session") ? line.session.map { JSON.string($0) } : line.carried[key]
      values.append(value.flatMap { Name($0.stringValue ?? $0.compact) })
    }
    let names = Set(values.compactMap { $0 }).sorted()
    guard !names.isEmpty else { return nil }
    guard names.count <= mostClasses else {
      throw Failure(
        .badInput, path: dataset.folder,
        "key \"\(key)\" has \(names.count) values, more than \(mostClasses): no classes")
    }
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, Int32($0)) })
    return (names.map(\.text), values.map { $0.flatMap { numbers[$0] } ?? none })
  }

  /// Weights of more would not fit.
  private static let mostClasses = 10_000

  private static func known(_ dataset: Dataset) -> String {
    ((dataset.schema.label.map { [$0.name] } ?? []) + dataset.overlays.map(\.name)
      + ["speaker", "a key of the utterance list"]).joined(separator: ", ")
  }
}
