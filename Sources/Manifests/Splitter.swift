import FileIO

/// What a split needs to know of an utterance.
public struct SplitUtterance: Sendable {
  public var id: String
  public var group: String
  public var session: String?

  public init(id: String, group: String, session: String?) {
    self.id = id
    self.group = group
    self.session = session
  }
}

/// Which part of a split each utterance belongs to.
public struct SplitAssignment: Sendable, Equatable {
  /// One for each utterance given; nil where nothing says.
  public var parts: [String?]
  /// Utterances in each part, in the order in which the parts were named, the rest last.
  public var counts: [PartCount]
  public var unassigned: Int
  /// List lines that name no utterance of the corpus, and the first few of them.
  public var unknownCount: Int
  public var unknownExamples: [String]

  public struct PartCount: Sendable, Equatable {
    public var part: String
    public var utterances: Int
  }
}

/// Divides utterances into parts, by lists of ids or by fractions.
public struct Splitter: Sendable {
  /// What stays together.
  public enum Level: String, CaseIterable, Sendable {
    case utterance
    case session
    case group
  }

  /// A part and its share of all utterances, above 0 and at most 1.
  public struct Share: Sendable {
    public var part: String
    public var fraction: Double

    public init(part: String, fraction: Double) {
      self.part = part
      self.fraction = fraction
    }
  }

  enum Rule: Sendable {
    case lists([SplitList])
    case shares([Share], level: Level, seed: UInt64)
  }

  let rule: Rule
  /// The part of every utterance that the rule leaves over; nil leaves it without one.
  public let rest: String?

  /// Each list's utterances form the part that the list is named after.
  public init(lists: [SplitList], rest: String? = nil) throws {
    guard !lists.isEmpty else { throw Failure(.usage, "no list of utterances given") }
    rule = .lists(lists)
    self.rest = rest
    try requireNames(lists.map(\.part))
  }

  /// A seeded draw: see ``assign(_:)``.
  public init(shares: [Share], by level: Level, seed: UInt64, rest: String? = "train") throws {
    guard !shares.isEmpty else { throw Failure(.usage, "no fraction given") }
    for share in shares {
      guard share.fraction > 0, share.fraction <= 1 else {
        throw Failure(.usage, "the fraction of '\(share.part)' is \(share.fraction): above 0 and at most 1 is needed")
      }
    }
    let sum = shares.map(\.fraction).reduce(0, +)
    guard sum <= 1 + 1e-9 else { throw Failure(.usage, "the fractions add up to \(sum), which is more than 1") }
    rule = .shares(shares, level: level, seed: seed)
    self.rest = rest
    let names = shares.map(\.part)
    try requireNames(names)
    guard Set(names.map { Name($0) }).count == names.count else {
      throw Failure(.usage, "two fractions have the same name")
    }
    if let rest, names.contains(where: { isSame($0, rest) }) {
      throw Failure(
        .usage, "'\(rest)' is the rest and has a fraction too", hint: "\(setting: "rest") NAME renames the rest")
    }
  }

  /// Assigns a part to each utterance.
  ///
  /// With lists: an utterance in two parts' lists is a failure; list lines that name no utterance are counted.
  ///
  /// With shares: units (utterances, sessions or groups) are ordered by XXH3-64 over the seed and their name, and this
  /// order is cut at the shares' cumulative utterance counts, a unit going to the side where its middle lies. So shares
  /// are as exact as whole units allow, and the outcome depends on the seed and on which utterances there are, never on
  /// their order; utterances added to a corpus move a few units near the cuts and no others. A part that would get
  /// nothing is a failure.
  public func assign(_ utterances: [SplitUtterance]) throws -> SplitAssignment {
    var assignment =
      switch rule {
      case .lists(let lists): try assign(utterances, lists: lists)
      case .shares(let shares, let level, let seed): try assign(utterances, shares: shares, level: level, seed: seed)
      }
    if let rest {
      for i in assignment.parts.indices where assignment.parts[i] == nil { assignment.parts[i] = rest }
    }
    var tally: [Name: Int] = [:]
    for part in assignment.parts {
      if let part { tally[Name(part), default: 0] += 1 } else { assignment.unassigned += 1 }
    }
    var names: [Name] = []
    for name in self.names.map({ Name($0) }) where !names.contains(name) { names.append(name) }
    assignment.counts = names.map { .init(part: $0.text, utterances: tally[$0] ?? 0) }
    return assignment
  }

  private var names: [String] {
    let own =
      switch rule {
      case .lists(let lists): lists.map(\.part)
      case .shares(let shares, _, _): shares.map(\.part)
      }
    return own + (rest.map { [$0] } ?? [])
  }

  private func requireNames(_ names: [String]) throws {
    for name in names + (rest.map { [$0] } ?? []) {
      guard !name.isEmpty, name.utf8.allSatisfy({ $0 > 0x20 && $0 != 0x7f }) else {
        throw Failure(.usage, "'\(name)' cannot name a part", hint: "no spaces and no control characters")
      }
    }
  }
}

extension SplitAssignment {
  init(parts: [String?]) {
    self.init(parts: parts, counts: [], unassigned: 0, unknownCount: 0, unknownExamples: [])
  }
}
