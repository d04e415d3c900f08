import FileIO
import Models
import Networks
import OrderedJSON
import Sampling
import Shards
import TestSupport
import Testing
import Training

/// Batches of a dataset up to one that cannot be made.
private final class FailingBatches: BatchSource {
  private let source: PlannedBatches
  private let last: Int

  init(_ source: PlannedBatches, after last: Int) { (self.source, self.last) = (source, last) }

  var transform: any InputTransform { source.transform }
  var heldOut: (any WindowSource)? { source.heldOut }

  func fill(_ batch: Batch, number: Int) throws -> Bool {
    guard number < last else { throw Failure(.system, "out of order") }
    return source.fill(batch, number: number)
  }
}

/// Runs that are stopped or break off at every place there is, also between the batches of a validation.
@Suite struct InterruptionTests {
  private let configuration: TrainingConfiguration = {
    var configuration = smallConfiguration()
    (configuration.updates, configuration.logEvery, configuration.keep) = (7, 2, 2)
    (configuration.validEvery, configuration.checkpointEvery, configuration.validBatches) = (3, 2, 3)
    // Some validations are not the best, and nothing is saved after those.
    configuration.learningRate = 0.1
    return configuration
  }()

  @discardableResult
  private func train(
    _ path: String, _ dataset: Dataset, _ configuration: TrainingConfiguration? = nil, failingAfter last: Int = .max,
    request: () -> TrainingRequest = { .goOn }
  ) throws -> TrainingSummary {
    let configuration = configuration ?? self.configuration
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let source = FailingBatches(try PlannedBatches(division, configuration), after: last)
    let run = try RunFolder(path, .resume)
    return try Trainer(configuration, source: source, data: division.data, folder: run, threads: 1)
      .run(request: request)
  }

  private func expectSame(_ a: String, _ b: String, _ what: String) throws {
    for name in ["log.jsonl", "latest", "best"] {
      #expect(try File.contents(of: "\(a)/\(name)") == File.contents(of: "\(b)/\(name)"), "\(what): \(name)")
    }
    let names = try Folder.names(in: "\(a)/checkpoints")
    #expect(try Folder.names(in: "\(b)/checkpoints") == names, "\(what)")
    for name in names {
      let same = try File.contents(of: "\(a)/checkpoints/\(name)") == File.contents(of: "\(b)/checkpoints/\(name)")
      #expect(same, "\(what): \(name)")
    }
  }

  private func validations(_ run: String) throws -> [Int] {
    try String(decoding: File.contents(of: "\(run)/log.jsonl"), as: UTF8.self).split(separator: "\n")
      .map { try JSON(parsing: String($0)) }.filter { $0["type"]?.stringValue == "validation" }
      .compactMap { $0["update"]?.intValue }
  }

  @Test func stopsTakeEffectBetweenBatchesOfAValidation() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var asked = 0
    try train(folder("whole"), dataset) {
      asked += 1
      return .goOn
    }
    #expect(asked > 7 + 3 * 4, "asked after each update and between the batches of three validations: \(asked)")
    #expect(try validations(folder("whole")) == [3, 6, 7])
    let best = try String(decoding: File.contents(of: folder("whole/best")), as: UTF8.self)
    #expect(!best.contains("0000007"), "a validation that is not the best is wanted")
    var inValidation = 0
    for stop in 1...asked {
      let run = folder("run\(stop)")
      var count = 0
      let summary = try train(run, dataset) {
        count += 1
        return count >= stop ? .stop : .goOn
      }
      #expect(summary.endedEarly == .stopped && count >= stop && count <= stop + 1, "stop \(stop)")
      let due = summary.updates % 3 == 0 || summary.updates == 7
      if due, try !validations(run).contains(summary.updates) { inValidation += 1 }
      #expect(try train(run, dataset).endedEarly == nil)
      try expectSame(folder("whole"), run, "stop \(stop)")
    }
    #expect(inValidation > 10)
  }

  /// However early each process is stopped, all of them together come to the end.
  @Test func everyProcessGetsFurther() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset)
    var processes = 1
    while try train(folder("run"), dataset, request: { .stop }).endedEarly != nil, processes < 20 { processes += 1 }
    #expect(processes == 7 + 3, "one for each update and each validation")
    try expectSame(folder("whole"), folder("run"), "stopped as soon as possible")
  }

  /// Updates of three batches.
  private var accumulating: TrainingConfiguration {
    var configuration = configuration
    (configuration.updates, configuration.accumulate) = (4, 3)
    return configuration
  }

  @Test func stopsTakeEffectBetweenBatchesOfAnUpdate() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var asked = 0
    try train(folder("whole"), dataset, accumulating) {
      asked += 1
      return .goOn
    }
    var inUpdate = 0
    for stop in 1...asked {
      let run = folder("run\(stop)")
      var count = 0
      let summary = try train(run, dataset, accumulating) {
        count += 1
        return count >= stop ? .stop : .goOn
      }
      #expect(summary.endedEarly == .stopped && count >= stop && count <= stop + 1, "stop \(stop)")
      if Folder.kind(of: "\(run)/accumulation.safetensors") != nil { inUpdate += 1 }
      #expect(try RunFolder.verify(run).verification.isGood)
      #expect(try train(run, dataset, accumulating).endedEarly == nil)
      try expectSame(folder("whole"), run, "stop \(stop)")
      #expect(Folder.kind(of: "\(run)/accumulation.safetensors") == nil)
    }
    #expect(inUpdate == 4 * 2, "two places in each update")
  }

  @Test func everyProcessMakesABatch() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset, accumulating)
    var processes = 1
    while try train(folder("run"), dataset, accumulating, request: { .stop }).endedEarly != nil, processes < 40 {
      processes += 1
    }
    #expect(processes == 4 * 3 + 2, "one for each batch and each validation")
    try expectSame(folder("whole"), folder("run"), "stopped as soon as possible")
  }

  @Test func thePartOfAnUpdateOfAnotherCheckpointIsPassedOver() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset, accumulating)
    var first: [UInt8] = []
    for stop in [3, 5] {
      if stop == 5 { first = try File.contents(of: folder("run/checkpoints/0000001.safetensors")) }
      var count = 0
      try train(folder("run"), dataset, accumulating) {
        count += 1
        return count >= stop ? .stop : .goOn
      }
    }
    #expect(Folder.kind(of: folder("run/accumulation.safetensors")) == .file, "of the third update")
    try writeAtomically(to: folder("run/checkpoints/0000001.safetensors")) { try $0.write(first) }
    try writeAtomically(to: folder("run/latest")) { try $0.write("checkpoints/0000001.safetensors\n") }
    try train(folder("run"), dataset, accumulating)
    try expectSame(folder("whole"), folder("run"), "from an earlier checkpoint")
  }

  @Test func anErrorOfTheDataSavesWhatThereIs() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = accumulating
    configuration.checkpointEvery = 0
    try train(folder("whole"), dataset, configuration)
    for last in 1..<12 {
      let run = folder("run\(last)")
      #expect { try train(run, dataset, configuration, failingAfter: last) } throws: { error in
        guard let failure = error as? Failure, failure.reason == "out of order" else { return false }
        return failure.hint == "saved before: \(run)/checkpoints/000000\(last / 3).safetensors"
      }
      #expect(Folder.kind(of: "\(run)/accumulation.safetensors") == (last % 3 == 0 ? nil : .file), "\(last)")
      var batches = 0
      try train(run, dataset, configuration) {
        batches += 1
        return .goOn
      }
      #expect(batches >= 12 - last)
      try expectSame(folder("whole"), run, "an error after \(last) batches")
    }
  }

  /// A run that stopped before a validation does it when it goes on, and may then break off before anything is saved.
  @Test func aValidationIsLoggedOnce() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset)
    for stopped in 1...6 {
      for broken in stopped...6 {
        let run = folder("run\(stopped)-\(broken)")
        var updates = 0
        try train(run, dataset) {
          updates += 1
          return updates == stopped ? .stop : .goOn
        }
        // Killed: what was logged stays, and nothing has been saved.
        let latest = try String(decoding: File.contents(of: "\(run)/latest").dropLast(), as: UTF8.self)
        let saved = try ["latest", latest].map { ($0, try File.contents(of: "\(run)/\($0)")) }
        #expect(throws: Failure.self) { try train(run, dataset, failingAfter: broken) }
        for name in try Folder.names(in: "\(run)/checkpoints") { try Folder.remove(file: "\(run)/checkpoints/\(name)") }
        for (name, bytes) in saved { try writeAtomically(to: "\(run)/\(name)") { try $0.write(bytes) } }
        try train(run, dataset)
        try expectSame(folder("whole"), run, "stopped after \(stopped), broke off after \(broken)")
      }
    }
  }

  @Test func checkpointsRequestedInAValidationAreWritten() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset)
    try train(folder("run"), dataset) { .checkpoint }
    try expectSame(folder("whole"), folder("run"), "a checkpoint at every moment")
  }

  /// A process may end after it has named its last checkpoint and before it has removed the ones before.
  @Test func leftoversAreRemoved() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("whole"), dataset)
    try train(folder("run"), dataset)
    for name in ["0000001.safetensors", "0000005.safetensors", "0000007.safetensors.partial"] {
      try writeAtomically(to: folder("run/checkpoints/\(name)")) { try $0.write("left over") }
    }
    try train(folder("run"), dataset)
    try expectSame(folder("whole"), folder("run"), "left over")
  }

  /// A checkpoint with the digest that its content asks for.
  private func resealed(_ bytes: [UInt8]) -> [UInt8] {
    var bytes = bytes
    let place = bytes.firstRange(of: Array(#""cpc.digest":""#.utf8))!.upperBound
    bytes.replaceSubrange(place..<place + 32, with: repeatElement(UInt8(ascii: "0"), count: 32))
    let digest = XXH3.hash128(bytes)
    bytes.replaceSubrange(place..<place + 32, with: digest.utf8)
    return bytes
  }

  @Test func damagedCheckpointsAreNamed() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    try train(folder("run"), dataset) { .stop }
    let checkpoint = folder("run/checkpoints/0000001.safetensors")
    let good = try File.contents(of: checkpoint)
    let log = try File.contents(of: folder("run/log.jsonl"))
    func expectFailure(_ what: String, _ bytes: [UInt8], _ reason: String) throws {
      try #require(bytes != good, "\(what)")
      try writeAtomically(to: checkpoint) { try $0.write(bytes) }
      #expect("\(what)") { try train(folder("run"), dataset) } throws: { error in
        guard let failure = error as? Failure else { return false }
        return failure.path == checkpoint && failure.reason.contains(reason)
      }
      #expect(try File.contents(of: folder("run/log.jsonl")) == log, "\(what): the log is as it was")
    }
    /// The header with some text replaced by as much other text, and a digest that says so.
    func changed(_ old: String, _ new: String) -> [UInt8] { resealed(replaced(old, new)) }
    func replaced(_ old: String, _ new: String) -> [UInt8] {
      let (old, new) = (Array(old.utf8), Array(new.utf8))
      precondition(old.count == new.count)
      guard let place = good.indices.first(where: { good[$0...].starts(with: old) }) else { return good }
      return Array(good[..<place]) + new + Array(good[(place + old.count)...])
    }
    try expectFailure("cut short", Array(good.dropLast(100)), "cut short")
    try expectFailure("empty", [], "not a safetensors file")
    try expectFailure("a later version", changed(#""cpc.checkpoint":"2""#, #""cpc.checkpoint":"3""#), "later version")
    try expectFailure("damaged", replaced(#""cpc.checkpoint":"2""#, #""cpc.checkpoint":"3""#), "digest differs")
    try expectFailure("no digest", replaced(#""cpc.digest""#, #""cpc.DIGEST""#), "no digest")
    for (old, new) in [
      (#""cpc.update":"1""#, #""cpc.update":"8""#), (#"{\"validated\":0"#, #"{\"validated\":2"#),
      (#"\"candidates\":512"#, #"\"candidates\":999"#),
    ] { try expectFailure(new, changed(old, new), "state") }
    try expectFailure("no update", changed(#""cpc.update":"1""#, #""cpc.update":"x""#), "how to go on")
    try expectFailure("another tensor", changed(#""encoder.4.bias""#, #""encoder.9.bias""#), "encoder.4.bias")
    try writeAtomically(to: checkpoint) { try $0.write(good) }
    #expect(try train(folder("run"), dataset).updates == 7)
    try writeAtomically(to: folder("run/latest")) { try $0.write("checkpoints/0000099.safetensors\n") }
    #expect { try train(folder("run"), dataset) } throws: { "\($0)".contains("0000099.safetensors: cannot open") }
  }

  @Test func aFullDiskEndsTheRunAndNothingIsLost() throws {
    let folder = try TemporaryFolder()
    _ = try makeDataset(folder("d"), someUtterances(20))
    let flags = [
      "--channels", "32", "--context", "32", "--batch", "4", "--updates", "6", "--valid-batches", "1", "--threads", "1",
      "--checkpoint-every", "1", "-q", "--resume",
    ]
    func arguments(_ run: String) -> [String] { [folder("d"), "-o", folder(run)] + flags }
    #expect(try runTool("cpc-train", arguments("whole")).status == 0)
    let stopped = try runTool("cpc-train", arguments("run") + ["--stop-after", "0.00001"])
    #expect(stopped.status == 75, "\(stopped.messages)")
    // No file may grow beyond 64 KiB, which a checkpoint does.
    let full = try runProcess(
      "/bin/bash",
      ["-c", #"ulimit -f 64; exec "$0" "$@""#, toolPath("cpc-train")] + arguments("run"))
    #expect(full.status == 1 && full.messages.contains("0000002.safetensors.partial: cannot write"), "\(full.messages)")
    #expect(full.messages.contains("a checkpoint takes 0."), "\(full.messages)")
    #expect(full.messages.contains("the last checkpoint is \(folder("run/checkpoints/0000001.safetensors"))"))
    #expect(try Folder.names(in: folder("run/checkpoints")) == ["0000001.safetensors"])
    let resumed = try runTool("cpc-train", arguments("run"))
    #expect(resumed.status == 0, "\(resumed.messages)")
    try expectSame(folder("whole"), folder("run"), "a full disk")
  }
}
