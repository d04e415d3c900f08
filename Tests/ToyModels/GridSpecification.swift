public import Kernels
public import Models
import Networks
public import OrderedJSON
public import Sampling

/// A model of a kind that the product does not know: windows of three lines of five cells, in two planes, become the input
/// of ``ToyEncoder``.
public struct GridSpecification: ModelSpecification, Equatable {
  public static let kind = "grid"

  public var steps = 2
  public var precision = Precision.single
  /// How much chance moves the numbers of a training window.
  public var jitter: Float = 0.01

  public init() {}

  public init(settings: JSONObject) throws {
    let reader = SettingsReader(settings, of: "the grid")
    steps = try reader.value("steps_ahead") { $0.intValue }
    precision = try reader.choice("precision")
    jitter = try reader.value("jitter") { $0.doubleValue.map { Float($0) } }
  }

  public var json: JSONObject {
    ["steps_ahead": .int(steps), "precision": .string(precision.rawValue), "jitter": .real(jitter)]
  }

  public func validate() {}

  public var lattice: Lattice { Lattice(rows: 3, columns: 5) }
  public var channels: Int { 4 }
  public var units: Int { 3 }
  public var window: Int { 3 }
  public var inputCount: Int { 60 }
  public var payload: [(plane: String, bytes: Int)] { [("cells", 99), ("marks", 3)] }

  public func makeModel<Element: Operand>(
    _: Element.Type, windows: Int, pool: CandidatePool, negatives: Int?, seed: UInt64, workers: Workers, training: Bool
  ) -> ContrastiveModel<Element> {
    let encoder = ToyEncoder<Element>(windows: windows)
    return ContrastiveModel(
      encoder, ToyContext<Element>(lattice, windows: windows), windows: windows, steps: steps, pool: pool,
      negatives: negatives, seed: seed, workers: workers, training: training)
  }

  public func makeTransform(for windows: some PayloadSource) -> any InputTransform {
    var sum = 0
    for i in 0..<windows.windowCount {
      windows.withPayload(i, epoch: 0) { payload in
        sum += payload.elements("cells", as: UInt8.self).reduce(0) { $0 + Int($1) }
      }
    }
    return GridTransform(mean: Float(sum) / Float(99 * windows.windowCount), jitter: jitter)
  }

  public static func transform(metadata: (String) -> String?) -> (any InputTransform)? {
    guard let mean = metadata("grid.mean").flatMap({ Float($0) }),
      let jitter = metadata("grid.jitter").flatMap({ Float($0) })
    else { return nil }
    return GridTransform(mean: mean, jitter: jitter)
  }
}

/// Three numbers of each cell, and its line's mark.
public struct GridTransform: InputTransform, Equatable {
  public let mean: Float
  public let jitter: Float

  public var metadata: [(key: String, value: String)] { [("grid.mean", "\(mean)"), ("grid.jitter", "\(jitter)")] }
  public var facts: JSONObject { ["mean": .real(mean)] }

  public func apply(_ payload: Payload, _ random: RandomStream?, to output: UnsafeMutableBufferPointer<Float>) {
    let cells = payload.elements("cells", as: UInt8.self)
    let marks = payload.elements("marks", as: UInt8.self)
    for cell in 0..<15 {
      for i in 0..<4 {
        let value = i < 3 ? cells[33 * (cell / 5) + 6 * (cell % 5) + i] : marks[cell / 5]
        let chance = random.map { Float($0.normal(UInt64(4 * cell + i))) } ?? 0
        output[4 * cell + i] = (Float(value) - mean) / 64 + jitter * chance
      }
    }
  }
}
