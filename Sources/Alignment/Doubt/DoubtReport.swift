import Corpora
import Manifests
import OrderedJSON
import RealModule

/// What is known of an utterance that was aligned, for judging it beside the others.
struct AlignedUtterance: Sendable {
  var id: String
  var group: String
  var speaker: Int
  var fit: Fit
  /// Phones without silence, and how many frames each lasts.
  var phones: [UInt8]
  var durations: [UInt16]
}

/// Ranks aligned utterances by how much there is to doubt.
///
/// Each utterance is compared with the others of its speaker (log-likelihood, mismatch) and its phones with those of the
/// corpus (durations, and how many phones are as short as can be). Each measure becomes a number of standard deviations,
/// from median and median absolute deviation, so that the bad ones do not hide themselves, but for the short phones of
/// ``ShortPhones``; the doubt is the sum of those that speak against the utterance.
public struct DoubtReport: Sendable {
  /// An utterance and what there is to say against it.
  public struct Item: Sendable {
    public var id: String
    public var group: String
    /// Nil where nothing could be aligned.
    public var doubt: Double?
    public var reasons: [String]
    var fit: Fit?
  }

  /// Worst first.
  public let items: [Item]

  /// From here on a measure is given as a reason.
  private static let remarkable = 3.0
  private static let leastOthers = 8

  /// - Parameters:
  ///   - unaligned: what no path goes through; these come first.
  ///   - leastFrames: of a phone.
  init(
    _ utterances: [AlignedUtterance], unaligned: [ManifestEntry], phoneNames: [String], leastFrames: Int
  ) {
    let likelihood = Self.deviations(utterances.map { -Double($0.fit.likelihood) }, by: utterances.map(\.speaker))
    let mismatch = Self.deviations(utterances.map { Double($0.fit.mismatch) }, by: utterances.map(\.speaker))
    let lengths = PhoneLengths(utterances, phones: phoneNames.count)
    let everyone = [Int](repeating: 0, count: utterances.count)
    let oddness = utterances.map(lengths.oddness)
    let odd = Self.deviations(oddness, by: everyone)
    let shortRuns = utterances.map { Self.longestRun($0.durations, atMost: leastFrames) }
    let shortCounts = utterances.map { $0.durations.count { $0 <= leastFrames } }
    let short = ShortPhones.deviations(of: shortCounts, among: utterances.map(\.durations.count))

    let impossible = unaligned.map {
      Item(id: $0.id, group: $0.group, doubt: nil, reasons: ["too short for its transcript"], fit: nil)
    }
    let possible = utterances.indices.map { i in
      var reasons: [String] = []
      func note(_ deviation: Double, _ text: String) {
        if deviation >= Self.remarkable { reasons.append("\(Self.decimal(deviation)) standard deviations: \(text)") }
      }
      note(mismatch[i], "other phones fit better than those of the transcript")
      note(likelihood[i], "less likely than the speaker's other utterances")
      note(odd[i], "phones of unusual length")
      note(short[i], "\(shortCounts[i]) of \(utterances[i].durations.count) phones as short as can be")
      if shortRuns[i] >= 6 { reasons.append("\(shortRuns[i]) phones in a row as short as can be") }
      if let worst = lengths.longest(utterances[i]) {
        reasons.append("\(phoneNames[worst.phone]) of \(Self.decimal(Double(worst.frames) / 100)) s")
      }
      let doubt = [mismatch[i], likelihood[i], odd[i], short[i]].reduce(0) { $0 + max(0, $1) }
      return Item(
        id: utterances[i].id, group: utterances[i].group, doubt: doubt, reasons: reasons, fit: utterances[i].fit)
    }
    items = impossible + possible.sorted { ($1.doubt!, $0.id) < ($0.doubt!, $1.id) }
  }

  /// JSON Lines, worst first.
  public var lines: [UInt8] {
    var bytes: [UInt8] = []
    for (rank, item) in items.enumerated() {
      func number(_ value: Double?, _ unit: Double) -> JSON { value.map { .real(Self.rounded($0, unit)) } ?? .null }
      let object: JSONObject = [
        "rank": .int(rank + 1), "id": .string(item.id), "group": .string(item.group), "doubt": number(item.doubt, 100),
        "reasons": .array(item.reasons.map { .string($0) }),
        "log_likelihood_per_frame": number(item.fit.map { Double($0.likelihood) }, 1000),
        "mismatch_per_frame": number(item.fit.map { Double($0.mismatch) }, 1000),
      ]
      JSON.object(object).write(to: &bytes)
      bytes.append(UInt8(ascii: "\n"))
    }
    return bytes
  }

  /// How many standard deviations each value lies above the median of its class; of all, if the class is small.
  static func deviations(_ values: [Double], by classes: [Int]) -> [Double] {
    var members = [[Double]](repeating: [], count: (classes.max() ?? -1) + 1)
    for (value, c) in zip(values, classes) { members[c].append(value) }
    let all = Spread(values)
    let spreads = members.map { $0.count >= leastOthers ? Spread($0) : all }
    return zip(values, classes).map { value, c in (value - spreads[c].median) / spreads[c].deviation }
  }

  private static func longestRun(_ durations: [UInt16], atMost limit: Int) -> Int {
    var (longest, run) = (0, 0)
    for duration in durations {
      run = duration <= limit ? run + 1 : 0
      longest = max(longest, run)
    }
    return longest
  }

  private static func rounded(_ value: Double, _ unit: Double) -> Double { (value * unit).rounded() / unit }
  private static func decimal(_ value: Double) -> String { "\(rounded(value, 10))" }
}

/// Median, and 1.4826 times the median absolute deviation, which is a Gaussian's standard deviation.
struct Spread {
  var median: Double
  var deviation: Double

  init(_ values: [Double]) {
    median = Self.median(values)
    let middle = median
    deviation = max(1.4826 * Self.median(values.map { abs($0 - middle) }), 1e-3)
  }

  private static func median(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let sorted = values.sorted()
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// How many phones of an utterance are as short as can be. Most utterances have none, so their median tells no deviation;
/// that of so many independent draws from the phones of the corpus does, and lets one short phone of three be chance.
package enum ShortPhones {
  /// The share among all phones is taken for no less: to be without any in a small corpus proves little.
  private static let leastShare = 0.02

  /// How many standard deviations of a binomial distribution each count lies above what the corpus lets expect.
  package static func deviations(of counts: [Int], among totals: [Int]) -> [Double] {
    let share = Double(counts.reduce(0, +)) / Double(max(1, totals.reduce(0, +)))
    let expected = min(max(share, leastShare), 1 - leastShare)
    return zip(counts, totals).map { count, total in
      let total = Double(total)
      return total > 0 ? (Double(count) - expected * total) / (expected * (1 - expected) * total).squareRoot() : 0
    }
  }
}

/// How long each phone lasts in the corpus.
struct PhoneLengths {
  /// Of the logarithms of durations in frames; nil for phones too rare to tell.
  private let spreads: [Spread?]

  init(_ utterances: [AlignedUtterance], phones: Int) {
    var logarithms = [[Double]](repeating: [], count: phones)
    for utterance in utterances {
      for (phone, duration) in zip(utterance.phones, utterance.durations) {
        logarithms[Int(phone)].append(Double.log(Double(duration)))
      }
    }
    spreads = logarithms.map { values in
      guard values.count >= 20 else { return nil }
      var spread = Spread(values)
      // Durations are whole frames: many are equal, and their spread must not vanish.
      spread.deviation = max(spread.deviation, 0.2)
      return spread
    }
  }

  private func deviation(_ phone: UInt8, _ duration: UInt16) -> Double {
    guard let spread = spreads[Int(phone)] else { return 0 }
    return (Double.log(Double(duration)) - spread.median) / spread.deviation
  }

  /// Mean square of the deviations, each counted up to 5.
  func oddness(_ utterance: AlignedUtterance) -> Double {
    let squares = zip(utterance.phones, utterance.durations).map { phone, duration in
      let deviation = min(abs(deviation(phone, duration)), 5)
      return deviation * deviation
    }
    return squares.reduce(0, +) / Double(max(1, squares.count))
  }

  /// The phone that is longest for what it is, if that is remarkable.
  func longest(_ utterance: AlignedUtterance) -> (phone: Int, frames: Int)? {
    let all = zip(utterance.phones, utterance.durations).map { (deviation($0, $1), Int($0), Int($1)) }
    guard let worst = all.max(by: { $0.0 < $1.0 }), worst.0 >= 4.5 else { return nil }
    return (worst.1, worst.2)
  }
}
