import FileIO
import Kernels
import OrderedJSON
import Testing
import Text
import Transfer

/// What is said of results, and the floors.
@Suite struct ResultTests {
  private let workers = Workers(count: 2)

  @Test func repeatsAreCounted() throws {
    var sentences = (0..<40).map { LabelledSentence("w\($0)", label: Int32($0 % 2)) }
    sentences += [LabelledSentence("w0", label: 0), LabelledSentence("w0", label: 1), LabelledSentence("w1", label: 1)]
    let test = [("w0", 0), ("w2", 1), ("w3", 1), ("new", 0)].map { LabelledSentence($0.0, label: $0.1) }
    let divided = TransferSet(name: "x", classes: ["0", "1"], sentences: sentences, test: test)
    let repeats = try TransferPlan(divided, .senteval).repeats
    #expect(repeats.repeated == 3 && repeats.contradictory == 1)
    #expect(repeats.testInTraining == 3 && repeats.testContradicted == 1)
    // Over folds, copies that are in one fold do not count.
    let whole = TransferSet(name: "x", classes: ["0", "1"], sentences: sentences)
    let plan = try TransferPlan(whole, .skipThoughts)
    let counted = plan.divisions.reduce(0) { sum, division in
      let known = Set(division.training.map { sentences[$0].text })
      return sum + division.test.count { known.contains(sentences[$0].text) }
    }
    #expect(plan.repeats.testInTraining == counted && counted > 0)
  }

  @Test func emptySentencesAreKeptOrLeftOutAsTheProtocolHasIt() throws {
    let sentences = (0..<30).map { LabelledSentence($0 == 7 ? "" : "w\($0)", label: Int32($0 % 2)) }
    let set = TransferSet(name: "x", classes: ["0", "1"], sentences: sentences)
    let (kept, left) = (try TransferPlan(set, .senteval), try TransferPlan(set, .skipThoughts))
    #expect(kept.empty == 1 && kept.leftOut == 0 && kept.sentences.count == 30)
    #expect(left.empty == 0 && left.leftOut == 1 && left.sentences.count == 29)
  }

  private struct Table: WordLookup {
    let columns = 2
    func vector(of word: String) -> [Float]? { word == "up" ? [1, 2] : word == "down" ? [-1, 4] : nil }
  }

  @Test func meansAreOverKnownWordsAndCoverageIsTold() throws {
    let mean = MeanOfWords(Table(), title: "mean")
    let buffer = Buffer<Float>([9, 9, 9, 9, 9, 9])
    let coverage = try mean.encode([["up", "up", "x", "down"], [], ["x", "y"]], into: buffer.matrix(2), workers)
    #expect(buffer.array == [Float(1) / 3, Float(8) / 3, 0, 0, 0, 0])
    #expect(coverage.words == 6 && coverage.knownWords == 3 && coverage.sentences == 3 && coverage.blindSentences == 2)
    #expect(coverage.differentWords == 4 && coverage.differentKnownWords == 2)
    #expect(coverage.unknown.map(\.text) == ["x", "y"] && coverage.unknown.map(\.count) == [2, 1])
  }

  @Test func randomVectorsAreFunctionsOfTheWord() throws {
    let (a, b) = (RandomWords(columns: 8, seed: 1), RandomWords(columns: 8, seed: 2))
    #expect(a.vector(of: "word") == RandomWords(columns: 8, seed: 1).vector(of: "word"))
    #expect(a.vector(of: "word") != a.vector(of: "words") && a.vector(of: "word") != b.vector(of: "word"))
    let numbers = (0..<1000).flatMap { a.vector(of: "w\($0)")! }.map { Double($0) }
    #expect(abs(numbers.reduce(0, +) / 8000) < 0.05)
    #expect(abs(numbers.reduce(0) { $0 + $1 * $1 } / 8000 - 1) < 0.06)
  }

  @Test func wordsTellWhatOnlyTheyTell() throws {
    // A class has its own words, and the mean of random vectors knows them again.
    let sentences = (0..<300).map { i in
      LabelledSentence("the word\(i % 2 * 20 + i / 2 % 20) of a sentence", label: Int32(i % 2))
    }
    let set = TransferSet(name: "Subj", classes: ["0", "1"], sentences: sentences)
    let probe = TransferProbe(.senteval, workers)
    let vectors = MeanOfWords(RandomWords(columns: 60), title: "mean of random vectors")
    let result = try probe.run(set, by: vectors)
    #expect(result.accuracy > 0.97 && result.accuracies.count == 10 && result.chosen.count == 10)
    #expect(result.coverage?.knownWords == 1500 && result.columns == 60 && result.fits == 610)
    let majority = try probe.majority(set)
    #expect(majority.accuracy == 0.5 && majority.deviation == 0 && majority.coverage == nil)
    // The same at any number of threads.
    #expect(try TransferProbe(.senteval, Workers(count: 5)).run(set, by: vectors) == result)
    // A fold's accuracy is that of the class that is most frequent where it is trained.
    let uneven = TransferSet(
      name: "x", classes: ["a", "b"], sentences: (0..<100).map { LabelledSentence("w\($0)", label: $0 < 70 ? 1 : 0) },
      test: (0..<10).map { LabelledSentence("t\($0)", label: $0 < 3 ? 1 : 0) })
    #expect(try probe.majority(uneven).accuracies == [0.3])
    let text = TransferTable([majority, result]).text
    #expect(text.contains("CPC (the paper)") && text.contains("91.2") && text.contains("50.0 ±0.0"), "\(text)")
    #expect(!TransferTable([try probe.majority(uneven)]).text.contains("paper"))
    #expect(TransferTable([majority]).latex.hasPrefix("majority class & 50.0 \\\\\n"))
    let lines = TransferTable([majority, result]).csv.split(separator: "\r\n")
    #expect(lines.count == 21 && lines[11].hasPrefix("mean of random vectors,Subj,senteval,1,"))
    let json = result.json(facts: ["seed": .int(0)])
    #expect(json["kind"]?.stringValue == "transfer" && json["published"]?.doubleValue == 0.912)
    #expect(json["accuracies"]?.arrayValue?.count == 10 && json["coverage"]?["known_words"]?.intValue == 1500)
    #expect(json["facts"]?["features"]?.stringValue == "mean of random vectors")
  }

  @Test func vectorsOfNoNumbersAreRefused() throws {
    struct Bad: WordLookup {
      let columns = 3
      func vector(of word: String) -> [Float]? { [1, .nan, 2] }
    }
    let set = TransferSet(
      name: "x", classes: ["a", "b"], sentences: (0..<40).map { LabelledSentence("w", label: Int32($0 % 2)) })
    #expect(throws: Failure.self) {
      try TransferProbe(.senteval, workers).run(set, by: MeanOfWords(Bad(), title: "bad"))
    }
    // All alike: nothing to learn from, and nothing to fail at.
    let alike = try TransferProbe(.skipThoughts, workers).run(set, by: MeanOfWords(Table(), title: "none known"))
    #expect(alike.coverage?.blindSentences == 40 && alike.unconvergedFits == 0)
  }
}
