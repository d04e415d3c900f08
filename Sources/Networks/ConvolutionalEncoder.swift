public import Kernels

/// A stack of strided convolutions from samples to latents, with the memory for a fixed batch.
///
/// The paper's audio encoder (§3.1) has strides 5, 4, 2, 2, 2 and kernels 10, 8, 4, 4, 4; with paddings 3, 2, 1, 1, 1
/// a window of 20,480 samples gives 128 latents.
public final class ConvolutionalEncoder<Element: Operand> {
  public typealias Scalar = Element.Sum

  public let layers: [Conv1d<Element>]
  /// Samples of the batch: [windows, samples, 1].
  public let input: FrameBuffer<Scalar>
  /// What each layer gives; the last are the latents.
  public let outputs: [FrameBuffer<Element>]
  /// The samples as operands; the same memory where operands are sums.
  private let samples: FrameBuffer<Element>
  private let gradients: [FrameBuffer<Element>]

  public static var paperShapes: [ConvolutionShape] {
    [(5, 3), (4, 2), (2, 1), (2, 1), (2, 1)].map { ConvolutionShape(stride: $0.0, padding: $0.1) }
  }

  /// `training` also reserves memory for gradients, which doubles it. `norms` is the name of normalisations before the
  /// rectifiers; nil has none.
  public init(
    _ name: String, windows: Int, samples: Int, channels: Int, shapes: [ConvolutionShape] = paperShapes,
    norms: String? = nil, training: Bool = true
  ) {
    precondition(windows > 0 && !shapes.isEmpty)
    let frames = shapes.reduce(into: [samples]) { $0.append($1.outputFrames($0.last!)) }
    precondition(frames.allSatisfy { $0 > 0 })
    let rows = Self.rowsPerWindow(shapes, frames)
    func buffer<Number>(_ i: Int) -> FrameBuffer<Number> {
      FrameBuffer(
        windows: windows, frames: frames[i], channels: i == 0 ? 1 : channels,
        padding: i < shapes.count ? shapes[i].padding : 0, rows: rows[i], slack: i < shapes.count ? shapes[i].stride : 1
      )
    }
    layers = shapes.enumerated().map { i, shape in
      let norm = norms.map {
        ChannelNorm<Scalar>("\($0).\(i)", channels: channels, rows: windows * rows[i + 1])
      }
      return Conv1d(
        "\(name).\(i)", inputs: i == 0 ? 1 : channels, outputs: channels, shape: shape, norm: norm)
    }
    let input: FrameBuffer<Scalar> = buffer(0)
    self.input = input
    self.samples = input as? FrameBuffer<Element> ?? buffer(0)
    outputs = shapes.indices.map { buffer($0 + 1) }
    gradients = training ? shapes.indices.map { buffer($0 + 1) } : []
  }

  /// Rows that each layer's input, and last the output, needs a window, such that every layer's are `stride` times the
  /// next one's and at least one row lies between the frames of two windows.
  private static func rowsPerWindow(_ shapes: [ConvolutionShape], _ frames: [Int]) -> [Int] {
    var last = frames.last! + 1
    while true {
      var rows = [last]
      for shape in shapes.reversed() { rows.insert(rows[0] * shape.stride, at: 0) }
      let fits = frames.indices.allSatisfy { i in
        rows[i] >= (i < shapes.count ? shapes[i].padding : 0) + frames[i] && (i == 0 || rows[i] > frames[i])
      }
      if fits { return rows }
      last += 1
    }
  }

  public var parameters: [Parameter<Scalar>] { layers.flatMap(\.parameters) }
  public var latents: FrameBuffer<Element> { outputs.last! }
  public var frames: Int { latents.frames }

  /// From ``input`` to ``latents``.
  public func forward(_ workers: Workers) {
    if let input = input as? FrameBuffer<Element>, input === samples {} else { roundSamples() }
    for (i, layer) in layers.enumerated() { layer.forward(i == 0 ? samples : outputs[i - 1], outputs[i], workers) }
  }

  private func roundSamples() {
    for w in 0..<input.windows { Element.round(input.window(w), into: samples.window(w), input.frames) }
  }

  /// Adds all parameter gradients, given that of the latents as dense rows [windows · frames, channels].
  public func backward(latentGradient: UnsafePointer<Scalar>, _ workers: Workers) {
    precondition(!gradients.isEmpty, "this encoder was made without memory for gradients")
    var pass = RectifierPass<Element>(layers.last!, latents, gradients.last!, workers)
    receive(latentGradient, pass, workers)
    for i in layers.indices.reversed() {
      pass.finish()
      layers[i].addWeightGradient(i == 0 ? samples : outputs[i - 1], outputGradient: gradients[i], workers)
      guard i > 0 else { return }
      pass = RectifierPass<Element>(layers[i - 1], outputs[i - 1], gradients[i - 1], workers)
      layers[i].backward(gradients[i], to: pass, workers)
    }
  }

  /// Takes the gradient of the latents.
  private func receive(_ dense: UnsafePointer<Scalar>, _ pass: RectifierPass<Element>, _ workers: Workers) {
    let width = latents.channels
    let parts = workers.parts(of: latents.windows)
    workers.forEach(parts.count) { worker in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: frames * width) { rows in
        let rows = rows.baseAddress!
        for window in parts[worker] {
          rows.update(from: dense + window * frames * width, count: frames * width)
          let first = window * latents.rows + latents.padding
          pass.apply(first..<first + frames, rows, worker: worker)
        }
      }
    }
  }
}
