import ArgumentParser
import CommandSupport
import FileIO
import Kernels
import Models
import OrderedJSON
import RunOptions
import Sampling
import Shards
import Training

struct ThroughputCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "throughput",
    abstract: "How fast training could read a dataset: makes the batches of a run, without training.",
    discussion: """
      Makes the batches that cpc-train makes with the same flags, shuffled and scaled to 32-bit floats, one after \
      another on one thread, and says how many windows a second that are. A run waits for data only if it trains \
      faster than this. Of records that no model learns from it copies the payload. What the page cache does not hold comes from the disk, so a first pass may be slower.

      EXAMPLES
        An epoch:
          cpc-inspect throughput ls100
        From the middle of a long run, which takes no longer to get to:
          cpc-inspect throughput ls100 --updates 100001-101000
        Batches of one speaker, as JSON:
          cpc-inspect throughput ls100 --negatives same-speaker --json
      """)

  @Argument(help: "A dataset folder.", completion: .directory)
  var dataset: String
  @OptionGroup(title: "Data") var data: DataOptions
  @OptionGroup(title: "Plan") var plan: PlanOptions
  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let start = monotonicSeconds()
    let contents = try Dataset(opening: dataset)
    let configuration = try data.configuration(of: contents.schema)
    let maker = try maker(contents, configuration)
    let ready = monotonicSeconds()
    var first = ready
    let accumulate = configuration.accumulate
    let updates = plan.given ?? 1...(maker.plan.batchesPerEpoch + accumulate - 1) / accumulate
    let count = updates.count * accumulate
    for update in updates {
      for number in plan.batches(of: configuration, update: update) {
        maker.make(number)
        if first == ready { first = monotonicSeconds() }
      }
      console.show(Progress(done: update - updates.lowerBound + 1, total: updates.count, unit: "updates"))
    }
    let seconds = monotonicSeconds() - ready
    console.finish()
    let windows = count * configuration.batch
    let speed = Double(windows) / seconds
    let bytes = speed * Double(maker.windowBytes)
    try File.standardOutput.write(
      result.json
        ? JSON.object([
          "type": .string("throughput"), "batches": .int(count), "windows": .int(windows), "seconds": .real(seconds),
          "windows_per_second": .real(speed), "bytes_per_second": .real(bytes),
          "open_seconds": .real(ready - start), "first_batch_seconds": .real(first - start),
        ]).compact + "\n"
        : """
        speed         \(grouped(Int(speed))) windows/s, \(grouped(Int(bytes / 1e6))) MB/s of payload
        made          \(counted(count, "batch", "batches")) of \(counted(configuration.batch, "window")) in \
        \(milliseconds(seconds)) ms
        first batch   \(milliseconds(first - start)) ms after the start, \(milliseconds(ready - start)) ms of them to \
        open the dataset\(maker.hasTransform ? " and measure its gain" : "")

        """)
    return true
  }

  private struct Maker {
    let plan: BatchPlan
    /// Bytes of a window's payload.
    let windowBytes: Int
    /// Whether windows become numbers.
    let hasTransform: Bool
    let make: (Int) -> Void
  }

  /// Makes batches as a run does; of records that no model of the suite learns from, copies of their payload.
  private func maker(_ dataset: Dataset, _ configuration: TrainingConfiguration) throws -> Maker {
    let division = try data.division(of: dataset, configuration)
    // There are pictures too small for any model.
    guard configuration.learns(from: dataset.schema), (try? configuration.specification.validate()) != nil else {
      let windows = division.training
      let plan = try windows.plan(configuration.negatives, batch: configuration.batch, seed: configuration.seed)
      let size = dataset.schema.payloadSize
      let memory = Buffer<UInt8>(count: configuration.batch * size)
      return Maker(plan: plan, windowBytes: size, hasTransform: false) { number in
        var end = 0
        for window in plan.batch(number) {
          windows.withPayload(window, epoch: plan.epoch(of: number)) { payload in
            for plane in dataset.schema.payload {
              let bytes = payload.elements(plane.name, as: UInt8.self)
              (memory.pointer + end).update(from: bytes.baseAddress!, count: bytes.count)
              end += bytes.count
            }
          }
        }
      }
    }
    try configuration.requireRecords(dataset.schema, path: dataset.folder)
    let source = try PlannedBatches(division, configuration)
    let specification = configuration.specification
    let batch = Batch(windows: configuration.batch, inputCount: specification.inputCount)
    let size = specification.payload.reduce(0) { $0 + $1.bytes }
    return Maker(plan: source.plan, windowBytes: size, hasTransform: true) { _ = source.fill(batch, number: $0) }
  }

  private func milliseconds(_ seconds: Double) -> String { "\((seconds * 10_000).rounded() / 10)" }
}
