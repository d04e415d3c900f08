import FileIO
import Kernels
import Models
import Sampling
import Shards
import TestSupport
import Testing
import Training

@Suite struct StreamTests {
  /// All batches of a stream.
  private func drain(
    _ utterances: [SyntheticUtterance], _ configuration: TrainingConfiguration
  ) throws -> (batches: [[WindowOrigin]], source: StreamBatches) {
    let folder = try TemporaryFolder()
    let source = try StreamBatches(makeStream(folder("s"), utterances), configuration: configuration)
    let batch = Batch(windows: configuration.batch, inputCount: 20480)
    var batches: [[WindowOrigin]] = []
    while try source.fill(batch, number: batches.count) { batches.append(batch.origins) }
    return (batches, source)
  }

  @Test(arguments: [4, 5, 16, 1000])
  func everyWindowComesOnce(buffer: Int) throws {
    let utterances = someUtterances(40)
    var configuration = smallConfiguration()
    configuration.buffer = buffer
    let (batches, source) = try drain(utterances, configuration)
    let all = batches.flatMap { $0 }
    let isHeldOut = { (id: String) in HeldOut.rank(id, seed: configuration.seed) < configuration.validFraction }
    let training = utterances.filter { !isHeldOut($0.id) }.reduce(0) { $0 + $1.samples.count / 20480 }
    let heldOut = utterances.filter { isHeldOut($0.id) }.reduce(0) { $0 + $1.samples.count / 20480 }
    #expect(heldOut > 0)
    #expect(Set(all.map(\.record)).count == all.count, "no window twice")
    #expect(batches.count == training / 4, "only what does not fill a batch is left")
    #expect(all.allSatisfy { !isHeldOut($0.utterance) })
    let held = try #require(source.heldOut)
    #expect(held.windowCount == heldOut)
    #expect((0..<held.windowCount).allSatisfy { isHeldOut(held.origin($0).utterance) })
    #expect(source.ended)
    #expect(source.counts.leftOut == training % 4 && source.counts.heldOutLeftOut == 0)
    #expect(source.counts.records == utterances.reduce(0) { $0 + ($1.samples.count + 20479) / 20480 })
    #expect(source.counts.shortEnds == utterances.count { $0.samples.count % 20480 != 0 })
  }

  @Test func shufflesByTheSeed() throws {
    var configuration = smallConfiguration()
    let utterances = someUtterances(40)
    let first = try drain(utterances, configuration).batches.map { $0.map(\.record) }
    #expect(try drain(utterances, configuration).batches.map { $0.map(\.record) } == first)
    #expect(first.flatMap { $0 } != first.flatMap { $0 }.sorted())
    configuration.seed = 5
    #expect(try drain(utterances, configuration).batches.map { $0.map(\.record) } != first)
  }

  /// A speaker after the other, as corpora have them, and some with fewer windows than a batch takes.
  @Test(arguments: [4, 6, 16, 1000])
  func batchesOfOneSpeaker(buffer: Int) throws {
    let utterances = (0..<40).map { i in
      SyntheticUtterance(i, group: i < 36 ? i / 6 : i, length: 20480 * (1 + i % 3) + i % 2)
    }
    var configuration = smallConfiguration()
    configuration.negatives = .sameSpeakerExcl
    configuration.buffer = buffer
    configuration.validFraction = 0
    let (batches, source) = try drain(utterances, configuration)
    #expect(batches.allSatisfy { $0.count == 4 && Set($0.map(\.group)).count == 1 })
    let all = batches.flatMap { $0 }
    #expect(Set(all.map(\.record)).count == all.count, "no window twice")
    #expect(Set(all.map(\.group)) == Set(0..<6))
    let windows = utterances.reduce(0) { $0 + $1.samples.count / 20480 }
    #expect(all.count + source.counts.leftOut == windows && all.count >= windows / 2)
    // The last four speakers have an utterance each: seven windows that make no batch.
    if buffer == 1000 { #expect(all.count == 72 && source.counts.leftOut == 7) }
    #expect(source.ended)
  }

  @Test func heldOutWindowsAreBounded() throws {
    var configuration = smallConfiguration()
    configuration.validFraction = 0.5
    configuration.validBatches = 1
    let (batches, source) = try drain(someUtterances(40), configuration)
    #expect(source.heldOut?.windowCount == 8, "a batch of the common task")
    let counts = source.counts
    #expect(counts.heldOutLeftOut > 0)
    let windows = 4 * batches.count + counts.leftOut + 8 + counts.heldOutLeftOut
    #expect(counts.records == windows + counts.shortEnds, "every record is accounted for")
  }

  @Test func samplesAreThoseOfTheStream() throws {
    let folder = try TemporaryFolder()
    let utterances = someUtterances(12)
    var configuration = smallConfiguration()
    configuration.input = .raw
    let source = try StreamBatches(makeStream(folder("s"), utterances), configuration: configuration)
    let batch = Batch(windows: 4, inputCount: 20480)
    var number = 0
    while try source.fill(batch, number: number) {
      number += 1
      for (i, origin) in batch.origins.enumerated() {
        let utterance = try #require(utterances.first { $0.id == origin.utterance })
        #expect(utterance.group == origin.group)
        #expect(
          (0..<20480).allSatisfy {
            batch.inputs[i * 20480 + $0] == Float(utterance.samples[origin.start + $0]) / 32768
          })
      }
    }
    #expect(number > 0)
  }

  @Test func aStreamCutShortFails() throws {
    let folder = try TemporaryFolder()
    _ = try makeStream(folder("s"), someUtterances(40))
    let bytes = try File.contents(of: folder("s"))
    try writeAtomically(to: folder("cut")) { try $0.write(Array(bytes.prefix(bytes.count * 3 / 4))) }
    let source = try StreamBatches(
      RecordStreamReader(File.reading(folder("cut"))), configuration: smallConfiguration())
    let batch = Batch(windows: 4, inputCount: 20480)
    #expect {
      var number = 0
      while try source.fill(batch, number: number) { number += 1 }
    } throws: { ($0 as? Failure)?.kind == .corrupt }
  }

  @Test func tooFewWindowsAreNamed() throws {
    let folder = try TemporaryFolder()
    let reader = try makeStream(folder("s"), [SyntheticUtterance(1, group: 0, length: 20480)])
    var configuration = smallConfiguration()
    configuration.validFraction = 0
    #expect { try StreamBatches(reader, configuration: configuration) } throws: {
      ($0 as? Failure)?.reason.contains("1 full windows") == true
    }
  }
}
