import FileIO
import OrderedJSON

/// Phone discriminability, as its JSON says: `"kind": "abx"`.
public struct ABXOutcome: Sendable {
  public var title: String
  public var facts: Facts
  /// Fractions of triples; nil where there was nothing to compare.
  public var within: Double?
  public var across: Double?
  public var definition: String
  /// How many, as texts: of both, or of each.
  public var cells: String?
  public var triples: String?

  init(_ fields: Fields) throws {
    title = try fields.text("title") ?? "ABX"
    facts = Facts(try fields.facts("facts"))
    definition = try fields.text("definition") ?? "definition not stated"
    within = try Self.error("within", fields)
    across = try Self.error("across", fields)
    guard within != nil || across != nil else { throw fields.failure("within", "a fraction from 0 to 1") }
    cells = try Self.count("cells", fields)
    triples = try Self.count("triples", fields)
  }

  /// A fraction, or an object with `error_percent`.
  private static func error(_ key: String, _ fields: Fields) throws -> Double? {
    guard fields.object[key]?.objectValue != nil else { return try fields.fraction(key) }
    guard let percent = try fields.fields(key)?.number("error_percent") else { return nil }
    guard (0...100).contains(percent) else { throw fields.failure(key, "per cent from 0 to 100") }
    return percent / 100
  }

  /// One number, or one within and one across speakers.
  private static func count(_ key: String, _ fields: Fields) throws -> String? {
    if fields.object[key]?.objectValue == nil, let count = try fields.count(key) { return "\(count)" }
    let inner = try fields.fields(key)
    let counts = try ["within", "across"].map { name in
      try inner?.count(name) ?? (fields.object[name]?.objectValue == nil ? nil : fields.fields(name)?.count(key))
    }
    guard counts.contains(where: { $0 != nil }) else { return nil }
    return counts.map { $0.map { "\($0)" } ?? "–" }.joined(separator: " / ")
  }
}

/// Points in a plane, as t-SNE's JSON says: `"kind": "tsne"`.
public struct PointsOutcome: Sendable {
  public var title: String
  public var facts: Facts
  public var points: [(x: Double, y: Double)]
  public var labels: [Int]
  public var names: [String]

  init(_ fields: Fields) throws {
    title = try fields.text("title") ?? "t-SNE"
    facts = Facts(try fields.facts("facts"))
    let names = try fields.require(fields.texts("names"), "names", "a list of texts")
    self.names = names
    points = try fields.require(fields.list("points"), "points", "a list of [x, y]").map { point in
      let place = (point.arrayValue ?? []).map(\.finite)
      guard place.count == 2, let x = place[0], let y = place[1] else {
        throw fields.failure("points", "a list of [x, y]")
      }
      return (x, y)
    }
    labels = try fields.require(fields.list("labels"), "labels", "a list of places in \"names\"").map { label in
      guard let label = label.intValue, names.indices.contains(label) else {
        throw fields.failure("labels", "places in \"names\", from 0 to \(names.count - 1),")
      }
      return label
    }
    guard labels.count == points.count else {
      throw fields.failure("labels", "one for each of \(points.count) points")
    }
  }
}
