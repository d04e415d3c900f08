import FileIO
import Kernels
import OrderedJSON
public import Sharding
import Shards
import Safetensors

/// Makes records of features from those of audio: for each window of samples the frames that it holds.
public struct FeatureConversion: RecordConversion {
  /// How features are stored.
  public enum Storage: String, Sendable, CaseIterable {
    case single = "f32"
    case half = "f16"
  }

  private let extractor: any FrameExtractor
  private let storage: Storage

  public init(_ extractor: any FrameExtractor, storage: Storage) {
    self.extractor = extractor
    self.storage = storage
  }

  public func units(of units: Int) -> Int { FrameGrid.count(samples: units) }

  public func cost(units: Int) -> Int {
    let frames = FrameGrid.count(samples: units)
    return 4 * (frames * extractor.dimension * (storage == .half ? 2 : 1) + extractor.scratch(frames: frames))
  }

  public func makeWorker() throws -> any ConversionWorker { Worker(try extractor.makeWorker(), self) }

  private final class Worker: ConversionWorker {
    private let worker: any FrameWorker
    private let conversion: FeatureConversion

    init(_ worker: any FrameWorker, _ conversion: FeatureConversion) {
      self.worker = worker
      self.conversion = conversion
    }

    func convert(_ payload: [UnsafeRawBufferPointer]) throws -> ConvertedPayload {
      let samples = payload[0].bindMemory(to: Int16.self)
      let count = FrameGrid.count(samples: samples.count) * conversion.extractor.dimension
      let features = Buffer<Float>(count: count)
      worker.extract(samples, into: features.pointer)
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
