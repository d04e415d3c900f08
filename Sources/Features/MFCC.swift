import Kernels
import RealModule

/// Mel-frequency cepstra as Kaldi computes them (feat/feature-mfcc.cc, feat/mel-computations.cc): 25 ms windows every
/// 10 ms at 16 kHz, 23 mel bins from 20 Hz to 8 kHz, 13 cepstra with C0, lifter 22.
///
/// Two things differ. Frame t is centred at sample 160 t + 80, the centre of cell t of a record; audio is mirrored at
/// its ends, as Kaldi does with `snip-edges=false`. In place of dither, the power that white noise of variance 1 (on the
/// 16-bit scale) is expected to add is added, so that equal audio gives equal features and digital silence stays finite.
///
/// Removal of the mean, pre-emphasis, the window and the Fourier transform are all linear, so one matrix does them: the
/// spectrum of overlapping frames is a few plain matrix products.
public struct MFCC: Sendable {
  /// Floats of a frame. Inlined, because loops over them stand in other modules.
  @inlinable public static var dimension: Int { 13 }
  public static let rate = 16_000
  /// Samples from one frame to the next.
  public static let hop = 160
  static let window = 400
  static let melBins = 23
  private static let bins = 256
  /// Samples of the first window that lie before the audio.
  private static let lead = (window - hop) / 2
  /// Mel bins padded to whole vectors.
  private static let melStride = 24
  private static let framesAtOnce = 256

  /// [window, 2 · bins]: real parts, then imaginary parts.
  private let transform: Buffer<Float>
  /// [bins, melStride].
  private let filters: Buffer<Float>
  /// [melStride, dimension].
  private let cosines: Buffer<Float>
  private let floor: Float

  public init() {
    let window = (0..<Self.window).map { n in
      Double.pow(0.5 - 0.5 * Double.cos(2 * .pi * Double(n) / Double(Self.window - 1)), 0.85)
    }
    transform = Buffer(Self.transform(window))
    filters = Buffer(Self.melFilters())
    cosines = Buffer(Self.liftedCosines())
    floor = Float(window.reduce(0) { $0 + $1 * $1 })
  }

  /// Frames of an utterance: as many as have their centre inside it.
  public static func frames(samples: Int) -> Int { (samples + hop / 2) / hop }

  /// Writes the cepstra of frame t to `output[t · dimension...]`; there are ``frames(samples:)`` of them.
  public func compute(_ samples: UnsafeBufferPointer<Int16>, into output: UnsafeMutablePointer<Float>) {
    let frames = Self.frames(samples: samples.count)
    let block = min(frames, Self.framesAtOnce)
    let audio = Buffer<Float>(count: block * Self.hop + Self.window)
    let spectrum = Buffer<Float>(count: block * 2 * Self.bins)
    let mel = Buffer<Float>(count: block * Self.melStride)
    for first in stride(from: 0, to: frames, by: Self.framesAtOnce) {
      let count = min(Self.framesAtOnce, frames - first)
      let origin = first * Self.hop - Self.lead
      for i in 0..<count * Self.hop + Self.window { audio[i] = Float(samples[mirrored(origin + i, samples.count)]) }
      compute(count, audio: audio, spectrum: spectrum, mel: mel, into: output + first * Self.dimension)
    }
  }

  private func compute(
    _ count: Int, audio: Buffer<Float>, spectrum: Buffer<Float>, mel: Buffer<Float>,
    into output: UnsafeMutablePointer<Float>
  ) {
    let columns = 2 * Self.bins
    // Rows of the audio are one hop apart and may not overlap, so a window is cut into pieces of a hop.
    for first in stride(from: 0, to: Self.window, by: Self.hop) {
      let length = min(Self.hop, Self.window - first)
      Float.gemm(
        Product(count, columns, length), alpha: 1, Matrix(audio.pointer + first, stride: Self.hop),
        transform.matrix(columns).from(row: first), beta: first == 0 ? 0 : 1, spectrum.matrix(columns))
    }
    for t in 0..<count {
      let row = spectrum.pointer + t * columns
      for k in 0..<Self.bins { row[k] = row[k] * row[k] + row[Self.bins + k] * row[Self.bins + k] + floor }
    }
    Float.gemm(
      Product(count, Self.melStride, Self.bins), alpha: 1, spectrum.matrix(columns), filters.matrix(Self.melStride),
      beta: 0, mel.matrix(Self.melStride))
    takeLogarithms(mel.pointer, count: count * Self.melStride)
    Float.gemm(
      Product(count, Self.dimension, Self.melStride), alpha: 1, mel.matrix(Self.melStride),
      cosines.matrix(Self.dimension), beta: 0, Matrix(output, stride: Self.dimension))
  }

  /// The index that position i means when the audio is mirrored at its ends.
  private func mirrored(_ i: Int, _ count: Int) -> Int {
    var i = i
    while i < 0 || i >= count { i = i < 0 ? -i - 1 : 2 * count - 1 - i }
    return i
  }

  private static func transform(_ window: [Double]) -> [Float] {
    let n = Self.window
    var matrix = [Float](repeating: 0, count: n * 2 * bins)
    for k in 0..<bins {
      for isImaginary in [false, true] {
        // From the last step back to the first: the weight of each sample of the windowed, the emphasised, the raw frame.
        var weights = (0..<n).map { i in
          let angle = 2 * Double.pi * Double(i * k % (2 * bins)) / Double(2 * bins)
          return window[i] * (isImaginary ? -Double.sin(angle) : Double.cos(angle))
        }
        let emphasised = weights
        for i in 0..<n { weights[i] -= 0.97 * (i + 1 < n ? emphasised[i + 1] : 0) }
        weights[0] -= 0.97 * emphasised[0]
        let mean = weights.reduce(0, +) / Double(n)
        for i in 0..<n { matrix[i * 2 * bins + (isImaginary ? bins : 0) + k] = Float(weights[i] - mean) }
      }
    }
    return matrix
  }

  private static func melFilters() -> [Float] {
    func mel(_ hertz: Double) -> Double { 1127 * Double.log(1 + hertz / 700) }
    let low = mel(20)
    let step = (mel(Double(rate) / 2) - low) / Double(melBins + 1)
    var matrix = [Float](repeating: 0, count: bins * melStride)
    for k in 0..<bins {
      let position = (mel(Double(k * rate) / Double(2 * bins)) - low) / step
      for b in 0..<melBins { matrix[k * melStride + b] = Float(max(0, 1 - abs(position - Double(b + 1)))) }
    }
    return matrix
  }

  private static func liftedCosines() -> [Float] {
    var matrix = [Float](repeating: 0, count: melStride * dimension)
    for i in 0..<dimension {
      let scale = (i == 0 ? 1 / Double(melBins) : 2 / Double(melBins)).squareRoot()
      let lifter = 1 + 11 * Double.sin(.pi * Double(i) / 22)
      for b in 0..<melBins {
        let angle = Double.pi * Double(i) * (Double(b) + 0.5) / Double(melBins)
        matrix[b * dimension + i] = Float(lifter * scale * Double.cos(angle))
      }
    }
    return matrix
  }
}
