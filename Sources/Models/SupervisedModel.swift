public import Kernels
public import Networks
import Sampling

/// The encoder and the context network of a contrastive model, trained end to end to tell classes: what the paper calls
/// supervised (table 1).
public final class SupervisedModel<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let windows: Int
  public let classifier: SoftmaxLayer<Scalar>
  private let encoder: any Encoder<Element>
  private let context: any ContextNetwork<Element>
  private let workers: Workers
  /// Dense rows [windows · frames, …].
  private let latents: Buffer<Scalar>
  private let latentGradient: Buffer<Scalar>
  private let contexts: Buffer<Scalar>
  private let contextGradient: Buffer<Scalar>

  public init(_ shape: AudioModelShape, classes: Int, windows: Int, workers: Workers) {
    self.windows = windows
    self.workers = workers
    let encoder = ConvolutionalEncoder<Element>(
      "encoder", windows: windows, samples: shape.window, channels: shape.channels,
      norms: shape.normalisation == .channel ? "norms" : nil)
    self.encoder = encoder
    context = GRU<Element>(
      "context", inputs: shape.channels, units: shape.context, windows: windows, frames: encoder.frames)
    let rows = windows * encoder.frames
    classifier = SoftmaxLayer("classifier", inputs: shape.context, classes: classes, rows: rows)
    latents = Buffer(count: rows * shape.channels)
    latentGradient = Buffer(count: rows * shape.channels)
    contexts = Buffer(count: rows * shape.context)
    contextGradient = Buffer(count: rows * shape.context)
  }

  public var frames: Int { encoder.lattice.rows }
  public var parameters: [Parameter<Scalar>] { encoder.parameters + context.parameters + classifier.parameters }

  /// Parameter i of ``parameters`` draws from stream i of `seed`.
  public func initialize(seed: UInt64) {
    let stream = initializeBody(encoder, context, seed: seed)
    for (i, parameter) in classifier.parameters.enumerated() {
      parameter.initialize(bound: classifier.initialBound, from: stream(i))
    }
  }

  public func input(_ window: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(start: encoder.input(of: window), count: encoder.inputCount)
  }

  /// The most likely class of each frame of what is in ``input(_:)``.
  public func predict() -> [Int32] {
    forward()
    return classifier.predict(contexts.matrix(context.units), count: windows * frames, workers)
  }

  /// Loss and frames told right of what is in ``input(_:)``; adds the gradients of all parameters.
  ///
  /// - Parameter labels: of each frame, negative where there is none.
  public func backward(labels: [Int32]) -> (loss: Double, correct: Int) {
    forward()
    let result = classifier.evaluate(
      contexts.matrix(context.units), labels: labels, inputGradient: contextGradient.pointer, workers)
    context.backward(
      latents.matrix(encoder.channels), contextGradient: contextGradient.matrix(context.units),
      inputGradient: latentGradient.matrix(encoder.channels), workers)
    encoder.backward(latentGradient: latentGradient.pointer, workers)
    return result
  }

  private func forward() {
    encoder.forward(to: latents.pointer, workers)
    context.forward(latents.matrix(encoder.channels), workers)
    let row = frames * context.units
    for window in 0..<windows {
      (contexts.pointer + window * row).update(from: context.contexts(window), count: row)
    }
  }
}
