import FileIO
import OrderedJSON
import Probes
import Safetensors
public import Shards

/// The frames of a dataset of features as the rows of a matrix: those of its utterances one after the other, without
/// what pads them. Mapped, so that no more is in memory than is looked at.
public struct DatasetFrames: UtteranceFrames {
  public let dataset: Dataset
  public let columns: Int
  /// The first row of each utterance, and at last the number of rows.
  public let offsets: [Int]
  public let clock: FrameClock
  private let isHalf: Bool

  /// - Throws: a `Failure` if the records are no features.
  public init(_ dataset: Dataset) throws {
    let schema = dataset.schema
    guard let plane = schema.payload.first, schema.payload.count == 1, plane.row.count == 2,
      plane.row[0] == schema.length, plane.type == .f32 || plane.type == .f16
    else {
      throw Failure(
        .badInput, path: dataset.folder, "its records are of the kind \"\(schema.kind)\", not features",
        hint: "cpc-embed makes features of it")
    }
    self.dataset = dataset
    columns = plane.row[1]
    func fact(_ key: String, _ otherwise: Int) -> Int {
      schema.facts[key]?.intValue.flatMap { $0 > 0 ? $0 : nil } ?? otherwise
    }
    clock = FrameClock(hop: fact("hop", AudioRecords.cell), centre: fact("centre", AudioRecords.cell / 2))
    isHalf = plane.type == .f16
    offsets = (0..<dataset.utteranceCount).reduce(into: [0]) {
      $0.append($0.last! + dataset.unitCount(ofUtterance: $1))
    }
  }

  public var rows: Int { offsets.last! }

  public func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
    try MappedFile.checkFaults()
    var utterance = offsets.place(of: rows.lowerBound)
    var row = rows.lowerBound
    while row < rows.upperBound {
      let end = min(rows.upperBound, offsets[utterance + 1])
      if end > row {
        let output = UnsafeMutableBufferPointer(
          rebasing: destination[((row - rows.lowerBound) * columns)..<((end - rows.lowerBound) * columns)])
        read(utterance, (row - offsets[utterance])..<(end - offsets[utterance]), into: output)
        row = end
      }
      utterance += 1
    }
  }

  /// Some frames of an utterance.
  private func read(_ utterance: Int, _ frames: Range<Int>, into output: UnsafeMutableBufferPointer<Float>) {
    let first = dataset.records(ofUtterance: utterance).lowerBound
    let (record, offset) = frames.lowerBound.quotientAndRemainder(dividingBy: dataset.schema.length)
    dataset.withPayload(first + record, offset: offset, count: frames.count) { bytes in
      if isHalf {
        for (i, half) in bytes.bindMemory(to: UInt16.self).enumerated() { output[i] = halves[Int(half)] }
      } else {
        _ = output.initialize(from: bytes.bindMemory(to: Float.self))
      }
    }
  }
}

/// The value of every number of half precision: not all processors convert them fast.
private let halves: [Float] = (0...UInt16.max).map { Float(Float16(bitPattern: $0)) }

extension UtteranceFrames {
  /// The utterance that a row is of.
  public func utterance(of row: Int) -> Int { offsets.place(of: row) }
}

extension [Int] {
  /// Of ascending offsets, the last that is not beyond `row` and has something after it.
  func place(of row: Int) -> Int {
    var (low, high) = (0, count - 1)
    while high - low > 1 {
      let middle = (low + high) / 2
      if self[middle] <= row { low = middle } else { high = middle }
    }
    return low
  }
}
