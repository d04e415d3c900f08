import FileIO
public import Models
public import Sampling
public import Shards

/// The full windows of some utterances of a dataset, mapped: each utterance is cut from its start, or with `crop` from a
/// place that changes with the epoch; what is left over at its end is left out.
public final class DatasetWindows: WindowSource {
  private let dataset: Dataset
  private let ids: [String]
  private let window: Int
  private let crop: CropPlan?
  /// Utterance of each window, and how many of its windows come before.
  private let utterances: [Int32]
  private let places: [Int32]

  init(_ dataset: Dataset, ids: [String], utterances: [Int], window: Int, crop: CropPlan? = nil) {
    self.dataset = dataset
    self.ids = ids
    self.window = window
    self.crop = crop
    let counts = utterances.map { dataset.unitCount(ofUtterance: $0) / window }
    self.utterances = zip(utterances, counts).flatMap { repeatElement(Int32($0), count: $1) }
    places = counts.flatMap { 0..<Int32($0) }
  }

  public var windowCount: Int { utterances.count }

  /// Where window `i` begins: a record, and samples after its start; and samples after the start of its utterance.
  private func place(_ i: Int, _ epoch: Int) -> (record: Int, offset: Int, start: Int) {
    let utterance = Int(utterances[i])
    let shift = crop?.shift(epoch: epoch, utterance: utterance, samples: self.utterance(i).samples) ?? 0
    let start = Int(places[i]) * window + shift
    let (record, offset) = start.quotientAndRemainder(dividingBy: dataset.schema.length)
    return (dataset.records(ofUtterance: utterance).lowerBound + record, offset, start)
  }

  public func withPayload(_ i: Int, epoch: Int, _ body: (Payload) -> Void) {
    let (record, offset, _) = place(i, epoch)
    let (shard, row) = dataset.locate(record)
    shard.withPayloads(row, offset: offset, count: window) { body(Payload($0)) }
  }

  public func willNeed(_ i: Int, epoch: Int) {
    let (record, offset, _) = place(i, epoch)
    dataset.willNeed(record, offset: offset, count: window)
  }

  public func checkIntact() throws {
    try checkIntact(records: (0..<dataset.index.shardCount).compactMap { dataset.index.records(ofShard: $0).first })
  }

  /// Throws if a shard of these records has been cut short, so that zeros may have been read in their stead.
  func checkIntact(records: [Int]) throws {
    try MappedFile.checkFaults()
    var shard: Int?
    for record in records.sorted() where dataset.index.shard(ofRecord: record) != shard {
      shard = dataset.index.shard(ofRecord: record)
      try dataset.locate(record).shard.checkSize()
    }
  }

  public func origin(_ i: Int, epoch: Int) -> WindowOrigin {
    let (record, offset, _) = place(i, epoch)
    let (shard, row) = dataset.locate(record)
    return WindowOrigin(
      record: record, utterance: ids[Int(utterances[i])], start: shard.start(row) &+ offset, group: shard.group(row))
  }

  /// Index of the utterance of window `i`, and how many samples of that utterance the dataset has.
  public func utterance(_ i: Int) -> (index: Int, samples: Int) {
    let utterance = Int(utterances[i])
    return (utterance, dataset.unitCount(ofUtterance: utterance))
  }

  /// The speakers of all windows, checked: a damaged shard may hold any number.
  func groups() throws -> [Int32] { try (0..<windowCount).map { Int32(try dataset.group(place($0, 0).record)) } }

  /// The order in which a run takes these windows.
  public func plan(_ strategy: NegativeStrategy, batch: Int, seed: UInt64) throws -> BatchPlan {
    let groups = strategy.batchesOneGroup ? try groups() : nil
    let plan = BatchPlan(records: windowCount, groups: groups, batch: batch, seed: seed)
    guard plan.batchesPerEpoch > 0 else {
      throw Failure(
        .badInput, path: dataset.folder,
        groups == nil
          ? "\(windowCount) full windows to train on, a batch takes \(batch)"
          : "no speaker has the \(batch) full windows that a batch takes",
        hint: windowHint(window, dataset.schema))
    }
    return plan
  }
}

/// How a dataset is divided for a run.
public struct DatasetDivision: Sendable {
  public let training: DatasetWindows
  /// Nil if nothing is held out.
  public let heldOut: DatasetWindows?
  /// Indices of the utterances that are trained on.
  public let trainingUtterances: [Int]
  /// Where the held-out part comes from, for people.
  public let heldOutFrom: String
  /// Ends of utterances that are shorter than a window, of all parts, and their samples. Where a window is a record,
  /// these are the padded records.
  public let shortEnds: Int
  public let leftOver: Int
  /// Windows of parts that neither train nor validate.
  public let unused: Int
  public private(set) var data = DataIdentity()

  /// - Parameters:
  ///   - split: the split to use; nil is `default` where the dataset has it.
  ///   - validPart: the part held out; nil is `valid` where the split has it. Without it, a share of the training
  ///     utterances is carved out.
  public init(
    _ dataset: Dataset, split: String?, validPart: String?, configuration: TrainingConfiguration
  ) throws {
    let ids = try dataset.utteranceIDs()
    let name = split ?? (dataset.splitNames.contains { isSame($0, "default") } ? "default" : nil)
    guard name != nil || validPart == nil else {
      throw Failure(
        .usage, "\(setting: "valid_split") \(validPart!) needs a split, and \(dataset.folder) has no split \"default\"",
        hint: dataset.splitNames.isEmpty ? "cpc-split makes one" : "\(setting: "split_name") \(dataset.splitNames[0])")
    }
    let parts = try name.map { try dataset.split(named: $0) } ?? Array(repeating: nil, count: ids.count)
    let isContinuous = dataset.schema.isContinuous
    guard isContinuous || configuration.crop == .none else {
      throw Failure(
        .usage, path: dataset.folder,
        "\(setting: "crop") random is for audio: records of the kind \"\(dataset.schema.kind)\" are taken whole")
    }
    let window = isContinuous ? configuration.specification.window : dataset.schema.length
    let samples = ids.indices.map { dataset.unitCount(ofUtterance: $0) }
    let full = samples.map { $0 / window }
    let wanted = validPart ?? "valid"
    guard !isSame(wanted, "train") else {
      throw Failure(.usage, "\(setting: "valid_split") train is what is trained on: nothing would be held out")
    }
    var train = ids.indices.filter { name == nil || isSame(parts[$0], "train") }
    var valid = ids.indices.filter { isSame(parts[$0], wanted) }
    if let name, let validPart, valid.isEmpty {
      throw Failure(.usage, "split \"\(name)\" has no part \"\(validPart)\"", hint: Self.partsHint(parts))
    }
    if let name, train.isEmpty {
      throw Failure(
        .badInput, path: dataset.folder, "split \"\(name)\" has no part \"train\"", hint: Self.partsHint(parts))
    }
    if valid.isEmpty, configuration.validFraction > 0 {
      valid = Self.carve(train, windows: full, ids: ids, configuration)
      let taken = Set(valid)
      train.removeAll { taken.contains($0) }
      heldOutFrom =
        valid.isEmpty ? "none: too few utterances or windows" : "carved from the training utterances by the seed"
    } else {
      heldOutFrom = valid.isEmpty ? "none" : "part \(wanted) of split \(name ?? "")"
    }
    let crop = configuration.crop == .random ? CropPlan(seed: configuration.seed, window: window) : nil
    training = DatasetWindows(dataset, ids: ids, utterances: train, window: window, crop: crop)
    heldOut = valid.isEmpty ? nil : DatasetWindows(dataset, ids: ids, utterances: valid, window: window)
    trainingUtterances = train
    shortEnds = samples.count { $0 % window > 0 }
    leftOver = samples.reduce(0) { $0 + $1 % window }
    unused = full.reduce(0, +) - training.windowCount - (heldOut?.windowCount ?? 0)
    data.dataset = dataset.digest
    data.samples = dataset.payloadDigest
    data.training = HeldOut.digest(train.map { ids[$0] })
    data.heldOut = HeldOut.digest(valid.map { ids[$0] })
    guard training.windowCount >= configuration.batch else {
      throw Failure(
        .badInput, path: dataset.folder,
        "\(training.windowCount) full windows to train on, a batch takes \(configuration.batch)",
        hint: windowHint(window, dataset.schema))
    }
  }

  /// Utterances in the order of their hashes, until they make the wanted share of the windows and at least one batch of
  /// the run's and of the common task; none where less than as much would be left to train on. A long utterance that
  /// would take more than half of what is to be left is passed over.
  private static func carve(
    _ train: [Int], windows: [Int], ids: [String], _ configuration: TrainingConfiguration
  ) -> [Int] {
    let total = train.reduce(0) { $0 + windows[$1] }
    let wanted = max(Double(max(configuration.batch, CommonTask.windows)), configuration.validFraction * Double(total))
    guard Double(total) >= 2 * wanted || configuration.validFraction > 0.5 else { return [] }
    let ranked = train.filter { windows[$0] > 0 }
      .map { (rank: HeldOut.rank(ids[$0], seed: configuration.seed), utterance: $0) }.sorted { $0 < $1 }
    var taken: [Int] = []
    var count = 0
    for (_, utterance) in ranked {
      if Double(count) >= wanted { break }
      if 2 * Double(total - count - windows[utterance]) < Double(total) - wanted { continue }
      taken.append(utterance)
      count += windows[utterance]
    }
    return taken.sorted()
  }

  private static func partsHint(_ parts: [String?]) -> String {
    let names = Set(parts.compactMap { $0.map { Name($0) } }).sorted()
    return "its parts are \(names.isEmpty ? "none" : names.map(\.text).joined(separator: ", "))"
  }
}
