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
  public init?(_ text: String) {
    let numbers = text.pieces(at: "/").map { Int($0) }
    guard numbers.count == 2, let index = numbers[0], let count = numbers[1] else { return nil }
    self.init(index: index, count: count)
  }

  public var description: String { "\(index)/\(count)" }
}

/// What a part makes: a contiguous range of the shards of the whole, planned from what the manifest declares, so that
/// every part comes to the same plan by itself and no audio needs to be looked at.
public struct PartPlan: Sendable {
  public let shards: Range<Int>
  /// Shards of all parts.
  public let allShards: Int
  public let utterances: Range<Int>
  /// Names of all groups, by index.
  public let groups: [String]
  /// Names of all classes, by number.
  public let classes: [String]
  public private(set) var records = 0
  /// Units of all utterances, before a tail is padded or dropped.
  public private(set) var units = 0

  public init(_ survey: ManifestSurvey, _ part: Part, options: ShardingOptions) {
    var planner = ShardPlanner(recordsPerShard: options.recordsPerShard)
    let count = { (utterance: ManifestSurvey.Utterance) in
      options.maker.schema.records(units: Int(utterance.units), tail: options.tail)
    }
    var firsts: [Int] = []
    for (i, utterance) in survey.utterances.enumerated() where planner.assign(records: count(utterance)) == firsts.count
    {
      firsts.append(i)
    }
    let shards = firsts.count * part.index / part.count..<firsts.count * (part.index + 1) / part.count
    firsts.append(survey.utterances.count)
    utterances = firsts[shards.lowerBound]..<firsts[shards.upperBound]
    self.shards = shards
    allShards = firsts.count - 1
    groups = survey.groups
    classes = survey.classes
    for utterance in survey.utterances[utterances] {
      records += count(utterance)
      units += Int(utterance.units)
    }
  }
}
