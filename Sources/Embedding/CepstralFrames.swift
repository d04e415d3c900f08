import FileIO
import Features
import Models
public import OrderedJSON
public import Shards

/// Mel-frequency cepstra with their first and second derivatives, and those of the frames beside them: the classic
/// features that learnt ones are compared with.
///
/// 13 cepstra (``Features/MFCC``) and the derivatives of Kaldi's add-deltas (window 2, order 2). With `stack` n, a frame
/// has those of 2 n + 1 frames, from n before to n after it; beyond the ends of the utterance its first and last frame
/// stand.
public struct CepstralFrames: FrameExtractor {
  private let stack: Int

  /// - Parameter stack: at least 0.
  public init(stack: Int) {
    precondition(stack >= 0)
    self.stack = stack
  }

  static let single = 3 * MFCC.dimension

  public var dimension: Int { Self.single * (2 * stack + 1) }
  public var grid: FeatureGrid { .frames(centre: AudioRecords.cell / 2) }

  public var facts: JSONObject {
    [
      "features": .string("mfcc"), "derivatives": .int(2), "stack": .int(stack), "checkpoint": .null,
      "precision": .string("fp32"),
    ]
  }

  public func check(_ dataset: Dataset) throws { try requireAudio(dataset) }

  public func scratch(rows: Int) -> Int { rows * (MFCC.dimension + Self.single) }

  public func makeWorker(threads: Int) throws -> any FrameWorker { Worker(stack: stack) }

  /// Weights of the frames from −2 order to 2 order, for orders 0, 1 and 2.
  static let weights: [[Float]] = {
    let first: [Float] = (-2...2).map { Float($0) / 10 }
    var second = [Float](repeating: 0, count: 9)
    for (i, a) in first.enumerated() { for (j, b) in first.enumerated() { second[i + j] += a * b } }
    return [[1], first, second]
  }()

  private final class Worker: FrameWorker {
    private let stack: Int
    private let mfcc = MFCC()

    init(stack: Int) { self.stack = stack }

    func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) {
      let samples = payload.elements(InputScaling.plane, as: Int16.self)
      let frames = FeatureGrid.frames(centre: 0).count(units: units)
      // A last cell of less than half a frame has no cepstra of its own.
      let known = MFCC.frames(samples: samples.count)
      let width = MFCC.dimension
      var cepstra = [Float](repeating: 0, count: max(1, known) * width)
      if known > 0 { cepstra.withUnsafeMutableBufferPointer { mfcc.compute(samples, into: $0.baseAddress!) } }
      func clamped(_ t: Int) -> Int { min(max(t, 0), max(1, known) - 1) }
      let single = CepstralFrames.single
      var rows = [Float](repeating: 0, count: frames * single)
      for t in 0..<frames {
        for (order, weights) in CepstralFrames.weights.enumerated() {
          for (i, weight) in weights.enumerated() {
            let source = clamped(min(t, max(1, known) - 1) + i - weights.count / 2) * width
            for d in 0..<width { rows[t * single + order * width + d] += weight * cepstra[source + d] }
          }
        }
      }
      var output = output
      for t in 0..<frames {
        for offset in -stack...stack {
          let source = min(max(t + offset, 0), frames - 1) * single
          for d in 0..<single { output[d] = rows[source + d] }
          output += single
        }
      }
    }
  }
}

/// Throws unless the records are of audio.
func requireAudio(_ dataset: Dataset) throws {
  guard dataset.schema == .audio else {
    throw Failure(
      .badInput, path: dataset.folder,
      "records of the kind \"\(dataset.schema.kind)\": these features are made of audio")
  }
}
