import FileIO
import Glibc
import Kernels
import Models
import Safetensors
import Sampling
import Shards
import TestSupport
import Testing
import Training

@Suite struct DataTests {
  private func stored(_ windows: [[Int16]]) -> StoredWindows {
    let store = StoredWindows(capacity: windows.count, payload: [(InputScaling.plane, 2 * windows[0].count)])
    for (i, window) in windows.enumerated() {
      window.withUnsafeBufferPointer {
        store.append(Payload(InputScaling.plane, $0), WindowOrigin(record: i, utterance: "u\(i)", start: 0, group: i))
      }
    }
    return store
  }

  @Test func gainBringsTheRootMeanSquareToOne() throws {
    let windows: [[Int16]] = (0..<5).map { w in
      (0..<1000).map { (i: Int) -> Int16 in Int16((i * 37 + w * 11) % 401 - 200) }
    }
    let scaling = try InputScaling(.gain, for: stored(windows))
    var sum = 0.0
    for window in windows {
      let output = Buffer<Float>(count: 1000)
      window.withUnsafeBufferPointer { scaling.apply($0, to: output.pointer) }
      sum += output.array.reduce(0) { $0 + Double($1) * Double($1) }
    }
    #expect(abs((sum / 5000).squareRoot() - 1) < 1e-5)
    #expect(throws: Failure.self) { try InputScaling(.gain, for: stored([[Int16](repeating: 0, count: 10)])) }
  }

  @Test func windowScalingStandardises() {
    let window = (0..<1000).map { (i: Int) -> Int16 in Int16(300 + (i * 37) % 401) }
    let output = Buffer<Float>(count: 1000)
    window.withUnsafeBufferPointer { InputScaling(scale: .window).apply($0, to: output.pointer) }
    let values = output.array.map { Double($0) }
    #expect(abs(values.reduce(0, +) / 1000) < 1e-5)
    #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 1000 - 1) < 1e-4)
    let silence = [Int16](repeating: 7, count: 1000)
    silence.withUnsafeBufferPointer { InputScaling(scale: .window).apply($0, to: output.pointer) }
    #expect(output.array.allSatisfy { $0 == 0 })
    window.withUnsafeBufferPointer { InputScaling(scale: .raw).apply($0, to: output.pointer) }
    #expect(output[3] == Float(window[3]) / 32768)
  }

  private func utterances(_ windows: DatasetWindows) -> Set<String> {
    Set((0..<windows.windowCount).map { windows.origin($0).utterance })
  }

  @Test func carvesAHeldOutPart() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    let heldOut = try #require(division.heldOut)
    #expect(utterances(division.training).isDisjoint(with: utterances(heldOut)))
    let full = (0..<dataset.recordCount).count { dataset.isFull($0) }
    #expect(division.training.windowCount + heldOut.windowCount == full && division.unused == 0)
    #expect(division.shortEnds == dataset.recordCount - full && division.shortEnds > 0)
    #expect(heldOut.windowCount >= full / 5 && heldOut.windowCount < full / 5 + 4)
    for windows in [division.training, heldOut] {
      for i in 0..<windows.windowCount {
        let record = windows.origin(i).record
        #expect(dataset.isFull(record))
        windows.withPayload(i, epoch: 0) { payload in
          let mine = payload.elements(InputScaling.plane, as: Int16.self)
          dataset.withSamples(record) { #expect(mine.elementsEqual($0)) }
        }
      }
    }
    let again = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    #expect(again.data == division.data)
    configuration.seed = 2
    let other = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    #expect(other.data.training != division.data.training)
    configuration.validFraction = 0
    #expect(try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration).heldOut == nil)
  }

  @Test func followsASplit() throws {
    let folder = try TemporaryFolder()
    let all = someUtterances(40)
    _ = try makeDataset(folder("d"), all)
    let parts = all.enumerated().map { i, utterance in
      (id: utterance.id, part: i % 5 == 0 ? "valid" : i % 7 == 0 ? "test" : "train")
    }
    try Dataset.addSplit(named: "default", parts: parts, folder: folder("d"), replacing: false)
    try Dataset.addSplit(
      named: "halves", parts: parts.map { ($0.id, $0.part == "test" ? "a" : "train") }, folder: folder("d"),
      replacing: false)
    let dataset = try Dataset(opening: folder("d"))
    let configuration = smallConfiguration()
    func expected(_ part: String) -> Set<String> { Set(parts.filter { $0.part == part }.map(\.id)) }
    let division = try DatasetDivision(dataset, split: nil, validPart: nil, configuration: configuration)
    #expect(utterances(division.training) == expected("train"))
    #expect(utterances(try #require(division.heldOut)) == expected("valid"))
    #expect(division.unused > 0)
    let other = try DatasetDivision(dataset, split: nil, validPart: "test", configuration: configuration)
    #expect(utterances(try #require(other.heldOut)) == expected("test"))
    // A split without the part: a share of its training utterances.
    let carved = try DatasetDivision(dataset, split: "halves", validPart: nil, configuration: configuration)
    #expect(utterances(try #require(carved.heldOut)).isDisjoint(with: expected("test")))
    #expect(throws: Failure.self) {
      try DatasetDivision(dataset, split: nil, validPart: "nowhere", configuration: configuration)
    }
    #expect(throws: Failure.self) {
      try DatasetDivision(dataset, split: "none", validPart: nil, configuration: configuration)
    }
  }

  /// Numbers of speakers that no writer makes, in the records of utterances that are held out alone.
  @Test func damagedGroupsAreNamed() throws {
    let folder = try TemporaryFolder()
    var dataset = try makeDataset(folder("d"), someUtterances(40))
    var configuration = smallConfiguration()
    configuration.negatives = .sameSpeaker
    let heldOut = try #require(planned(dataset, configuration).heldOut)
    let records = (0..<heldOut.windowCount).map { heldOut.origin($0).record }
    let path = folder("d/shards/00000.safetensors")
    let group = try #require(try SafetensorsFile(mapping: path).header.tensor("group"))
    for damaged in [-1, 4, Int32.max] {
      let file = try File.open(path, flags: O_RDWR, action: "open")
      try withUnsafeBytes(of: damaged.littleEndian) { try file.write($0, at: group.range.lowerBound + 4 * records[1]) }
      try file.close()
      dataset = try Dataset(opening: folder("d"))
      #expect { try planned(dataset, configuration) } throws: {
        ($0 as? Failure)?.reason == "group \(damaged) of 4" && ($0 as? Failure)?.position == "record \(records[1])"
      }
    }
  }

  @Test func tooFewWindowsAreNamed() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), [SyntheticUtterance(0, group: 0, length: 50_000)])
    #expect {
      try DatasetDivision(dataset, split: nil, validPart: nil, configuration: smallConfiguration())
    } throws: { ($0 as? Failure)?.reason.contains("2 full windows") == true }
  }

  @Test func plannedBatchesHoldTheRightSamples() throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(20))
    var configuration = smallConfiguration()
    configuration.input = .raw
    let source = try planned(dataset, configuration)
    let batch = Batch(windows: 4, inputCount: 20480)
    for number in [0, 1, 7, 1000] {
      #expect(source.fill(batch, number: number))
      #expect(batch.origins.count == 4 && Set(batch.origins.map(\.record)).count == 4)
      #expect(batch.speakers == Set(batch.origins.map(\.group)).count)
      for (i, origin) in batch.origins.enumerated() {
        dataset.withSamples(origin.record) { samples in
          #expect((0..<20480).allSatisfy { batch.inputs[i * 20480 + $0] == Float(samples[$0]) / 32768 })
        }
      }
    }
  }

  /// Through crops and windows of other sizes than a record: no two windows of a batch share a sample, an epoch holds
  /// every window, and held-out windows stay where they are.
  @Test(arguments: NegativeStrategy.allCases, [8_000, 20_480, 30_720])
  func windowsOfABatchShareNoSample(strategy: NegativeStrategy, window: Int) throws {
    let folder = try TemporaryFolder()
    let dataset = try makeDataset(folder("d"), someUtterances(24))
    var configuration = smallConfiguration()
    (configuration.crop, configuration.negatives) = (.random, strategy)
    configuration.shape.window = window
    let source = try planned(dataset, configuration)
    let batch = Batch(windows: 4, inputCount: window)
    var (moved, taken) = (0, 0)
    for epoch in 0..<2 {
      var seen = Set<String>()
      for place in 0..<source.plan.batchesPerEpoch {
        #expect(source.fill(batch, number: epoch * source.plan.batchesPerEpoch + place))
        for (i, origin) in batch.origins.enumerated() {
          for other in batch.origins[..<i] where other.utterance == origin.utterance {
            #expect(abs(other.start - origin.start) >= window)
          }
          if origin.start % window > 0 { moved += 1 }
          seen.insert("\(origin.utterance) \(origin.start / window)")
        }
        taken += 4
        if strategy.batchesOneGroup { #expect(batch.speakers == 1) }
      }
      #expect(seen.count == source.plan.records - source.plan.leftOut.records)
    }
    #expect(
      moved > 0 && taken == 2 * (source.plan.records - source.plan.leftOut.records + source.plan.repeatedPerEpoch))
    let heldOut = try #require(source.heldOut)
    for i in 0..<heldOut.windowCount {
      #expect(heldOut.origin(i, epoch: 3) == heldOut.origin(i) && heldOut.origin(i).start % window == 0)
    }
  }
}
