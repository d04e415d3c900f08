import FileIO
import Plots

/// What runs and results came to, beside the paper: charts by name, and one page that needs nothing else.
public struct Report: Sendable {
  public var title: String
  /// Of learning curves: whether updates stand on a logarithmic axis.
  public var isLogarithmic: Bool
  public private(set) var runs: [Run] = []
  public private(set) var probes: [ProbeOutcome] = []
  public private(set) var abx: [ABXOutcome] = []
  public private(set) var points: [PointsOutcome] = []
  public private(set) var transfer: [TransferOutcome] = []
  public private(set) var neighbours: [NeighboursOutcome] = []

  public init(_ inputs: [ReportInput], title: String? = nil, isLogarithmic: Bool = false) {
    self.isLogarithmic = isLogarithmic
    self.title = title ?? "Contrastive predictive coding"
    for input in inputs {
      switch input {
      case .run(let run): runs.append(run)
      case .probe(let probe): probes.append(probe)
      case .abx(let outcome): abx.append(outcome)
      case .points(let outcome): points.append(outcome)
      case .transfer(let outcome): transfer.append(outcome)
      case .neighbours(let outcome): neighbours.append(outcome)
      }
    }
    let names = runs.map { Name($0.name) }
    for i in runs.indices where names.count(where: { $0 == names[i] }) > 1 { runs[i].name = runs[i].path }
  }

  /// What was left out of the inputs, for people.
  public var notes: [String] { runs.flatMap(\.notes) }

  /// One chart as a file of its own.
  public func svg(_ name: String) throws -> String {
    let plots = plots
    guard let plot = plots.first(where: { isSame($0.name, name) }) else {
      let names = plots.map(\.name).joined(separator: ", ")
      throw Failure(
        .usage, "the inputs make no plot '\(name)'", hint: names.isEmpty ? "they make none" : "they make \(names)")
    }
    return try plot.chart.svg()
  }
}
