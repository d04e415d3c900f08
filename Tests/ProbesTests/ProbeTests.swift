import FileIO
import Kernels
import OrderedJSON
import Probes
import Synchronization
import Testing

@Suite struct ProbeTests {
  private static let workers = Workers(count: 2)

  private static func settings(_ kind: ProbeSettings.Kind = .linear) -> ProbeSettings {
    var settings = ProbeSettings()
    settings.kind = kind
    settings.seed = 5
    settings.resamples = 200
    settings.hidden.width = 24
    settings.hidden.batch = 64
    settings.hidden.maximumEpochs = 12
    settings.without = 0
    return settings
  }

  private static let phones = Synthetic(seed: 30, utterances: 24, frames: 50, columns: 8, classes: 5, separation: 0.8)
  private static let speakers = Synthetic(
    seed: 31, utterances: 40, frames: 30, columns: 8, classes: 4, separation: 0.4, isUtteranceOfOneClass: true)

  private static func run(_ data: ProbeData, _ settings: ProbeSettings) throws -> ProbeResult {
    try Probe(settings, workers).run(data, target: "phone")
  }

  /// Everything but what the test part says.
  private static func withoutTest(_ result: ProbeResult) -> [String] {
    [
      "\(result.candidates)", "\(result.fit)", "\(result.training)", "\(result.dev)", "\(result.majority.className)",
      "\(result.classes.map(\.trainingFrames))", "\(result.features)",
    ]
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func poisonInTheTestPartChangesNothingElse(kind: ProbeSettings.Kind) throws {
    var settings = Self.settings(kind)
    if kind == .hidden { settings.l2 = [0, 1e-3] }
    let clean = try Self.run(try Self.phones.data(), settings)
    var poisoned = Self.phones
    var count = 0
    for i in 0..<poisoned.rows where poisoned.utterances[i] % 4 == 3 {
      poisoned.labels[i] = Int32(4 - i % 3)
      for j in 0..<8 { poisoned.numbers[i * 8 + j] = (i + j) % 2 == 0 ? 3e37 : -2e30 }
      count += 1
    }
    let result = try Self.run(try poisoned.data(), settings)
    #expect(count == 300 && result.test.frames == 300)
    #expect(Self.withoutTest(result) == Self.withoutTest(clean))
    #expect(result.accuracy != clean.accuracy && result.confusion != clean.confusion)
    // And training frames do change it.
    poisoned.numbers[3] += 1
    #expect(Self.withoutTest(try Self.run(try poisoned.data(), settings)) != Self.withoutTest(clean))
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func resultsAreTheSameAtAnyNumberOfThreads(kind: ProbeSettings.Kind) throws {
    let results = try [1, 2, 7].map {
      try Probe(Self.settings(kind), Workers(count: $0)).run(try Self.phones.data(), target: "phone")
    }
    #expect(
      results.allSatisfy {
        $0 == results[0] && JSON.object($0.json(title: "")).compact == JSON.object(results[0].json(title: "")).compact
      })
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func whatIsCountedAddsUp(kind: ProbeSettings.Kind) throws {
    var set = Self.phones
    for i in stride(from: 0, to: set.rows, by: 7) { set.labels[i] = -1 }
    // An utterance of training without any label, and one that is in neither part.
    for i in 0..<set.rows where set.utterances[i] == 4 { set.labels[i] = -3 }
    var parts: [ProbeData.Part] = (0..<24).map { $0 % 4 == 3 ? .test : .training }
    parts[6] = .neither
    let result = try Self.run(try set.data(parts: parts), Self.settings(kind))
    func rows(_ part: ProbeData.Part, _ isLabelled: Bool) -> Int {
      (0..<set.rows).count { parts[Int(set.utterances[$0])] == part && (set.labels[$0] >= 0) == isLabelled }
    }
    #expect(result.training.frames == rows(.training, true) && result.training.unlabelled == rows(.training, false))
    #expect(result.test.frames == rows(.test, true) && result.test.unlabelled == rows(.test, false))
    #expect(result.training.utterances == 16 && result.training.utterancesWithoutLabel == 1)
    #expect(result.otherFrames == 50 && result.dev.utterances == 2)
    #expect(result.confusion.flatMap { $0 }.reduce(0, +) == result.test.frames && result.overflowedFrames == 0)
    for (k, row) in result.classes.enumerated() {
      #expect(row.correct == result.confusion[k][k] && row.testFrames == result.confusion[k].reduce(0, +))
      #expect(row.predicted == result.confusion.map { $0[k] }.reduce(0, +))
    }
    let correct = result.classes.map(\.correct)
    #expect(result.accuracy == Double(correct.reduce(0, +)) / Double(result.test.frames))
    #expect(result.interval.low < result.accuracy && result.accuracy < result.interval.high)
    let others = result.test.frames - result.classes[0].testFrames
    let without = Double(correct.dropFirst().reduce(0, +)) / Double(others)
    #expect(result.without?.className == "class 0" && result.without?.frames == others)
    #expect(result.without?.accuracy == without)
    let most = result.classes.map(\.trainingFrames).max()
    let majority = result.classes.first { $0.trainingFrames == most }!
    #expect(result.majority.className == majority.name)
    #expect(result.majority.accuracy == Double(majority.testFrames) / Double(result.test.frames))
    #expect(result.accuracy > result.majority.accuracy + 0.1)
    #expect(result.utteranceAccuracy == nil)
    let best = result.candidates.map(\.accuracy).max()!
    #expect(result.fit.l2 == result.candidates.filter { $0.accuracy == best }.map(\.l2).max())
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func utterancesOfOneClassAreCounted(kind: ProbeSettings.Kind) throws {
    let result = try Self.run(try Self.speakers.data(), Self.settings(kind))
    let accuracy = try #require(result.utteranceAccuracy)
    // Of 30 frames together more is known than of one.
    #expect(accuracy > result.accuracy && (accuracy * 10).rounded() == accuracy * 10)
  }

  @Test(arguments: ProbeSettings.Kind.allCases)
  func progressIsToldOfEachFit(kind: ProbeSettings.Kind) throws {
    let told = Mutex<[Progress]>([])
    var settings = Self.settings(kind)
    settings.l2 = [1e-2, 1e-4]
    let result = try Probe(settings, Self.workers).run(try Self.phones.data(), target: "phone") { progress in
      told.withLock { $0.append(progress) }
    }
    let all = told.withLock { $0 }
    // Both candidates, and the fit to everything.
    #expect(all.count { $0.done == 1 } == 3 && all.allSatisfy { $0.unit == (kind == .linear ? "passes" : "epochs") })
    #expect(all.last!.detail.begins(with: "l2 \(result.fit.l2), loss "))
    #expect(all.count > result.fit.iterations + result.candidates[0].iterations)
  }

  @Test func classesThatOnlyTheTestHasAreErrors() throws {
    var set = Self.phones
    for i in 0..<set.rows where set.utterances[i] % 4 != 3 && set.labels[i] == 2 { set.labels[i] = 1 }
    let result = try Self.run(try set.data(), Self.settings())
    #expect(result.unseenClasses == ["class 2"] && result.unseenFrames == result.classes[2].testFrames)
    #expect(result.unseenFrames > 0 && result.classes[2].correct == 0 && result.classes[2].predicted == 0)
    #expect(result.classes[2].precision == nil && result.classes[2].recall == 0)
  }

  @Test func theDevPartFollowsTheSeed() throws {
    let data = try Self.phones.data()
    var settings = Self.settings()
    settings.devFraction = 0.5
    let results = try [UInt64(5), 5, 6].map { seed in
      settings.seed = seed
      return try Self.run(data, settings).candidates
    }
    #expect(results[0] == results[1] && results[0] != results[2])
  }

  @Test func equalAccuraciesTakeTheStrongerPenalty() throws {
    let set = Synthetic(seed: 32, utterances: 12, frames: 30, columns: 6, classes: 3, separation: 30)
    var settings = Self.settings()
    settings.l2 = [1e-6, 1e-4, 1e-5]
    let result = try Self.run(try set.data(), settings)
    #expect(result.candidates.map(\.l2) == [1e-4, 1e-5, 1e-6] && result.candidates.allSatisfy { $0.accuracy == 1 })
    #expect(result.fit.l2 == 1e-4 && result.accuracy == 1 && result.interval.low == 1)
  }

  @Test func emptyPartsAndOneClassAreErrors() throws {
    func reason(_ set: Synthetic, _ parts: [ProbeData.Part]) -> String {
      (#expect(throws: Failure.self) { try Self.run(try set.data(parts: parts), Self.settings()) })?.reason ?? ""
    }
    let set = Self.phones
    #expect(reason(set, Array(repeating: .training, count: 24)) == "the test part has no frames")
    #expect(reason(set, Array(repeating: .test, count: 24)) == "the training part has no frames")
    var one = Array(repeating: ProbeData.Part.test, count: 24)
    one[3] = .training
    #expect(reason(set, one).contains("one utterance alone"))
    var unlabelled = set
    for i in 0..<set.rows where set.utterances[i] % 4 != 3 { unlabelled.labels[i] = -1 }
    let parts: [ProbeData.Part] = (0..<24).map { $0 % 4 == 3 ? .test : .training }
    #expect(reason(unlabelled, parts) == "none of the 900 frames of the training part has a label")
    for i in 0..<set.rows where set.utterances[i] % 4 != 3 { unlabelled.labels[i] = 2 }
    #expect(reason(unlabelled, parts).contains("of one class"))
  }

  @Test func columnsThatDoNotFitAreErrors() {
    let frames = DenseFrames(columns: 2, [1, 2, 3, 4])
    func failure(_ labels: [Int32], _ utterances: [Int32]) -> Failure? {
      #expect(throws: Failure.self) {
        try ProbeData(
          frames: frames, labels: labels, classes: ["a", "b"], utterances: utterances, parts: [.training])
      }
    }
    #expect(failure([0], [0, 0])?.reason == "there are 2 frames, but labels of 1")
    #expect(failure([0, 1], [0])?.reason == "there are 2 frames, but utterances of 1")
    #expect(failure([0, 255], [0, 0])?.hint?.contains("no label") == true)
    #expect(failure([0, 2], [0, 0])?.position == "row 1")
    #expect(failure([0, 1], [0, 1])?.position == "row 1")
    #expect(ProbeData.labels(ofBytes: [0, 254, 255]) == [0, 254, -1])
  }

  @Test func settingsThatMakeNoSenseAreNamed() throws {
    let data = try Self.phones.data()
    func reason(_ change: (inout ProbeSettings) -> Void) -> String {
      var settings = Self.settings()
      change(&settings)
      let error = #expect(throws: Failure.self) { try Self.run(data, settings) }
      return error?.kind == .usage ? error!.reason : ""
    }
    #expect(reason { $0.l2 = [] }.contains("‹l2›"))
    #expect(reason { $0.l2 = [0] }.contains("‹l2›"))
    #expect(reason { $0.devFraction = 1 }.contains("dev part"))
    #expect(reason { $0.resamples = 0 }.contains("resamples"))
    #expect(reason { $0.without = 5 }.contains("leave out"))
    #expect(reason { $0.hidden.width = 0 }.contains("‹width›"))
    #expect(reason { $0.hidden.learningRate = 0 }.contains("‹learning_rate›"))
  }
}
