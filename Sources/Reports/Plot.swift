import FileIO
public import Plots

/// A chart of a report, by the name that people ask for it by.
public struct NamedPlot: Sendable {
  public let name: String
  public let chart: any Chart
  /// What should be known to read it.
  let caption: String
  /// As wide as the page.
  var isWide = false
}

extension Report {
  /// Every chart that the inputs make, in the order of the page. The second of a kind is called `confusion-2`, and so on.
  public var plots: [NamedPlot] {
    var counts: [Name: Int] = [:]
    return (runPlots + stepPlots + probePlots + tablePlots + orderedProbes.flatMap { detailPlots(of: $0) } + pointPlots)
      .map {
        counts[Name($0.name), default: 0] += 1
        let count = counts[Name($0.name)]!
        let name = count == 1 ? $0.name : "\($0.name)-\(count)"
        return NamedPlot(name: name, chart: $0.chart, caption: $0.caption, isWide: $0.isWide)
      }
  }

  /// The names that ``plots`` can have.
  public static let plotNames: [(name: String, what: String)] = [
    ("training-loss", "loss on each run's own task"),
    ("training-accuracy", "top-1 accuracy one step ahead, on each run's own task"),
    ("held-out-loss", "the same loss on held-out windows"),
    ("held-out-accuracy", "top-1 accuracy one step ahead, held out"),
    ("common-loss", "loss on the task that all runs share"),
    ("common-accuracy", "top-1 accuracy one step ahead on that task"),
    ("steps-top1", "top-1 accuracy by step ahead, last validation (Figure 3)"),
    ("steps-pairwise", "how often the true latent scores above one other (Figure 3)"),
    ("probes-phone", "accuracy of phone probes beside the paper's"),
    ("probes-speaker", "the same for speakers, and so on for other targets"),
    ("strategies", "phone accuracy by where negatives are from (Table 2)"),
    ("steps", "phone accuracy by steps predicted (Table 2)"),
    ("recall", "recall by class of a probe"),
    ("confusion", "confusion matrix of a probe"),
    ("tsne", "points of a t-SNE file"),
  ]
}
