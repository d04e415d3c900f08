import FileIO
import Kernels
import Models
import OrderedJSON
public import Sharding
public import Shards

/// Makes records of features from those of a dataset: for each of its records the frames, pictures or sentences that it
/// holds.
public struct FeatureConversion: RecordConversion {
  /// How features are stored.
  public enum Storage: String, Sendable, CaseIterable {
    case single = "f32"
    case half = "f16"
  }

  private let extractor: any FrameExtractor
  private let storage: Storage
  /// Of the records that features are made of.
  private let schema: RecordSchema

  public init(_ extractor: any FrameExtractor, storage: Storage, of schema: RecordSchema) {
    self.extractor = extractor
    self.storage = storage
    self.schema = schema
  }

  public func units(of units: Int) -> Int { extractor.grid.count(units: units) }

  public func cost(units: Int) -> Int {
    let rows = self.units(of: units)
    return 4 * (rows * extractor.dimension * (storage == .half ? 2 : 1) + extractor.scratch(rows: rows))
  }

  public func makeWorker(threads: Int) throws -> any ConversionWorker {
    Worker(try extractor.makeWorker(threads: threads), self)
  }

  private final class Worker: ConversionWorker {
    private let worker: any FrameWorker
    private let conversion: FeatureConversion

    init(_ worker: any FrameWorker, _ conversion: FeatureConversion) {
      self.worker = worker
      self.conversion = conversion
    }

    func convert(_ payload: [UnsafeRawBufferPointer]) throws -> ConvertedPayload {
      let schema = conversion.schema
      let units = payload[0].count / schema.unitSizes[0]
      let count = conversion.units(of: units) * conversion.extractor.dimension
      let features = Buffer<Float>(count: count)
      try worker.extract(
        Payload(zip(schema.payload, payload).map { ($0.name, $1) }), units: units, into: features.pointer)
      guard (0..<count).allSatisfy({ features[$0].isFinite }) else {
        throw Failure(.badInput, "its features are not all finite numbers", hint: "the model may have diverged")
      }
      guard conversion.storage == .half else { return ConvertedPayload([features.bytes], owner: features) }
      let halves = Buffer<UInt16>(count: count)
      for i in 0..<count {
        let half = Float16(features[i])
        guard half.isFinite else {
          throw Failure(
            .badInput, "a feature of \(features[i]) is beyond what 16 bits hold", hint: "\(setting: "type") f32")
        }
        halves[i] = half.bitPattern
      }
      return ConvertedPayload([halves.bytes], owner: halves)
    }
  }
}
