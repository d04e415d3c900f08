public import Kernels
public import Networks
public import Sampling

/// Contrastive predictive coding (van den Oord et al., 2018, §2): an encoder, a context network and the loss, over
/// whatever lattice the encoder's latents lie on, with the memory for a fixed number of windows.
///
/// `Element` is what its products multiply; everything else is in `Element.Sum`.
public final class ContrastiveModel<Element: Operand>: TrainableModel {
  public typealias Scalar = Element.Sum

  public let windows: Int
  public let encoder: any Encoder<Element>
  public let context: any ContextNetwork<Element>
  public let loss: InfoNCE<Element>
  private let workers: Workers
  /// Latents as dense rows [windows · latents, channels], and the gradient that the context network sends to them.
  private let latents: Buffer<Scalar>
  private let contextInputGradient: Buffer<Scalar>

  /// Encoder and context network are for `windows` windows, too. With `negatives`, that many are drawn from the pool by
  /// `seed`; else all of it counts. `training` also reserves memory for gradients.
  public init(
    _ encoder: any Encoder<Element>, _ context: any ContextNetwork<Element>, windows: Int, steps: Int,
    score: ScoreScale = .sum, pool: CandidatePool = .batch, negatives: Int? = nil, seed: UInt64 = 0, workers: Workers,
    training: Bool = true
  ) {
    self.windows = windows
    self.encoder = encoder
    self.context = context
    self.workers = workers
    let lattice = encoder.lattice
    loss = InfoNCE(
      "heads", windows: windows, lattice: lattice, channels: encoder.channels, units: context.units, steps: steps,
      pool: pool,
      sampler: negatives.map {
        NegativeSampler(pool: pool, windows: windows, lattice: lattice, count: $0, seed: seed)
      }, score: score, training: training)
    latents = Buffer(count: windows * lattice.count * encoder.channels)
    contextInputGradient = Buffer(count: training ? latents.count : 0)
  }

  public var lattice: Lattice { loss.lattice }
  public var channels: Int { loss.channels }
  public var units: Int { loss.units }
  public var parameters: [Parameter<Scalar>] { ModelPart.allCases.flatMap { parameters(of: $0) } }

  public func parameters(of part: ModelPart) -> [Parameter<Scalar>] {
    switch part {
    case .encoder: encoder.parameters
    case .context: context.parameters
    case .heads: loss.parameters
    }
  }

  /// Parameter i of ``parameters`` draws from stream i of `seed`.
  public func initialize(seed: UInt64) {
    let stream = initializeBody(encoder, context, seed: seed)
    for (i, head) in loss.heads.enumerated() {
      head.weight.initialize(bound: head.initialBound, from: stream(i))
    }
  }

  public func input(_ window: Int) -> UnsafeMutableBufferPointer<Scalar> {
    UnsafeMutableBufferPointer(start: encoder.input(of: window), count: encoder.inputCount)
  }

  public func forward(_ ended: (UpdatePhase) -> Void) {
    encoder.forward(to: latents.pointer, workers)
    ended(.encoder)
    context.forward(latents.matrix(channels), workers)
    ended(.context)
  }

  public func latents(_ window: Int) -> UnsafeMutablePointer<Scalar> {
    latents.pointer + window * lattice.count * channels
  }

  public func contexts(_ window: Int) -> UnsafeMutablePointer<Scalar> { context.contexts(window) }

  public func evaluate(batch: Int) -> ContrastiveMetrics { evaluate(batch: batch, gradients: false) }

  public func backward(batch: Int, _ ended: (UpdatePhase) -> Void) -> ContrastiveMetrics {
    let metrics = evaluate(batch: batch, gradients: true)
    ended(.loss)
    context.backward(
      latents.matrix(channels), contextGradient: loss.contextGradient.matrix(units),
      inputGradient: contextInputGradient.matrix(channels), workers)
    workers.split(latents.count, multipleOf: 1024) { range in
      add(
        contextInputGradient.pointer + range.lowerBound, to: loss.latentGradient.pointer + range.lowerBound,
        count: range.count)
    }
    ended(.contextGradient)
    encoder.backward(latentGradient: loss.latentGradient.pointer, workers)
    ended(.encoderGradient)
    return metrics
  }

  public func makeLoss(windows: Int, sampler: NegativeSampler) -> any ContrastiveLoss<Scalar> {
    InfoNCE(
      "heads", windows: windows, lattice: lattice, channels: channels, units: units, steps: loss.heads.count,
      pool: sampler.pool, sampler: sampler, score: loss.score, heads: loss.heads, training: false)
  }

  private func evaluate(batch: Int, gradients: Bool) -> ContrastiveMetrics {
    loss.evaluate(
      latents: latents.matrix(channels), contexts: { UnsafePointer(context.contexts($0)) }, batch: batch,
      gradients: gradients, workers)
  }
}

/// Sets the parameters of an encoder and of a context network, parameter i from stream i of `seed`.
///
/// - Returns: the streams of the parameters that follow, from 0.
func initializeBody<Element: Operand>(
  _ encoder: any Encoder<Element>, _ context: any ContextNetwork<Element>, seed: UInt64
) -> (Int) -> RandomStream {
  func stream(_ i: Int) -> RandomStream { RandomStream(seed: seed, purpose: .initialization, index: i) }
  let contextPlace = encoder.parameters.count
  let next = contextPlace + context.parameters.count
  encoder.initialize(from: stream)
  context.initialize { stream(contextPlace + $0) }
  return { stream(next + $0) }
}
