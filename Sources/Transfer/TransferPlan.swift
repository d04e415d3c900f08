/// Which sentences of a set take part, and how a protocol divides them.
package struct TransferPlan {
  /// Places in ``TransferPlan/sentences``, in the protocol's order.
  package struct Division {
    package var training: [Int]
    package var test: [Int]
  }

  package let sentences: [LabelledSentence]
  package let divisions: [Division]
  /// Sentences that are left out because there is no word in them.
  package let leftOut: Int
  /// Sentences without words that take part.
  package let empty: Int
  package let repeats: Repeats

  package init(_ set: TransferSet, _ transferProtocol: TransferProtocol) throws {
    func selected(_ all: [LabelledSentence]) -> [LabelledSentence] {
      transferProtocol.keepsEmpty ? all : all.filter { !$0.text.isEmpty }
    }
    let training = selected(set.sentences)
    let test = set.test.map(selected)
    sentences = training + (test ?? [])
    empty = sentences.count { $0.text.isEmpty }
    leftOut = set.all.count - sentences.count
    let order = transferProtocol.order(training)
    if let test {
      divisions = [Division(training: order, test: (0..<test.count).map { training.count + $0 })]
    } else {
      divisions = try Self.divide(order, training, transferProtocol)
    }
    repeats = Repeats(sentences, training: 0..<training.count, divisions.map { ($0.training, $0.test) })
  }

  package func innerDivisions(of outer: Division, _ transferProtocol: TransferProtocol) throws -> [Division] {
    try Self.divide(outer.training, sentences, transferProtocol)
  }

  private static func divide(
    _ places: [Int], _ sentences: [LabelledSentence], _ transferProtocol: TransferProtocol
  ) throws -> [Division] {
    try transferProtocol.divide(places.map { sentences[$0].label }).map { test in
      var isTest = [Bool](repeating: false, count: places.count)
      for i in test { isTest[i] = true }
      return Division(
        training: places.indices.filter { !isTest[$0] }.map { places[$0] }, test: test.map { places[$0] })
    }
  }
}
