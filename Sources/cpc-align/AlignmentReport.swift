import Alignment
import CommandSupport
import OrderedJSON

/// What is said when everything is aligned.
struct AlignmentReport {
  let summary: AlignmentSummary
  let pronouncer: Pronouncer
  /// How many of the problems are no failures.
  let warnings: Int

  private static let mostWords = 8

  func lines(trained: Bool, report: String?, oov: String?) -> [String] {
    let seconds = summary.seconds
    let problems = summary.problems - warnings
    var lines = [
      "\(grouped(summary.aligned)) of \(counted(summary.utterances, "utterance")) aligned, "
        + "\(counted(summary.speakers, "speaker")), \(hours(samples: summary.samples)) hours"
        + (warnings > 0 ? ", \(counted(warnings, "warning"))" : "")
        + (problems > 0 ? ", \(counted(problems, "problem")), named above" : ""),
      "  \(grouped(summary.model.gaussianCount)) Gaussians"
        + (summary.logLikelihoodPerFrame.map { ", log-likelihood \(decimal($0)) a frame" } ?? "")
        + "; reading \(decimal(seconds.reading)) s, " + (trained ? "training \(decimal(seconds.training)) s, " : "")
        + "alignment \(decimal(seconds.alignment)) s",
    ]
    let unknown = pronouncer.unknownWords
    if !unknown.isEmpty {
      let tokens = unknown.reduce(0) { $0 + $1.count }
      lines.append(
        "  \(grouped(tokens)) of \(counted(pronouncer.words, "word")) (\(grouped(unknown.count)) different ones) are not in "
          + "the lexicon: \(frequent(unknown))" + (oov.map { "; all of them: \($0)" } ?? ""))
    }
    let noises = pronouncer.noiseWords
    if !noises.isEmpty { lines.append("  taken for noise (SPN): \(frequent(noises))") }
    if summary.silentWords > 0 {
      lines.append("  \(counted(summary.silentWords, "word")) without times: their pronunciation is silence")
    }
    let doubtful = summary.doubt.items.prefix { !$0.reasons.isEmpty }
    if let worst = doubtful.first {
      lines.append("  most doubtful: \(worst.id): \(worst.reasons.joined(separator: "; "))")
    }
    if let report { lines.append("  what to doubt, worst first: \(report)") }
    return lines
  }

  var json: JSON {
    .object([
      "utterances": .int(summary.utterances), "aligned": .int(summary.aligned), "groups": .int(summary.speakers),
      "samples": .int(summary.samples), "problems": .int(summary.problems - warnings), "warnings": .int(warnings),
      "gaussians": .int(summary.model.gaussianCount),
      "log_likelihood_per_frame": summary.logLikelihoodPerFrame.map { .real(rounded($0)) } ?? .null,
      "words": .int(pronouncer.words), "silent_words": .int(summary.silentWords),
      "unknown_words": words(pronouncer.unknownWords), "noise_words": words(pronouncer.noiseWords),
      "seconds": .object([
        "reading": .real(rounded(summary.seconds.reading)), "training": .real(rounded(summary.seconds.training)),
        "alignment": .real(rounded(summary.seconds.alignment)),
      ]),
    ])
  }

  private func words(_ list: [(word: String, count: Int)]) -> JSON {
    .array(list.map { .array([.string($0.word), .int($0.count)]) })
  }

  private func frequent(_ list: [(word: String, count: Int)]) -> String {
    let shown = list.prefix(Self.mostWords).map { $0.count > 1 ? "\($0.word) (\($0.count))" : $0.word }
    return shown.joined(separator: ", ") + (list.count > shown.count ? ", …" : "")
  }

  private func rounded(_ value: Double) -> Double { (value * 1000).rounded() / 1000 }
  private func decimal(_ value: Double) -> String { "\((value * 10).rounded() / 10)" }
}
