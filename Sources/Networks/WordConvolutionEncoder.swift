public import Kernels
public import Sampling

/// From the words of sentences to their latents (van den Oord et al., 2018, §3.3), with the memory for a fixed batch:
/// each word's vector, a convolution over words with zeros around the sentence, a rectifier, and the mean over the words
/// that are there. What stands after a sentence's length moves nothing and is not computed.
///
/// The input of a window is the ids of its words, [sentences, words], and then the length of each sentence, all of them
/// whole numbers: ids below the size of the vocabulary, lengths from 1 to `words`. Its latents are its sentences.
public final class WordConvolutionEncoder<Element: Operand>: Encoder {
  public typealias Scalar = Element.Sum

  public let windows: Int
  /// Of a window.
  public let sentences: Int
  /// Of a sentence, at most.
  public let words: Int
  /// Numbers of a word's vector.
  public let embedding: Int
  /// Words that the convolution sees at once; odd.
  public let kernel: Int
  public let channels: Int
  /// [vocabulary, embedding]; an update goes over the rows of the batch's words alone.
  public let table: Parameter<Scalar>
  /// [channels, embedding, kernel]
  public let weight: Parameter<Scalar>
  public let bias: Parameter<Scalar>
  public let norm: ChannelNorm<Scalar>?

  private var plan: TokenPlan
  private let inputs: Buffer<Scalar>
  /// Of each row what the convolution sees, [rows, kernel · embedding], and what it gives after the rectifier,
  /// [rows, channels].
  private let seen: Buffer<Element>
  private let outputs: Buffer<Element>
  /// The same rows' gradients, that of the output before the rectifier.
  private let seenGradients: Buffer<Scalar>
  private let outputGradients: Buffer<Element>
  /// [windows · sentences, channels]: the gradient of a sentence's latent that each of its words has.
  private let shares: Buffer<Scalar>
  private let factor: WeightFactor<Element>
  private let transposedFactor: WeightFactor<Element>

  /// - Parameters:
  ///   - name: of the convolution; the table is `table`, a normalisation before the rectifier `norm`, nil for none.
  ///   - training: also reserves memory for gradients.
  public init(
    _ name: String, table tableName: String, norm normName: String? = nil, windows: Int, sentences: Int, words: Int,
    vocabulary: Int, embedding: Int, kernel: Int, channels: Int, training: Bool = true
  ) {
    precondition(windows > 0 && embedding > 0 && channels > 0)
    (self.windows, self.sentences, self.words) = (windows, sentences, words)
    (self.embedding, self.kernel, self.channels) = (embedding, kernel, channels)
    plan = TokenPlan(sentences: windows * sentences, words: words, kernel: kernel, vocabulary: vocabulary)
    let (rows, width) = (plan.maximumRows, kernel * embedding)
    table = Parameter("\(tableName).weight", shape: [vocabulary, embedding], isSparse: true)
    let weight = Parameter<Scalar>("\(name).weight", shape: [channels, embedding, kernel], order: .convolution)
    self.weight = weight
    bias = Parameter("\(name).bias", shape: [channels])
    norm = normName.map { ChannelNorm($0, channels: channels, rows: rows) }
    factor = WeightFactor(weight, rows: width, columns: channels, isTransposed: false)
    transposedFactor = WeightFactor(weight, rows: channels, columns: width, isTransposed: true)
    inputs = Buffer(count: windows * sentences * (words + 1))
    seen = Buffer(count: rows * width)
    outputs = Buffer(count: rows * channels)
    seenGradients = Buffer(count: training ? rows * width : 0)
    outputGradients = Buffer(count: training ? rows * channels : 0)
    shares = Buffer(count: training ? windows * sentences * channels : 0)
  }

  public var lattice: Lattice { Lattice(rows: sentences) }
  public var inputCount: Int { sentences * (words + 1) }
  public var parameters: [Parameter<Scalar>] { [table, weight, bias] + (norm?.parameters ?? []) }

  /// Words' vectors normal with deviation 0.1: an update of Adam moves a number by about the step size, and of PyTorch's 1
  /// (`torch.nn.Embedding`) rare words, which are in few batches, would keep nearly all. The convolution uniform within
  /// ±1/√(embedding · kernel), weight and bias alike, as in PyTorch.
  public func initialize(from stream: (Int) -> RandomStream) {
    table.initialize(deviation: 0.1, from: stream(0))
    let bound = 1 / Double(embedding * kernel).squareRoot()
    weight.initialize(bound: bound, from: stream(1))
    bias.initialize(bound: bound, from: stream(2))
    norm?.initialize()
  }

  public func input(of window: Int) -> UnsafeMutablePointer<Scalar> { inputs.pointer + window * inputCount }

  // MARK: - Forward

  public func forward(to latents: UnsafeMutablePointer<Scalar>, _ workers: Workers) {
    plan.set(inputs.pointer, sentencesOfWindow: sentences)
    gather(workers)
    WeightFactor.refresh([factor], workers)
    let terms = [(a: seen.matrix(kernel * embedding), b: factor.factor)]
    workers.multiply(rows: plan.rows, terms, into: outputs.matrix(channels)) { _, range, sums in
      for row in range {
        let (sums, result) = (sums.row(row - range.lowerBound), outputs.pointer + row * channels)
        if let norm {
          norm.rows.forwardAndRectify(sums, into: result, row: row, shift: bias.value.pointer)
        } else {
          Element.rectify(sums, adding: bias.value.pointer, into: result, channels)
        }
      }
    }
    workers.split(windows * sentences) { range in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: channels) { expanded in
        for sentence in range { takeMean(sentence, latents + sentence * channels, expanded.baseAddress!) }
      }
    }
  }

  /// Copies the vectors of the words that the rows see.
  private func gather(_ workers: Workers) {
    workers.split(plan.rows, multipleOf: 16) { range in
      for place in range.lowerBound * kernel..<range.upperBound * kernel {
        let (word, target) = (Int(plan.taps[place]), seen.pointer + place * embedding)
        if word >= 0 {
          Element.round(table.value.pointer + word * embedding, into: target, embedding)
        } else {
          clear(target, embedding)
        }
      }
    }
  }

  /// All bytes zero, which is the number zero.
  private func clear(_ x: UnsafeMutablePointer<Element>, _ count: Int) {
    UnsafeMutableRawPointer(x).initializeMemory(
      as: UInt8.self, repeating: 0, count: count * MemoryLayout<Element>.stride)
  }

  private func takeMean(
    _ sentence: Int, _ mean: UnsafeMutablePointer<Scalar>, _ expanded: UnsafeMutablePointer<Scalar>
  ) {
    mean.update(repeating: 0, count: channels)
    for token in plan.tokens(of: sentence) {
      let row = outputs.pointer + Int(plan.tokenRows[token]) * channels
      if Element.self == Scalar.self {
        add(UnsafeRawPointer(row).assumingMemoryBound(to: Scalar.self), to: mean, count: channels)
      } else {
        Element.expand(row, into: expanded, channels)
        add(expanded, to: mean, count: channels)
      }
    }
    scale(mean, count: channels, by: 1 / Scalar(plan.length(sentence)))
  }

  // MARK: - Backward

  public func backward(latentGradient: UnsafePointer<Scalar>, _ workers: Workers) {
    precondition(shares.count > 0, "this encoder was made without memory for gradients")
    workers.split(windows * sentences) { range in
      for sentence in range {
        let share = shares.pointer + sentence * channels
        share.update(from: latentGradient + sentence * channels, count: channels)
        scale(share, count: channels, by: 1 / Scalar(plan.length(sentence)))
      }
    }
    rectifyBack(workers)
    let (rows, width, gradient) = (plan.rows, kernel * embedding, outputGradients.matrix(channels))
    workers.addTransposedProduct(
      width, channels, rows, seen.matrix(width), gradient, weight.gradient.matrix(channels))
    WeightFactor.refresh([transposedFactor], workers)
    workers.multiply(rows: rows, [(gradient, transposedFactor.factor)], into: seenGradients.matrix(width))
    scatter(workers)
  }

  /// The gradient of each row before the rectifier, from those of the sentences that it occurs in.
  private func rectifyBack(_ workers: Workers) {
    let parts = workers.parts(of: plan.rows, multipleOf: 16)
    let sums = Buffer<Scalar>(count: parts.count * 3 * channels)
    workers.forEach(parts.count) { worker in
      withUnsafeTemporaryAllocation(of: Scalar.self, capacity: 4 * channels) { memory in
        let (values, partial) = (memory.baseAddress!, memory.baseAddress! + channels)
        // Sums of a few rows at a time, which lose fewer digits.
        for first in stride(from: parts[worker].lowerBound, to: parts[worker].upperBound, by: 64) {
          partial.initialize(repeating: 0, count: 3 * channels)
          for row in first..<min(first + 64, parts[worker].upperBound) {
            values.initialize(repeating: 0, count: channels)
            for sentence in plan.occurrences(of: row) {
              add(shares.pointer + Int(sentence) * channels, to: values, count: channels)
            }
            RectifierPass.apply(
              values, output: outputs.pointer + row * channels, into: outputGradients.pointer + row * channels,
              channels, norm, row: row, addingTo: partial)
          }
          add(partial, to: sums.pointer + worker * 3 * channels, count: 3 * channels)
        }
      }
    }
    RectifierPass<Element>.addSums(sums, channels, to: [bias] + (norm?.parameters ?? []))
  }

  /// Adds what each row has for the words that it sees, each worker some columns of the table.
  private func scatter(_ workers: Workers) {
    workers.split(embedding, multipleOf: 16) { columns in
      for place in 0..<plan.rows * kernel where plan.taps[place] >= 0 {
        add(
          seenGradients.pointer + place * embedding + columns.lowerBound,
          to: table.gradient.pointer + Int(plan.taps[place]) * embedding + columns.lowerBound, count: columns.count)
      }
    }
    for place in 0..<plan.rows * kernel where plan.taps[place] >= 0 { table.touched!.insert(Int(plan.taps[place])) }
  }
}
