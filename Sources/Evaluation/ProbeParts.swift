import FileIO
public import Manifests
public import Probes
public import Shards

/// Which utterances of a dataset a probe is trained on, and which it is tested on.
public struct ProbeParts: Sendable {
  /// Of each utterance.
  public let isTraining: [Bool]
  public let isTest: [Bool]
  /// Ids of lists that no utterance has, and one of them.
  public private(set) var unknown: (count: Int, example: String?) = (0, nil)
  /// For people: `split default, train and test`.
  public let description: String

  /// What each utterance is for.
  public var roles: [ProbeData.Part] {
    zip(isTraining, isTest).map { $0 ? .training : $1 ? .test : .neither }
  }

  /// Parts of a split that a dataset has.
  ///
  /// - Parameters:
  ///   - split: nil is `default`.
  ///   - test: nil is `test`, or where there is none `valid`.
  public init(split: String?, train: String, test: String?, of dataset: Dataset) throws {
    let name = split ?? "default"
    let parts = try dataset.split(named: name)
    func isThere(_ part: String) -> Bool { parts.contains { isSame($0, part) } }
    let test = test ?? (isThere("test") ? "test" : "valid")
    for part in [train, test] where !isThere(part) {
      let known = Set(parts.compactMap { $0.map { Name($0) } }).sorted().map(\.text).joined(separator: ", ")
      throw Failure(
        .badInput, path: dataset.folder, "split \"\(name)\" has no part \"\(part)\"", hint: "its parts are \(known)")
    }
    guard !isSame(train, test) else { throw Failure(.usage, "a probe is tested on what it was not trained on") }
    isTraining = parts.map { isSame($0, train) }
    isTest = parts.map { isSame($0, test) }
    description = "split \(name), \(train) and \(test)"
  }

  /// Published lists of ids, which must not meet.
  public init(train: SplitList, test: SplitList, of dataset: Dataset) throws {
    var lists = [train, test]
    (lists[0].part, lists[1].part) = ("train", "test")
    try self.init(Splitter(lists: lists), "lists", dataset)
  }

  /// A draw of utterances.
  ///
  /// - Parameter fraction: the share of the test part.
  public init(testFraction fraction: Double, seed: UInt64, of dataset: Dataset) throws {
    try self.init(
      Splitter(shares: [Splitter.Share(part: "test", fraction: fraction)], by: .utterance, seed: seed),
      "drawn by utterance, \(fraction) to test, seed \(seed)", dataset)
  }

  private init(_ splitter: Splitter, _ description: String, _ dataset: Dataset) throws {
    var utterances: [SplitUtterance] = []
    let list = try dataset.utterances()
    while let line = try list.next() {
      utterances.append(SplitUtterance(id: line.id, group: line.group, session: line.session))
    }
    let assignment = try splitter.assign(utterances)
    let parts = assignment.parts
    unknown = (assignment.unknownCount, assignment.unknownExamples.first)
    isTraining = parts.map { isSame($0, "train") }
    isTest = parts.map { isSame($0, "test") }
    self.description = description
    guard isTraining.contains(true), isTest.contains(true) else {
      throw Failure(
        .badInput, path: dataset.folder, "too few utterances to train and to test: \(utterances.count) in all")
    }
  }
}
