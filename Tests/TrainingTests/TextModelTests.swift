import FileIO
import Kernels
import Models
import Networks
import Safetensors
import Sampling
import TestSupport
import Testing
import Training

@Suite struct TextModelTests {
  struct Case: Sendable, CustomStringConvertible {
    var specification = smallText()
    var strategy = NegativeStrategy.mixedSpeaker
    var negatives: Int?
    var windows = 3
    var updates = 3
    var accumulate = 1
    var seed: Int

    init(_ seed: Int, change: (inout Case) -> Void = { _ in }) {
      self.seed = seed
      change(&self)
    }

    var description: String {
      let it = specification
      return
        "\(strategy.rawValue), \(negatives.map { "\($0)" } ?? "all") negatives, \(it.words) words of \(it.embedding), "
        + "\(it.kernel) wide, \(it.channels) channels, \(it.context) units, \(it.normalisation.rawValue), "
        + "\(it.score.name), accumulate \(accumulate)"
    }

    func makeModel<Element: Operand>(_: Element.Type = Element.self) -> ContrastiveModel<Element> {
      let model: ContrastiveModel<Element> = specification.makeModel(
        Element.self, windows: windows, pool: strategy.pool, negatives: negatives, seed: UInt64(seed),
        workers: Workers(count: 2), training: true)
      model.initialize(seed: UInt64(seed))
      return model
    }

    var metadata: [(key: String, value: String)] {
      let it = specification
      let pool =
        switch strategy.pool {
        case .batch: "batch"
        case .otherWindows: "other_windows"
        case .ownWindow: "own_window"
        }
      var metadata = [
        ("kind", "text"), ("words", "\(it.words)"), ("sentences", "\(it.sentences)"),
        ("sentence_words", "\(it.sentenceWords)"), ("embedding", "\(it.embedding)"), ("kernel", "\(it.kernel)"),
        ("channels", "\(it.channels)"), ("context", "\(it.context)"), ("steps_ahead", "\(it.stepsAhead)"),
        ("pool", pool), ("learning_rate", "2e-4"), ("normalisation", it.normalisation.rawValue),
        ("score", it.score.name), ("accumulate", "\(accumulate)"),
      ]
      if case .cosine(temperature: let temperature) = it.score { metadata.append(("temperature", "\(temperature)")) }
      return metadata
    }
  }

  static let cases: [Case] = {
    var cases: [Case] = []
    for (i, strategy) in NegativeStrategy.allCases.enumerated() {
      cases.append(
        Case(1 + i) {
          $0.strategy = strategy
          $0.specification.kernel = [1, 3, 5][i % 3]
        })
    }
    cases.append(Case(11) { $0.negatives = 5 })
    cases.append(
      Case(12) {
        ($0.specification.normalisation, $0.specification.kernel, $0.accumulate) = (.channel, 3, 2)
      })
    cases.append(Case(13) { ($0.specification.normalisation, $0.specification.score) = (.channel, .mean) })
    cases.append(Case(14) { $0.specification.score = .cosine(temperature: 0.3) })
    cases.append(
      Case(15) {
        $0.specification = TextSpecification()
        ($0.specification.words, $0.specification.embedding, $0.specification.kernel) = (500, 62, 3)
        ($0.specification.channels, $0.specification.context, $0.windows) = (96, 80, 8)
      })
    // The published width, wider sentences, few words.
    cases.append(
      Case(16) {
        $0.specification = TextSpecification()
        ($0.specification.words, $0.specification.embedding, $0.specification.sentenceWords) = (60, 48, 300)
        ($0.specification.channels, $0.specification.context, $0.windows) = (64, 64, 2)
      })
    return cases
  }()

  /// Encoder, context and loss together, in double precision.
  @Test(arguments: cases.prefix(9)) func gradientsAgreeWithFiniteDifferences(test: Case) {
    let model = test.makeModel(Double.self)
    // In the small, some unit may see next to nothing of one sign.
    leavePlateau(model, by: 1.5)
    // And words are so near to each other that differences would be those of rounding.
    let words = model.parameters[0]
    for i in 0..<words.count { words.value.pointer[i] *= 10 }
    words.noteChange()
    fillWithWords(model, test.specification, seed: test.seed)
    model.forward()
    _ = model.backward()
    for parameter in model.parameters {
      var (difference, size) = (0.0, 0.0)
      for i in stride(from: 0, to: parameter.count, by: max(1, parameter.count / 40)) {
        let numeric = numericGradient(of: parameter, i, in: model)
        difference += (numeric - parameter.gradient[i]) * (numeric - parameter.gradient[i])
        size += numeric * numeric
      }
      #expect(size > 0, "\(parameter.name)")
      #expect((difference / size).squareRoot() < 1e-6, "\(parameter.name): \((difference / size).squareRoot())")
    }
  }

  /// Whole training steps beside PyTorch: loss, every gradient, and the parameters after some updates of Adam, of the
  /// words' vectors by SparseAdam.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: cases)
  func agreesWithPyTorch(test: Case) throws {
    let folder = try TemporaryFolder()
    let workers = Workers(count: 2)
    let model = test.makeModel(Float.self)
    let adam = Adam(model.parameters)
    var arrays: [(name: String, shape: [Int], values: [Float])] = []
    func keep(_ prefix: String, _ buffer: (Parameter<Float>) -> Buffer<Float>) {
      for parameter in model.parameters {
        arrays.append((prefix + parameter.name, parameter.shape, parameter.elements(of: buffer(parameter))))
      }
    }
    keep("before.") { $0.value }
    var (inputs, losses, drawn): ([Float], [Float], [Float]) = ([], [], [])
    for update in 0..<test.updates {
      adam.clearGradients()
      for batch in update * test.accumulate..<(update + 1) * test.accumulate {
        fillWithWords(model, test.specification, seed: test.seed, batch: batch)
        for w in 0..<test.windows { inputs += Array(model.input(w)) }
        model.forward()
        losses += model.backward(batch: batch).losses.map { Float($0) }
        if batch == 0 { keep("gradient.") { $0.gradient } }
        drawn += draws(model, batch: batch)
      }
      adam.update(learningRate: 2e-4, gradientScale: 1 / Double(test.accumulate), workers)
    }
    keep("after.") { $0.value }
    let batches = test.updates * test.accumulate
    arrays.append(("input", [batches, test.windows, test.specification.inputCount], inputs))
    arrays.append(("losses", [batches, test.specification.stepsAhead], losses))
    if let negatives = test.negatives {
      let anchors = test.windows * model.lattice.anchors(steps: test.specification.stepsAhead)
      arrays.append(("drawn", [batches, test.specification.stepsAhead, anchors, negatives], drawn))
    }
    try writeTensors(arrays, metadata: test.metadata, to: folder("case"))
    let result = try Python.run([Python.tool("parity.py"), folder("case")])
    #expect(result.status == 0, "\(result.output)")
    print("parity with PyTorch, \(test): \(result.output)", terminator: "")
  }

  /// A sentence's context knows nothing of the sentences that it is to predict, nor of other windows.
  @Test(arguments: [1, 3]) func contextsKnowThePastAlone(kernel: Int) {
    let test = Case(3) { $0.specification.kernel = kernel }
    let model = test.makeModel(Float.self)
    let (sentences, words) = (test.specification.sentences, test.specification.sentenceWords)
    fillWithWords(model, test.specification, seed: 2)
    func rows() -> [[Float]] {
      model.forward()
      return (0..<model.windows).flatMap { w in
        (0..<sentences).map { s in (0..<model.units).map { model.contexts(w)[s * model.units + $0] } }
      }
    }
    let before = rows()
    for window in 0..<model.windows {
      for sentence in 0..<sentences {
        let first = model.input(window).baseAddress! + sentence * words
        let kept = first[0]
        first[0] = kept == 0 ? 1 : kept - 1
        let after = rows()
        first[0] = kept
        for (i, row) in after.enumerated() {
          let knows = i / sentences == window && i % sentences >= sentence
          #expect((row == before[i]) == !knows, "context \(i) of window \(window), sentence \(sentence)")
        }
      }
    }
  }

  /// Six sentences and three steps: each anchor and what it is to predict.
  @Test func predictions() {
    let specification = TextSpecification()
    let lattice = specification.lattice
    #expect(lattice == Lattice(rows: 6) && lattice.anchors(steps: specification.steps) == 3)
    let pairs = (1...3).map { step in (0..<3).map { [$0, lattice.target(of: $0, step: step)] } }
    #expect(pairs == [[[0, 1], [1, 2], [2, 3]], [[0, 2], [1, 3], [2, 4]], [[0, 3], [1, 4], [2, 5]]])
  }

  /// Drawn negatives of every strategy: never the positive, and of the windows that the strategy names.
  @Test(arguments: NegativeStrategy.allCases) func negativesAreNoPositives(strategy: NegativeStrategy) throws {
    let test = Case(4) { ($0.strategy, $0.negatives) = (strategy, 3) }
    let model = test.makeModel(Float.self)
    let sampler = try #require(model.loss.sampler)
    var latents = [Int32](repeating: 0, count: 3)
    for batch in 0..<20 {
      for (window, anchor, step) in (0..<3).flatMap({ w in (0..<2).flatMap { a in (1...2).map { (w, a, $0) } } }) {
        latents.withUnsafeMutableBufferPointer {
          sampler.draw(batch: batch, window: window, position: anchor, step: step, into: $0)
        }
        #expect(Set(latents).count == 3 && !latents.contains(Int32(4 * window + anchor + step)))
        for latent in latents {
          switch strategy.pool {
          case .batch: #expect(latent < 12)
          case .otherWindows: #expect(Int(latent) / 4 != window)
          case .ownWindow: #expect(Int(latent) / 4 == window)
          }
        }
      }
    }
  }

  private func draws(_ model: ContrastiveModel<Float>, batch: Int) -> [Float] {
    guard let sampler = model.loss.sampler else { return [] }
    let steps = model.loss.heads.count
    var all: [Float] = []
    var latents = [Int32](repeating: 0, count: sampler.count)
    for step in 1...steps {
      for window in 0..<model.windows {
        for position in 0..<model.lattice.anchors(steps: steps) {
          latents.withUnsafeMutableBufferPointer {
            sampler.draw(batch: batch, window: window, position: position, step: step, into: $0)
          }
          all += latents.map { Float($0) }
        }
      }
    }
    return all
  }
}
