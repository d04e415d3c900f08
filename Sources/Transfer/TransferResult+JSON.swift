public import OrderedJSON

extension TransferResult {
  /// The result as a JSON object, keys in fixed order. Accuracies are shares of 1.
  ///
  /// - Parameter facts: what the caller knows of the vectors.
  public func json(facts: JSONObject = JSONObject()) -> JSONObject {
    var all: JSONObject = ["kind": .string("transfer"), "title": .string("\(set), \(title)")]
    var known: JSONObject = ["features": .string(title)]
    for (key, value) in facts.members { known[key] = value }
    all["facts"] = .object(known)
    all["set"] = .string(set)
    all["protocol"] = .string(transferProtocol.rawValue)
    all["protocol_description"] = .string(transferProtocol.description(hasTest: hasTestPart))
    all["columns"] = columns.map { .int($0) } ?? .null
    all["accuracy"] = .real(accuracy)
    all["deviation"] = .real(deviation)
    all["deviation_of"] = .string(hasTestPart ? "share of test sentences" : "folds")
    all["accuracies"] = .array(accuracies.map { .real($0) })
    all["published"] = published.map { .real($0) } ?? .null
    all["strengths"] = .array(chosen.map { .real($0) })
    all["validation_accuracy"] = validationAccuracy.map { .real($0) } ?? .null
    all["fits"] = .int(fits)
    all["unconverged_fits"] = .int(unconvergedFits)
    all["sentences"] = .int(sentences)
    all["test_sentences"] = .int(testSentences)
    all["empty_sentences"] = .int(emptySentences)
    all["left_out"] = .int(leftOut)
    all["classes"] = .array(zip(classes, classCounts).map { .array([.string($0), .int($1)]) })
    all["repeats"] = .object([
      "repeated": .int(repeats.repeated), "contradictory": .int(repeats.contradictory),
      "test_in_training": .int(repeats.testInTraining), "test_contradicted": .int(repeats.testContradicted),
    ])
    all["coverage"] = coverage?.json ?? .null
    return all
  }
}

extension WordCoverage {
  fileprivate var json: JSON {
    .object([
      "words": .int(words), "known_words": .int(knownWords), "different_words": .int(differentWords),
      "different_known_words": .int(differentKnownWords), "blind_sentences": .int(blindSentences),
      "unknown": .array(unknown.map { .array([.string($0.text), .int($0.count)]) }),
    ])
  }
}
