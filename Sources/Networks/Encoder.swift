public import Kernels
public import Sampling

/// From what the windows of a batch hold to their latents z, with the memory for a fixed number of windows.
public protocol Encoder<Element>: AnyObject {
  associatedtype Element: Operand

  /// How the latents of a window lie.
  var lattice: Lattice { get }
  /// Numbers of a latent.
  var channels: Int { get }
  /// Numbers of a window's input.
  var inputCount: Int { get }
  var parameters: [Parameter<Element.Sum>] { get }
  /// Sets the parameters; `stream` gives the random numbers for each by its place in ``parameters``.
  func initialize(from stream: (Int) -> RandomStream)

  /// Where the numbers of a window go.
  func input(of window: Int) -> UnsafeMutablePointer<Element.Sum>
  /// `latents`: dense rows [windows · latents, channels].
  func forward(to latents: UnsafeMutablePointer<Element.Sum>, _ workers: Workers)
  /// Adds all parameter gradients, given that of the latents as such rows.
  func backward(latentGradient: UnsafePointer<Element.Sum>, _ workers: Workers)
}

/// From the latents of each window to its contexts c: that of a latent knows no latent that it is to predict.
public protocol ContextNetwork<Element>: AnyObject {
  associatedtype Element: Operand

  /// Numbers of a context.
  var units: Int { get }
  var parameters: [Parameter<Element.Sum>] { get }
  /// Sets the parameters; `stream` gives the random numbers for each by its place in ``parameters``.
  func initialize(from stream: (Int) -> RandomStream)

  /// `latents`: dense rows [windows · latents, channels].
  func forward(_ latents: Matrix<Element.Sum>, _ workers: Workers)
  /// The context of a window's first latent; those of the others follow, ``units`` apart.
  func contexts(_ window: Int) -> UnsafeMutablePointer<Element.Sum>
  /// Adds the parameters' gradients and sets that of the latents, given that of the contexts; all are dense rows
  /// [windows · latents, …].
  func backward(
    _ latents: Matrix<Element.Sum>, contextGradient: Matrix<Element.Sum>, inputGradient: Matrix<Element.Sum>,
    _ workers: Workers)
}

extension ConvolutionalEncoder: Encoder {
  public var lattice: Lattice { Lattice(rows: frames) }
  public var channels: Int { latents.channels }
  public var inputCount: Int { input.frames }

  /// PyTorch's default distributions.
  public func initialize(from stream: (Int) -> RandomStream) {
    var place = 0
    for layer in layers {
      for parameter in layer.parameters {
        parameter.initialize(bound: layer.initialBound, from: stream(place))
        place += 1
      }
      layer.norm?.initialize()
    }
  }

  public func input(of window: Int) -> UnsafeMutablePointer<Scalar> { input.window(window) }

  public func forward(to latents: UnsafeMutablePointer<Scalar>, _ workers: Workers) {
    forward(workers)
    self.latents.copyFrames(to: latents)
  }
}

extension GRU: ContextNetwork {
  public func initialize(from stream: (Int) -> RandomStream) {
    for (i, parameter) in parameters.enumerated() { parameter.initialize(bound: initialBound, from: stream(i)) }
  }
}
