import FileIO
import Plots

/// What is known about how a result came to be, as texts by name in the order of the file.
public struct Facts: Sendable {
  public let all: [(name: String, text: String)]

  init(_ all: [(name: String, text: String)]) { self.all = all }

  public subscript(name: String) -> String? { all.first { isSame($0.name, name) }?.text }

  /// Whether the features were trained on utterances of the test part.
  public var isTransductive: Bool {
    guard let text = self["transductive"]?.asciiLowercased else { return false }
    return text.begins(with: "yes") || isSame(text, "true") || isSame(text, "1")
  }

  /// What a number cannot be compared without, for the line below a result's name.
  var summary: String {
    let units = [
      ("labels", "labels: ", ""), ("speakers", "", " speakers"), ("hours", "", " h"), ("updates", "", " updates"),
      ("precision", "", ""), ("split", "split: ", ""), ("seed", "seed ", ""),
    ]
    return units.compactMap { name, before, unit in
      self[name].map { text in before + text + (Double(text) == nil ? "" : unit) }
    }.joined(separator: " · ")
  }
}
