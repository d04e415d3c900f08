import FileIO

/// How often a class occurs.
package struct ClassCount {
  package var label: Int32
  var count: Int

  /// The classes that occur, from the most frequent to the rarest, of equals the smaller number first.
  package static func sorted(_ labels: [Int32]) -> [ClassCount] {
    var counts: [Int] = []
    for label in labels {
      let label = Int(label)
      if label >= counts.count { counts.append(contentsOf: repeatElement(0, count: label + 1 - counts.count)) }
      counts[label] += 1
    }
    return counts.indices.filter { counts[$0] > 0 }.map { ClassCount(label: Int32($0), count: counts[$0]) }
      .sorted { ($0.count, $1.label) > ($1.count, $0.label) }
  }

  /// For each class its place; −1 for those that are not among them.
  package static func places(_ classes: [Int32]) -> [Int32] {
    var places = [Int32](repeating: -1, count: Int(classes.max() ?? -1) + 1)
    for (place, label) in classes.enumerated() { places[Int(label)] = Int32(place) }
    return places
  }

  static func tooFew(_ count: Int) -> Failure {
    Failure(
      .badInput, count == 0 ? "there is no frame to fit a probe to" : "all frames to fit a probe to are of one class",
      hint: "a probe tells at least two classes apart; look at the labels and at which utterances are to be fitted")
  }
}
