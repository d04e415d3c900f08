import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Sampling
import Training

struct MaskOptions: ParsableArguments {
  @Flag(help: "Draw the candidates of one anchor, in the middle of a batch; takes no dataset.")
  var mask = false
  @Option(
    help: ArgumentHelp("Latents of a window (default: 32; the audio model has 128).", valueName: "n"),
    transform: readCount)
  var frames: Int?
  @Option(help: ArgumentHelp("How far ahead the anchor predicts (default: 3).", valueName: "k"), transform: readCount)
  var step: Int?

  /// These flags say nothing about batches.
  func refuse() throws {
    guard frames == nil, step == nil else {
      throw Failure(.usage, "--frames and --step go with --mask")
    }
  }
}

/// The latents of a batch as one anchor sees them, by the code that training uses.
struct CandidateMask {
  private enum Latent: Character { case positive = "+", negative = "#", notDrawn = "-", noCandidate = "." }

  private let strategy: NegativeStrategy
  private let windows: Int
  private let frames: Int
  private let window: Int
  private let frame: Int
  private let step: Int
  private let negatives: [Int32]
  private let latents: [Latent]

  /// - Parameter batch: the global number of the batch that is drawn.
  init(_ configuration: TrainingConfiguration, _ options: MaskOptions, batch: Int) throws {
    strategy = configuration.negatives
    windows = configuration.batch
    frames = options.frames ?? 32
    step = options.step ?? 3
    guard (2...4096).contains(frames), (1...min(frames - 1, 127)).contains(step) else {
      throw Failure(.usage, "--step must be from 1 to 127 and below --frames, which is at most 4096")
    }
    window = windows / 2
    frame = (frames - step) / 2
    let pool = strategy.pool
    let most = pool.count(windows: windows, latents: frames) - 1
    guard most > 0 else { throw Failure(.usage, "no candidates but the positive", hint: "a larger --batch") }
    let count = configuration.negativeCount ?? most
    guard (1...most).contains(count) else {
      throw Failure(.usage, "--num-negatives \(count): the pool has \(most)", hint: "all, or a number up to that")
    }
    let sampler = NegativeSampler(
      pool: pool, windows: windows, lattice: Lattice(rows: frames), count: count, seed: configuration.seed)
    let buffer = UnsafeMutableBufferPointer<Int32>.allocate(capacity: count)
    defer { buffer.deallocate() }
    sampler.draw(batch: batch, window: window, position: frame, step: step, into: buffer)
    negatives = Array(buffer)
    var latents = [Latent](repeating: .noCandidate, count: windows * frames)
    let (first, second) = pool.columns(window: window, windows: windows, latents: frames)
    for latent in first { latents[latent] = .notDrawn }
    for latent in second { latents[latent] = .notDrawn }
    for latent in negatives { latents[Int(latent)] = .negative }
    latents[window * frames + frame + step] = .positive
    self.latents = latents
  }

  var text: String {
    let drawn = latents.contains(.notDrawn)
    let ruler = (0...frame + step).map { $0 == frame ? "t" : $0 == frame + step ? "k" : " " }.joined()
    let anchor = "b = \(window)"
    func line(_ label: String, _ cells: String) -> String {
      String(repeating: " ", count: max(6, anchor.count) - label.count) + label + "  " + cells + "\n"
    }
    var text = "\(strategy.rawValue): a batch of \(windows) windows \(from), \(frames) latents each\n"
    text += "anchor b = \(window), t = \(frame), step k = \(step); N = \(negatives.count + 1) with the positive\n\n"
    text += line("window", ruler)
    for row in 0..<windows {
      let cells = latents[row * frames..<(row + 1) * frames].map(\.rawValue)
      text += line(row == window ? anchor : "\(row)", String(cells))
    }
    text += "\n+ positive, z[b, t + k]   # negative   "
    if drawn { text += "- candidate, not drawn   " }
    return text + ". no candidate\n"
  }

  private var from: String { strategy.batchesOneGroup ? "of one speaker" : "from all speakers" }

  var json: JSON {
    .object([
      "type": .string("mask"), "negatives": .string(strategy.rawValue), "windows": .int(windows),
      "frames": .int(frames), "window": .int(window), "frame": .int(frame), "step": .int(step),
      "candidates": .int(negatives.count + 1), "positive": .int(window * frames + frame + step),
      "latents": .array(negatives.map { .int(Int($0)) }),
    ])
  }
}
