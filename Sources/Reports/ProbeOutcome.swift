import FileIO
import OrderedJSON

/// What a probe came to, as its JSON says: `"kind": "probe"`.
public struct ProbeOutcome: Sendable {
  public struct Class: Sendable {
    public var name: String
    public var trainFrames: Int
    public var testFrames: Int
    /// Nil where there was nothing to find, or nothing was found.
    public var recall: Double?
    public var precision: Double?
  }

  public var title: String
  public var facts: Facts
  /// Fractions of frames.
  public var accuracy: Double
  public var interval: ClosedRange<Double>?
  /// The accuracy on frames of all classes but one, silence.
  public var without: (name: String, accuracy: Double)?
  /// The class that has most frames, and the accuracy of who always says it.
  public var majority: (name: String, accuracy: Double)?
  public var utteranceAccuracy: Double?
  public var classes: [Class]
  /// For each class of the frames, how many were taken for each class; empty if it was not written.
  public var confusion: [[Int]]
  public var hasHiddenLayer: Bool
  /// Whether a linear probe was fitted by stochastic gradient descent.
  public var descends: Bool
  /// Of the hidden layer.
  public var width: Int?

  init(_ fields: Fields) throws {
    title = try fields.text("title") ?? "probe"
    facts = Facts(try fields.facts("facts"))
    accuracy = try fields.require(fields.fraction("accuracy"), "accuracy", "a fraction from 0 to 1")
    if let ends = try fields.numbers("interval") {
      guard ends.count == 2, let low = ends[0], let high = ends[1], 0 <= low, low <= high, high <= 1 else {
        throw fields.failure("interval", "two fractions, the lower one first,")
      }
      interval = low...high
    }
    func named(_ key: String) throws -> (name: String, accuracy: Double)? {
      guard let inner = try fields.fields(key) else { return nil }
      return (
        try inner.require(inner.text("class"), "class", "a text"),
        try inner.require(inner.fraction("accuracy"), "accuracy", "a fraction from 0 to 1")
      )
    }
    without = try named("without")
    majority = try named("majority")
    utteranceAccuracy = try fields.fraction("utterance_accuracy")
    classes = try (fields.list("classes") ?? []).map { row in
      func isRate(_ value: JSON) -> Bool { value == .null || value.fraction != nil }
      guard let cells = row.arrayValue, cells.count >= 5, let name = cells[0].stringValue,
        let train = cells[1].intValue, let test = cells[2].intValue, train >= 0, test >= 0, isRate(cells[3]),
        isRate(cells[4])
      else { throw fields.failure("classes", "rows of name, train frames, test frames, recall and precision") }
      return Class(
        name: name, trainFrames: train, testFrames: test, recall: cells[3].fraction, precision: cells[4].fraction)
    }
    confusion = try (fields.list("confusion") ?? []).map { row in
      let counts = (row.arrayValue ?? []).map { $0.intValue ?? -1 }
      guard !counts.isEmpty, counts.allSatisfy({ $0 >= 0 }) else {
        throw fields.failure("confusion", "rows of whole numbers")
      }
      return counts
    }
    let count = classes.count
    guard confusion.isEmpty || (confusion.count == count && confusion.allSatisfy { $0.count == count }) else {
      throw fields.failure("confusion", "\(count) rows of \(count) numbers, as there are classes,")
    }
    let probe = try fields.text("probe") ?? "linear"
    guard ["linear", "hidden-layer", "sgd"].map(Name.init).contains(Name(probe)) else {
      throw fields.failure("probe", "\"linear\", \"hidden-layer\" or \"sgd\"")
    }
    hasHiddenLayer = isSame(probe, "hidden-layer")
    descends = isSame(probe, "sgd")
    width = try fields.count("width")
  }

  /// What the frames' labels are: `phone` or `speaker` for those of the paper, also where they are called phones or groups.
  var target: String {
    let target = (facts["target"] ?? "unknown").asciiLowercased
    if target.begins(with: "phone") { return "phone" }
    return target.begins(with: "speaker") || target.begins(with: "group") ? "speaker" : target
  }

  var probe: String {
    if hasHiddenLayer { return "one hidden layer" + (width.map { " of \($0)" } ?? "") }
    return descends ? "linear probe by gradient descent" : "linear probe"
  }

  /// For charts and tables.
  var name: String { (facts["features"] ?? title) + (hasHiddenLayer ? ", hidden layer" : descends ? ", sgd" : "") }
}
