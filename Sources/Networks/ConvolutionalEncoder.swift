public import Kernels

/// A stack of strided convolutions from samples to latents, with the memory for a fixed batch.
///
/// The paper's audio encoder (§3.1) has strides 5, 4, 2, 2, 2 and kernels 10, 8, 4, 4, 4; with paddings 3, 2, 1, 1, 1
/// a window of 20,480 samples gives 128 latents.
public final class ConvolutionalEncoder<Scalar: KernelScalar> {
  public let layers: [Conv1d<Scalar>]
  /// Samples of the batch: [windows, samples, 1].
  public let input: FrameBuffer<Scalar>
  /// What each layer gives; the last are the latents.
  public let outputs: [FrameBuffer<Scalar>]
  private let gradients: [FrameBuffer<Scalar>]

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
    func buffer(_ i: Int) -> FrameBuffer<Scalar> {
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
    input = buffer(0)
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
  public var latents: FrameBuffer<Scalar> { outputs.last! }
  public var frames: Int { latents.frames }

  /// From ``input`` to ``latents``.
  public func forward(_ workers: Workers) {
    for (i, layer) in layers.enumerated() { layer.forward(i == 0 ? input : outputs[i - 1], outputs[i], workers) }
  }

  /// Adds all parameter gradients, given that of the latents as dense rows [windows · frames, channels].
  public func backward(latentGradient: UnsafePointer<Scalar>, _ workers: Workers) {
    precondition(!gradients.isEmpty, "this encoder was made without memory for gradients")
    gradients.last!.setFrames(from: latentGradient)
    for (i, layer) in layers.enumerated().reversed() {
      layer.backward(
        i == 0 ? input : outputs[i - 1], outputs[i], outputGradient: gradients[i],
        inputGradient: i == 0 ? nil : gradients[i - 1], workers)
    }
  }
}
