import FileIO
import OrderedJSON
import Plots

/// What vectors of sentences tell of a published set, as its JSON says: `"kind": "transfer"`.
public struct TransferOutcome: Sendable {
  public var set: String
  /// What the vectors are of.
  public var features: String
  public var accuracy: Double
  public var deviation: Double?
  /// Of the paper's model.
  public var published: Double?
  /// How folds and penalties were chosen.
  public var description: String
  /// Share of the words that had a vector.
  public var coverage: Double?
  public var facts: Facts

  init(_ fields: Fields) throws {
    set = try fields.require(fields.text("set"), "set", "a text")
    facts = Facts(try fields.facts("facts"))
    features = try facts["features"] ?? fields.text("title") ?? "vectors"
    accuracy = try fields.require(fields.fraction("accuracy"), "accuracy", "a fraction from 0 to 1")
    deviation = try fields.fraction("deviation")
    published = try fields.fraction("published")
    description = try fields.text("protocol_description") ?? fields.text("protocol") ?? "protocol not stated"
    let words = try fields.fields("coverage")
    if let all = try words?.count("words"), let known = try words?.count("known_words"), all > 0 {
      coverage = Double(known) / Double(all)
    }
  }
}

extension Report {
  /// Table 5 of the paper: sets side by side, ours above the paper's.
  var transferTable: String {
    guard !transfer.isEmpty else { return "" }
    func distinct(_ names: [String]) -> [String] {
      var seen: Set<Name> = []
      return names.filter { seen.insert(Name($0)).inserted }
    }
    let sets = distinct(transfer.map(\.set))
    func outcome(_ features: String, _ set: String) -> TransferOutcome? {
      transfer.last { isSame($0.features, features) && isSame($0.set, set) }
    }
    let rows = distinct(transfer.map(\.features)).map { features in
      [Cell.named(features, below: "")]
        + sets.map { set in
          guard let outcome = outcome(features, set) else { return Cell.number("–") }
          let below = [
            outcome.deviation.map { "± \(fixed(100 * $0, 1))" }, outcome.coverage.map { "\(percent($0)) of words" },
          ].compactMap { $0 }.joined(separator: ", ")
          return Cell(
            html: "<b>\(escaped(percent(outcome.accuracy)))</b>"
              + (below.isEmpty ? "" : "<small>\(escaped(below))</small>"),
            isNumber: true)
        }
    }
    let paper =
      [Cell.named("CPC (the paper)", below: "")]
      + sets.map { set in Cell.paper(transfer.last { isSame($0.set, set) && $0.published != nil }?.published) }
    let descriptions = distinct(transfer.map(\.description)).map { paragraph($0, style: "note") }.joined()
    return descriptions + table(["sentence vectors"] + sets.map { " \($0)" }, rows + [paper])
  }
}
