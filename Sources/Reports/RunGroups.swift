import FileIO

/// Probes of runs that differ in their seed alone, as a row of Table 2.
struct RunGroup {
  var name: String
  var published: Double?
  var probes: [ProbeOutcome]

  var mean: Double { probes.reduce(0) { $0 + $1.accuracy } / Double(probes.count) }

  /// Between runs; nil of one.
  var deviation: Double? {
    guard probes.count > 1 else { return nil }
    let sum = probes.reduce(0) { $0 + ($1.accuracy - mean) * ($1.accuracy - mean) }
    return (sum / Double(probes.count - 1)).squareRoot()
  }

  var range: ClosedRange<Double>? { deviation.map { mean - $0...mean + $0 } ?? probes.first?.interval }
}

extension Report {
  private func contextProbes(_ isWanted: (Facts) -> Bool) -> [ProbeOutcome] {
    probes(of: "phone").filter { !$0.hasHiddenLayer && $0.features == .cpc && isWanted($0.facts) }
  }

  /// Rows for `kinds`, each of probes whose features had the same number of updates; only of numbers of updates with
  /// several kinds, because others compare nothing.
  private func groups(
    _ probes: [ProbeOutcome], _ kinds: [(name: String, published: Double?)], kind: (ProbeOutcome) -> String
  ) -> [RunGroup] {
    var budgets: [String?] = []
    for probe in probes where !budgets.contains(where: { isSame($0, probe.facts["updates"]) }) {
      budgets.append(probe.facts["updates"])
    }
    let tables = budgets.map { budget in
      kinds.compactMap { name, published -> RunGroup? in
        let some = probes.filter { isSame($0.facts["updates"], budget) && isSame(kind($0), name) }
        return some.isEmpty ? nil : RunGroup(name: name, published: published, probes: some)
      }
    }.filter { $0.count > 1 }
    guard tables.count > 1 else { return tables.first ?? [] }
    return tables.flatMap { table in
      table.map { group in
        var group = group
        group.name += group.probes[0].facts["updates"].map { ", \($0) updates" } ?? ", updates not stated"
        return group
      }
    }
  }

  /// Table 2 by strategy, of runs with the paper's 12 steps or whose steps are not stated.
  var strategies: [RunGroup] {
    let probes = contextProbes { $0["negatives"] != nil && isSame($0["steps_ahead"] ?? "12", "12") }
    return groups(probes, Paper.strategies.map { ($0.name, $0.accuracy) }) { $0.facts["negatives"] ?? "" }
  }

  /// Table 2 by steps ahead, of runs with mixed speakers or whose negatives are not stated.
  var steps: [RunGroup] {
    let probes = contextProbes {
      $0["steps_ahead"].flatMap { Int($0) } != nil && isSame($0["negatives"] ?? "mixed-speaker", "mixed-speaker")
    }
    let counts = Set(probes.compactMap { $0.facts["steps_ahead"].flatMap { Int($0) } }).sorted()
    let kinds = counts.map { count in
      (name: "\(count)", published: Paper.steps.first { $0.count == count }?.accuracy)
    }
    return groups(probes, kinds) { $0.facts["steps_ahead"].flatMap { Int($0) }.map { "\($0)" } ?? "" }
  }

  /// The probes of a target without those that Table 2 has, but for its row that Table 1 has too.
  func firstTable(_ target: String) -> [ProbeOutcome] {
    guard target == "phone" else { return probes(of: target) }
    let hasStrategies = !strategies.isEmpty
    let hasSteps = !steps.isEmpty
    return probes(of: target).filter { probe in
      let isOther = probe.features == .cpc && !probe.hasHiddenLayer
      return !(isOther && (hasStrategies && !probe.isMixedSpeaker || hasSteps && !probe.isTwelveSteps))
    }
  }
}
