import FileIO
public import Sampling
public import Shards

/// The full windows of some utterances of a dataset, mapped.
public final class DatasetWindows: WindowSource {
  private let dataset: Dataset
  private let ids: [String]
  private let records: [Int32]

  init(_ dataset: Dataset, ids: [String], records: [Int32]) {
    self.dataset = dataset
    self.ids = ids
    self.records = records
  }

  public var windowCount: Int { records.count }

  public func withSamples(_ i: Int, _ body: (UnsafeBufferPointer<Int16>) -> Void) {
    dataset.withSamples(Int(records[i]), body)
  }

  public func origin(_ i: Int) -> WindowOrigin {
    let record = Int(records[i])
    let (shard, row) = dataset.locate(record)
    return WindowOrigin(
      record: record, utterance: ids[dataset.utterance(record)], start: shard.start(row), group: shard.group(row))
  }

  /// How many samples window `i` moves in `epoch`. What its utterance has beyond whole windows follows in the mapped
  /// rows behind them.
  public func shift(_ i: Int, _ crops: CropPlan, epoch: Int) -> Int {
    let utterance = dataset.utterance(Int(records[i]))
    let rows = dataset.records(ofUtterance: utterance)
    let samples = (rows.count - 1) * RecordSchema.window + dataset.valid(rows.upperBound - 1)
    return crops.shift(epoch: epoch, utterance: utterance, samples: samples)
  }

  /// The order in which a run takes these windows.
  public func plan(_ strategy: NegativeStrategy, batch: Int, seed: UInt64) throws -> BatchPlan {
    let groups = strategy.batchesOneSpeaker ? try records.map { Int32(try dataset.group(Int($0))) } : nil
    let plan = BatchPlan(records: records.count, groups: groups, batch: batch, seed: seed)
    guard plan.batchesPerEpoch > 0 else {
      throw Failure(
        .badInput, path: dataset.folder,
        groups == nil
          ? "\(records.count) full windows to train on, a batch takes \(batch)"
          : "no speaker has the \(batch) full windows that a batch takes",
        hint: "a window is 1.28 s; more or longer utterances, or a smaller --batch")
    }
    return plan
  }
}

/// How a dataset is divided for a run.
public struct DatasetDivision: Sendable {
  public let training: DatasetWindows
  /// Nil if nothing is held out.
  public let heldOut: DatasetWindows?
  /// Where the held-out part comes from, for people.
  public let heldOutFrom: String
  /// Padded records, and records of parts that neither train nor validate.
  public let padded: Int
  public let unused: Int
  public let trainingDigest: String

  /// - Parameters:
  ///   - split: the split to use; nil is `default` where the dataset has it.
  ///   - validPart: the part held out; nil is `valid` where the split has it. Without it, a share of the training
  ///     utterances is carved out.
  public init(
    _ dataset: Dataset, split: String?, validPart: String?, configuration: TrainingConfiguration
  ) throws {
    let ids = try dataset.utteranceIDs()
    let name = split ?? (dataset.splitNames.contains("default") ? "default" : nil)
    guard name != nil || validPart == nil else {
      throw Failure(
        .usage, "--valid-split \(validPart!) needs a split, and \(dataset.folder) has no split \"default\"",
        hint: dataset.splitNames.isEmpty ? "cpc-split makes one" : "--split-name \(dataset.splitNames[0])")
    }
    let parts = try name.map { try dataset.split(named: $0) } ?? Array(repeating: nil, count: ids.count)
    let full = ids.indices.map { utterance in
      dataset.records(ofUtterance: utterance).filter { dataset.isFull($0) }.map { Int32($0) }
    }
    let wanted = validPart ?? "valid"
    var train = ids.indices.filter { name == nil || parts[$0] == "train" }
    var valid = ids.indices.filter { parts[$0] == wanted }
    if let name, let validPart, valid.isEmpty {
      throw Failure(.usage, "split \"\(name)\" has no part \"\(validPart)\"", hint: Self.partsHint(parts))
    }
    if let name, train.isEmpty {
      throw Failure(
        .badInput, path: dataset.folder, "split \"\(name)\" has no part \"train\"", hint: Self.partsHint(parts))
    }
    if valid.isEmpty, configuration.validFraction > 0 {
      valid = Self.carve(train, windows: full.map(\.count), ids: ids, configuration)
      let taken = Set(valid)
      train.removeAll { taken.contains($0) }
      heldOutFrom = valid.isEmpty ? "none: too little data" : "carved from the training utterances by the seed"
    } else {
      heldOutFrom = valid.isEmpty ? "none" : "part \(wanted) of split \(name ?? "")"
    }
    func windows(_ utterances: [Int]) -> DatasetWindows {
      DatasetWindows(dataset, ids: ids, records: utterances.flatMap { full[$0] })
    }
    training = windows(train)
    heldOut = valid.isEmpty ? nil : windows(valid)
    let fullCount = full.reduce(0) { $0 + $1.count }
    padded = dataset.recordCount - fullCount
    unused = fullCount - training.windowCount - (heldOut?.windowCount ?? 0)
    trainingDigest = HeldOut.digest(train.map { ids[$0] })
    guard training.windowCount >= configuration.batch else {
      throw Failure(
        .badInput, path: dataset.folder,
        "\(training.windowCount) full windows to train on, a batch takes \(configuration.batch)",
        hint: "a window is 1.28 s; more or longer utterances, or a smaller --batch")
    }
  }

  /// Utterances in the order of their hashes, until they make the wanted share of the windows and at least one batch,
  /// as long as as much is left to train on.
  private static func carve(
    _ train: [Int], windows: [Int], ids: [String], _ configuration: TrainingConfiguration
  ) -> [Int] {
    let total = train.reduce(0) { $0 + windows[$1] }
    let wanted = max(Double(configuration.batch), configuration.validFraction * Double(total))
    guard Double(total) >= 2 * wanted || configuration.validFraction > 0.5 else { return [] }
    let ranked = train.filter { windows[$0] > 0 }
      .map { (rank: HeldOut.rank(ids[$0], seed: configuration.seed), utterance: $0) }.sorted { $0 < $1 }
    var taken: [Int] = []
    var count = 0
    for (_, utterance) in ranked {
      if Double(count) >= wanted { break }
      taken.append(utterance)
      count += windows[utterance]
    }
    return taken.sorted()
  }

  private static func partsHint(_ parts: [String?]) -> String {
    let names = Set(parts.compactMap { $0 }).sorted()
    return "its parts are \(names.isEmpty ? "none" : names.joined(separator: ", "))"
  }
}
