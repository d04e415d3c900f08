import Models
import Networks
import OrderedJSON

/// How far a run has come: what later updates, lines of the log and checkpoints depend on, beside the parameters and
/// the optimiser's state.
public struct TrainingState: Sendable, Equatable {
  /// Updates made.
  public var update = 0
  /// The last update after which the model was validated.
  public var validated = 0
  /// The validation with the smallest loss so far.
  public var best: Best?
  /// What the next line of the log will hold.
  var interval = TrainingInterval()

  public struct Best: Sendable, Equatable {
    public var update: Int
    public var loss: Double

    public init(update: Int, loss: Double) {
      self.update = update
      self.loss = loss
    }
  }

  public init() {}

  var json: JSON {
    .object([
      "validated": .int(validated),
      "best": best.map { .object(["update": .int($0.update), "loss": .real($0.loss)]) } ?? .null,
      "interval": interval.json,
    ])
  }

  /// Whether a run with these settings can have come so far.
  func fits(_ configuration: TrainingConfiguration) -> Bool {
    let metrics = interval.metrics
    return (0...configuration.updates).contains(update) && (0...update).contains(validated)
      && (metrics == nil || metrics!.steps.count == configuration.specification.steps)
      && (metrics == nil || metrics!.candidates == configuration.candidates)
  }

  /// Nil if `json` is not what ``json`` makes.
  init?(update: Int, _ json: JSON) {
    guard let validated = json["validated"]?.intValue, let best = json["best"],
      let interval = json["interval"].flatMap({ TrainingInterval($0) })
    else { return nil }
    self.update = update
    self.validated = validated
    self.interval = interval
    guard best != .null else { return }
    guard let update = best["update"]?.intValue, let loss = best["loss"]?.doubleValue else { return nil }
    self.best = Best(update: update, loss: loss)
  }
}

/// What happened since the last line of the log, as sums.
struct TrainingInterval: Sendable, Equatable {
  var metrics: ContrastiveMetrics?
  var updates = 0
  var batches = 0
  var gradientNorms = 0.0
  var speakers = 0

  init() {}

  mutating func add(_ update: ContrastiveMetrics, batches: Int, gradientNorm: Double, speakers: Int) {
    if metrics == nil { metrics = update } else { metrics!.add(update) }
    updates += 1
    self.batches += batches
    gradientNorms += gradientNorm
    self.speakers += speakers
  }

  /// The mean over its updates.
  var gradientNorm: Double { gradientNorms / Double(updates) }

  /// A line of the log: means over the interval's updates.
  func line(update: Int, learningRate: Double) -> JSONObject {
    var line: JSONObject = ["type": .string("train"), "update": .int(update)]
    if let metrics { line.append(metrics) }
    line["learning_rate"] = .real(learningRate)
    line["gradient_norm"] = .real(gradientNorm.rounded(to: 1e6))
    line["speakers_per_batch"] = .real((Double(speakers) / Double(batches)).rounded(to: 100))
    return line
  }

  var json: JSON {
    guard let metrics else { return .null }
    return .object([
      "updates": .int(updates), "batches": .int(batches), "gradient_norms": .real(gradientNorms),
      "speakers": .int(speakers), "anchors": .int(metrics.anchors), "candidates": .int(metrics.candidates),
      "loss": .array(metrics.steps.map { .real($0.loss) }), "first": .array(metrics.steps.map { .int($0.first) }),
      "below": .array(metrics.steps.map { .int($0.below) }),
    ])
  }

  init?(_ json: JSON) {
    guard json != .null else { return }
    func integers(_ key: String) -> [Int]? { json[key]?.arrayValue?.compactMap { $0.intValue } }
    guard let updates = json["updates"]?.intValue, let batches = json["batches"]?.intValue,
      let norms = json["gradient_norms"]?.doubleValue, let speakers = json["speakers"]?.intValue,
      let anchors = json["anchors"]?.intValue, let candidates = json["candidates"]?.intValue,
      let losses = json["loss"]?.arrayValue?.compactMap({ $0.doubleValue }), let first = integers("first"),
      let below = integers("below"), losses.count == first.count, first.count == below.count
    else { return nil }
    (self.updates, self.batches, gradientNorms, self.speakers) = (updates, batches, norms, speakers)
    let steps = losses.indices.map { ContrastiveMetrics.Step(loss: losses[$0], first: first[$0], below: below[$0]) }
    metrics = ContrastiveMetrics(steps: steps, anchors: anchors, candidates: candidates)
  }
}
