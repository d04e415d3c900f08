import FileIO
import Plots

/// What van den Oord et al. (2018), arXiv:1807.03748, report about speech, as fractions of frames.
enum Paper {
  static let conditions = """
    On LibriSpeech train-clean-100: 251 speakers, 100 h, phones aligned with Kaldi, the authors' split by utterance, about \
    300,000 updates of 64 windows; the precision is not stated.
    """

  /// What the rows of Table 1 are about.
  enum Features: String, CaseIterable {
    case random = "random initialisation"
    case mfcc = "MFCC"
    case cpc = "CPC"
    case supervised = "supervised"

    /// By the words of a description; nil for what the paper does not have, as z, or HuBERT.
    init?(_ description: String) {
      let words = description.asciiLowercased.utf8
        .split { !(0x61...0x7a ~= $0 || 0x30...0x39 ~= $0) }.map { Name(String($0) ?? "") }
      func has(_ names: String...) -> Bool { names.contains { words.contains(Name($0)) } }
      if has("random") {
        self = .random
      } else if has("mfcc", "mfccs") {
        self = .mfcc
      } else if has("supervised") {
        self = .supervised
      } else if has("cpc", "c", "context", "contexts"), !has("z", "latent", "latents", "zc", "cz") {
        self = .cpc
      } else {
        return nil
      }
    }
  }

  /// Table 1, and the probe of one hidden layer in its text.
  static func accuracy(target: String, _ features: Features, hasHiddenLayer: Bool) -> Double? {
    switch (target, hasHiddenLayer) {
    case ("phone", false):
      switch features {
      case .random: 0.276
      case .mfcc: 0.397
      case .cpc: 0.646
      case .supervised: 0.746
      }
    case ("phone", true): features == .cpc ? 0.725 : nil
    case ("speaker", false):
      switch features {
      case .random: 0.0187
      case .mfcc: 0.176
      case .cpc: 0.974
      case .supervised: 0.985
      }
    default: nil
    }
  }

  /// Table 1's numbers for a target in a sentence; nil for targets that it has not.
  static func sentence(target: String) -> String? {
    let numbers = Features.allCases.compactMap { features -> String? in
      guard let accuracy = accuracy(target: target, features, hasHiddenLayer: false) else { return nil }
      let hidden = Self.accuracy(target: target, features, hasHiddenLayer: true)
      return "\(features.rawValue) \(percent(accuracy))"
        + (hidden.map { " (\(percent($0)) with one hidden layer)" } ?? "")
    }
    return numbers.isEmpty ? nil : "The paper's numbers: \(numbers.joined(separator: ", ")). \(conditions)"
  }

  /// Table 2's numbers in a sentence.
  static var tableTwo: String {
    let ahead = steps.map { "\($0.count) \(percent($0.accuracy))" }.joined(separator: ", ")
    let negatives = strategies.map { "\($0.name) \(percent($0.accuracy))" }.joined(separator: ", ")
    return "The paper's Table 2, by steps ahead: \(ahead); by negatives: \(negatives). \(conditions)"
  }

  /// Table 2: phone accuracy by how many steps ahead are predicted.
  static let steps: [(count: Int, accuracy: Double)] = [(2, 0.285), (4, 0.576), (8, 0.636), (12, 0.646), (16, 0.638)]

  /// Table 2: phone accuracy by where the negatives are from.
  static let strategies: [(name: String, accuracy: Double)] = [
    ("mixed-speaker", 0.646), ("same-speaker", 0.655), ("mixed-speaker-excl", 0.573), ("same-speaker-excl", 0.646),
    ("current-sequence", 0.652),
  ]

  /// Published ABX errors on LibriSpeech's dev-clean (ZeroSpeech 2021's leaderboard), within and across speakers.
  static let abx: [(name: String, within: Double, across: Double)] = [
    ("random", 0.494, 0.499), ("CPC-big", 0.0343, 0.0417), ("HuBERT, iteration 3", 0.0326, 0.0381),
  ]
}

extension ProbeOutcome {
  var features: Paper.Features? { facts["features"].flatMap { Paper.Features($0) } }
  /// Both also where it is not stated.
  var isMixedSpeaker: Bool { isSame(facts["negatives"] ?? "mixed-speaker", "mixed-speaker") }
  var isTwelveSteps: Bool { isSame(facts["steps_ahead"] ?? "12", "12") }

  /// The paper's number for the same target, features, probe, steps and negatives.
  var published: Double? {
    guard let features else { return nil }
    if features == .cpc, !isMixedSpeaker || !isTwelveSteps {
      guard target == "phone", !hasHiddenLayer, isMixedSpeaker || isTwelveSteps else { return nil }
      return isTwelveSteps
        ? Paper.strategies.first { isSame($0.name, facts["negatives"]) }?.accuracy
        : Paper.steps.first { "\($0.count)" == facts["steps_ahead"] ?? "" }?.accuracy
    }
    return Paper.accuracy(target: target, features, hasHiddenLayer: hasHiddenLayer)
  }
}

/// A fraction as people read it: two digits after the point below 10 %.
func percent(_ value: Double) -> String { "\(fixed(100 * value, abs(value) < 0.0995 ? 2 : 1)) %" }

func percent(_ value: Double?) -> String { value.map { percent($0) } ?? "–" }
