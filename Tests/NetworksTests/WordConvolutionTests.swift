import Kernels
import Networks
import Sampling
import Testing

@Suite struct WordConvolutionTests {
  struct Case: Sendable, CustomStringConvertible {
    var kernel: Int
    var isNormalised: Bool
    var seed: Int
    var description: String { "\(kernel) words wide\(isNormalised ? ", normalised" : ""), seed \(seed)" }
  }

  static let cases = [1, 3, 5].flatMap { kernel in
    [false, true].flatMap { norm in (0..<4).map { Case(kernel: kernel, isNormalised: norm, seed: 10 * kernel + $0) } }
  }

  /// Of some size, its parameters drawn; words and padding of all sentences are any.
  private func make<Element: Operand>(_: Element.Type, _ test: Case, vocabulary: Int = 30, training: Bool = true)
    -> WordConvolutionEncoder<Element>
  {
    let noise = Noise(test.seed)
    let encoder = WordConvolutionEncoder<Element>(
      "e", table: "t", norm: test.isNormalised ? "n" : nil, windows: noise.integer(1...3),
      sentences: noise.integer(1...4),
      words: noise.integer(1...9), vocabulary: vocabulary, embedding: noise.integer(1...6), kernel: test.kernel,
      channels: noise.integer(4...8), training: training)
    for parameter in encoder.parameters {
      for i in 0..<parameter.count { parameter.value[i] = Element.Sum(noise.normal()) }
    }
    // Mostly positive, so that few units are dead and gradients reach every word.
    for i in 0..<encoder.channels { (encoder.norm?.bias ?? encoder.bias).value[i] += 1 }
    for w in 0..<encoder.windows {
      let input = encoder.input(of: w)
      let ids = encoder.sentences * encoder.words
      for i in 0..<ids { input[i] = Element.Sum(noise.integer(0...vocabulary - 1)) }
      for i in 0..<encoder.sentences { input[ids + i] = Element.Sum(noise.integer(1...encoder.words)) }
    }
    return encoder
  }

  /// The words of a sentence that are there.
  private func words<Element: Operand>(_ encoder: WordConvolutionEncoder<Element>, _ window: Int, _ sentence: Int)
    -> [Int]
  {
    let input = encoder.input(of: window)
    let length = Int(input[encoder.sentences * encoder.words + sentence])
    return (0..<length).map { Int(input[sentence * encoder.words + $0]) }
  }

  private func latents<Element: Operand>(_ encoder: WordConvolutionEncoder<Element>, threads: Int = 2) -> [Element.Sum]
  {
    let latents = Buffer<Element.Sum>(count: encoder.windows * encoder.sentences * encoder.channels)
    encoder.forward(to: latents.pointer, Workers(count: threads))
    return latents.array
  }

  /// A sentence's latent one number at a time: `torch.nn.Conv1d` with zeros around the sentence, ReLU, mean.
  private func reference(_ encoder: WordConvolutionEncoder<Double>, _ words: [Int]) -> [Double] {
    let weight = encoder.weight.elements(of: encoder.weight.value)
    var mean = [Double](repeating: 0, count: encoder.channels)
    for t in words.indices {
      var sums = (0..<encoder.channels).map { encoder.bias.value[$0] }
      for c in sums.indices {
        for tap in 0..<encoder.kernel where words.indices.contains(t + tap - encoder.kernel / 2) {
          let word = words[t + tap - encoder.kernel / 2]
          for e in 0..<encoder.embedding {
            sums[c] +=
              weight[(c * encoder.embedding + e) * encoder.kernel + tap]
              * encoder.table.value[word * encoder.embedding + e]
          }
        }
      }
      if let norm = encoder.norm {
        let average = sums.reduce(0, +) / Double(sums.count)
        let variance = sums.reduce(0) { $0 + ($1 - average) * ($1 - average) } / Double(sums.count - 1)
        for c in sums.indices {
          sums[c] = (sums[c] - average) / (variance + 1e-5).squareRoot() * norm.weight.value[c] + norm.bias.value[c]
        }
      }
      for c in sums.indices { mean[c] += max(0, sums[c]) / Double(words.count) }
    }
    return mean
  }

  @Test(arguments: cases) func agreesWithTheDefinition(test: Case) {
    let encoder = make(Double.self, test)
    for _ in 0..<2 {
      let expected = (0..<encoder.windows).flatMap { w in
        (0..<encoder.sentences).flatMap { reference(encoder, words(encoder, w, $0)) }
      }
      #expect(relativeDistance(latents(encoder), expected) < 1e-12)
      // Once more with other words, after which nothing may be left of the first ones.
      let input = encoder.input(of: 0)
      for i in 0..<encoder.sentences * encoder.words { input[i] = 29 - input[i] }
    }
    #expect(encoder.inputCount == encoder.sentences * encoder.words + encoder.sentences)
    #expect(encoder.lattice.rows == encoder.sentences && encoder.lattice.columns == 1)
  }

  @Test(arguments: cases) func gradientsAgreeWithFiniteDifferences(test: Case) {
    let encoder = make(Double.self, test)
    let workers = Workers(count: 1 + test.seed % 3)
    let target: Buffer<Double> = Noise(99).buffer(encoder.windows * encoder.sentences * encoder.channels)
    func loss() -> Double { zip(latents(encoder), target.array).reduce(0) { $0 + $1.0 * $1.1 } }
    for _ in 0..<2 {
      // Twice, the second with cleared gradients: nothing may be left over.
      for parameter in encoder.parameters { parameter.clearGradient() }
      _ = loss()
      encoder.backward(latentGradient: target.pointer, workers)
    }
    for parameter in encoder.parameters {
      expectGradient(parameter.gradient, of: parameter.value, parameter.name, samples: 200, loss: loss)
    }
  }

  /// What an update goes over are the words of the sentences, and no other row has a gradient.
  @Test(arguments: cases) func wordsThatAreThereHaveGradients(test: Case) throws {
    let encoder = make(Double.self, test)
    let target: Buffer<Double> = Noise(98).buffer(encoder.windows * encoder.sentences * encoder.channels)
    _ = latents(encoder)
    encoder.backward(latentGradient: target.pointer, Workers(count: 2))
    let there = Set((0..<encoder.windows).flatMap { w in (0..<encoder.sentences).flatMap { words(encoder, w, $0) } })
    #expect(Set(try #require(encoder.table.touched).rows) == there)
    for word in 0..<30 where !there.contains(word) {
      #expect((0..<encoder.embedding).allSatisfy { encoder.table.gradient[word * encoder.embedding + $0] == 0 })
    }
  }

  @Test(arguments: cases) func paddingMovesNothing(test: Case) {
    let encoder = make(Float.self, test)
    let target: Buffer<Float> = Noise(97).buffer(encoder.windows * encoder.sentences * encoder.channels)
    func all() -> [[Float]] {
      let latents = latents(encoder)
      for parameter in encoder.parameters { parameter.clearGradient() }
      encoder.backward(latentGradient: target.pointer, Workers(count: 2))
      return [latents] + encoder.parameters.map(\.gradient.array)
    }
    let before = all()
    for w in 0..<encoder.windows {
      for s in 0..<encoder.sentences {
        for i in words(encoder, w, s).count..<encoder.words {
          // Also what is no id at all.
          let place = encoder.input(of: w) + s * encoder.words + i
          place.pointee = i % 2 == 0 ? 29 - place.pointee : 65_535
        }
      }
    }
    #expect(all() == before)
  }

  @Test(arguments: [1, 3, 5], [false, true]) func sentencesOfOneWord(kernel: Int, isNormalised: Bool) {
    let encoder = make(Double.self, Case(kernel: kernel, isNormalised: isNormalised, seed: 5))
    let ids = encoder.sentences * encoder.words
    for w in 0..<encoder.windows { for s in 0..<encoder.sentences { encoder.input(of: w)[ids + s] = 1 } }
    let expected = (0..<encoder.windows).flatMap { w in
      (0..<encoder.sentences).flatMap { reference(encoder, [Int(encoder.input(of: w)[$0 * encoder.words])]) }
    }
    #expect(relativeDistance(latents(encoder), expected) < 1e-12)
  }

  /// All words alike, and as many as there can be.
  @Test(arguments: [1, 3]) func fullSentences(kernel: Int) {
    for word in [0, 3] {
      let encoder = make(Double.self, Case(kernel: kernel, isNormalised: false, seed: 7), vocabulary: 4)
      let ids = encoder.sentences * encoder.words
      for w in 0..<encoder.windows {
        for i in 0..<ids { encoder.input(of: w)[i] = Double(word == 0 ? i % 4 : word) }
        for s in 0..<encoder.sentences { encoder.input(of: w)[ids + s] = Double(encoder.words) }
      }
      let expected = (0..<encoder.windows).flatMap { w in
        (0..<encoder.sentences).flatMap { reference(encoder, words(encoder, w, $0)) }
      }
      #expect(relativeDistance(latents(encoder), expected) < 1e-12)
    }
  }

  @Test(arguments: cases) func singlePrecisionAndThreads(test: Case) {
    let (double, single) = (make(Double.self, test), make(Float.self, test))
    let evaluating = make(Float.self, test, training: false)
    let results = (1...3).map { latents(single, threads: $0) }
    #expect(results[0] == results[1] && results[0] == results[2] && results[0] == latents(evaluating))
    #expect(relativeDistance(results[0].map { Double($0) }, latents(double)) < 2e-5)
    let rounded = latents(make(BFloat16.self, test)).map { Double($0) }
    #expect(relativeDistance(rounded, latents(double)) < 5e-2)
  }
}
