public import Corpora
import FileIO
import Manifests
import Shards

/// One of several runs that make a dataset together.
public struct Part: Sendable, Equatable {
  /// From 0.
  public let index: Int
  public let count: Int

  public init?(index: Int, count: Int) {
    guard count > 0, (0..<count).contains(index) else { return nil }
    self.index = index
    self.count = count
  }

  /// `0/3`.
  public var description: String { "\(index)/\(count)" }
}

/// What a part makes: a contiguous range of the shards of the whole, planned from what the manifest (or the dataset that
/// is converted) declares, so that every part comes to the same plan by itself and no audio needs to be looked at.
public struct PartPlan: Sendable {
  public let shards: Range<Int>
  /// Shards of all parts.
  public let allShards: Int
  public let utterances: Range<Int>
  /// Names of all groups, by index.
  public let groups: [String]
  /// Names of all classes, by number.
  public let classes: [String]
  public let records: Int
  /// Units of all utterances, before a tail is padded or dropped.
  public let units: Int

  public init(_ survey: ManifestSurvey, _ part: Part, options: ShardingOptions) {
    self.init(
      units: survey.utterances.map { Int($0.units) }, groups: survey.groups, classes: survey.classes, part,
      schema: options.maker.schema, options: options)
  }

  /// - Parameter units: of every utterance of the whole.
  init(
    units: [Int], groups: [String], classes: [String] = [], _ part: Part, schema: RecordSchema, options: ShardingOptions
  ) {
    var planner = ShardPlanner(recordsPerShard: options.recordsPerShard)
    let counts = units.map { schema.records(units: $0, tail: options.tail) }
    var firsts: [Int] = []
    for (i, count) in counts.enumerated() where planner.assign(records: count) == firsts.count { firsts.append(i) }
    let shards = firsts.count * part.index / part.count..<firsts.count * (part.index + 1) / part.count
    firsts.append(units.count)
    utterances = firsts[shards.lowerBound]..<firsts[shards.upperBound]
    self.shards = shards
    allShards = firsts.count - 1
    self.groups = groups
    self.classes = classes
    records = counts[utterances].reduce(0, +)
    self.units = units[utterances].reduce(0, +)
  }
}
