import FileIO
import Kernels
import Text
import Transfer

/// Sets of made sentences, each of one word, whose vectors are known: normal noise about the means of classes.
struct Made: SentenceVectors {
  var set: TransferSet
  let title = "made"
  let columns: Int
  let rules = TextRules()
  private var rows: [Name: [Float]] = [:]

  /// - Parameters:
  ///   - shares: How many sentences a class has.
  ///   - test: Sentences at the end that are the set's test part.
  ///   - copies: Sentences that come again, every second one with another label.
  init(seed: UInt64, shares: [Int], columns: Int, separation: Double, test: Int = 0, copies: Int = 0) {
    self.columns = columns
    let random = RandomStream(seed: seed, purpose: .tests)
    var drawn: UInt64 = 0
    func normal() -> Double {
      drawn += 1
      return random.normal(drawn)
    }
    let means = shares.map { _ in (0..<columns).map { _ in separation * normal() } }
    var labels = shares.enumerated().flatMap { repeatElement(Int32($0), count: $1) }
    for i in stride(from: labels.count - 1, to: 0, by: -1) {
      drawn += 1
      labels.swapAt(i, random.integer(drawn, below: i + 1))
    }
    var sentences: [LabelledSentence] = []
    for (i, label) in labels.enumerated() {
      // Of one to four words, of which the last is known: lengths matter to an order.
      let text = String(repeating: "a ", count: i * 7 % 4) + "w\(i)"
      sentences.append(LabelledSentence(text, label: label))
      // Scales differ from column to column.
      rows[Name("w\(i)")] = (0..<columns).map { Float((means[Int(label)][$0] + normal()) * (0.05 + Double($0 % 5))) }
    }
    for i in 0..<copies {
      var copy = sentences[i * 3]
      if i % 2 == 0 { copy.label = (copy.label + 1) % Int32(shares.count) }
      sentences.append(copy)
    }
    let split = sentences.count - test
    set = TransferSet(
      name: "made", classes: shares.indices.map { "\($0)" }, sentences: Array(sentences[..<split]),
      test: test > 0 ? Array(sentences[split...]) : nil)
  }

  func encode(_ sentences: [[String]], into vectors: Matrix<Float>, _ workers: Workers) throws -> WordCoverage {
    for (i, words) in sentences.enumerated() {
      let vector = words.last.flatMap { rows[Name($0)] } ?? Array(repeating: 0, count: columns)
      for j in 0..<columns { vectors.row(i)[j] = vector[j] }
    }
    return WordCoverage()
  }
}
