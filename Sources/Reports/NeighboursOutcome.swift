import FileIO
import OrderedJSON
import Plots

/// Pictures or sentences and what lies nearest to each, as its JSON says: `"kind": "neighbours"`.
public struct NeighboursOutcome: Sendable {
  public var title: String
  public var facts: Facts
  public var samples: [(sample: Sample, neighbours: [Sample])]

  public struct Sample: Sendable {
    /// What it is called, and its class if it has one.
    public var id: String
    public var label: String?
    /// PNG in Base64.
    public var picture: String?
    public var text: String?
    public var cosine: Double?

    init(_ fields: Fields) throws {
      let id = try fields.require(fields.text("id"), "id", "a text")
      self.id = try fields.count("sentence").map { "\(id), sentence \($0)" } ?? id
      label = try fields.text("class")
      text = try fields.text("text")
      cosine = try fields.number("cosine")
      picture = try fields.text("picture")
      let others = picture?.utf8.first { byte in
        !(0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte || Array("+/=".utf8).contains(byte))
      }
      guard others == nil else { throw fields.failure("picture", "PNG in Base64") }
    }
  }

  init(_ fields: Fields) throws {
    title = try fields.text("title") ?? "Neighbours"
    facts = Facts(try fields.facts("facts"))
    func sample(_ value: JSON, _ key: String, _ fields: Fields) throws -> Fields {
      guard let object = value.objectValue else { throw fields.failure(key, "a list of objects") }
      return Fields(object, path: fields.path, place: key)
    }
    samples = try fields.require(fields.list("samples"), "samples", "a list of objects").map { value in
      let one = try sample(value, "samples", fields)
      let near = try one.require(one.list("neighbours"), "neighbours", "a list of objects")
      return (try Sample(one), try near.map { try Sample(sample($0, "neighbours", one)) })
    }
  }
}

extension NeighboursOutcome.Sample {
  /// A picture beside others, or a sentence below others.
  var html: String {
    let below = [label, cosine.map { fixed($0, 2) }].compactMap { $0 }.joined(separator: " · ")
    let small = below.isEmpty ? "" : "<small>\(escaped(below))</small>"
    if let picture {
      return
        "<span title=\"\(escaped(id))\"><img alt=\"\(escaped(id))\" src=\"data:image/png;base64,\(picture)\">\(small)</span>"
    }
    return "<p title=\"\(escaped(id))\">\(escaped(text ?? id))\(small)</p>"
  }
}

extension Report {
  /// What features put near each other, to be looked at.
  var neighboursSection: String {
    neighbours.map { outcome in
      "<h3>\(escaped(outcome.title))</h3>\n" + paragraph(outcome.facts.summary, style: "note")
        + table(
          ["sample", "nearest of others, and the cosine"],
          outcome.samples.map { sample, near in
            [Cell(html: sample.html), Cell(html: near.map(\.html).joined())]
          }, style: "near") + details("What it is of", terms(outcome.facts.all))
    }.joined()
  }
}
