import Models
import OrderedJSON

/// Where the time of some updates went. Nothing of it is in the log or in checkpoints, which are the same each time.
final class PhaseClock {
  private(set) var updates = 0
  private var durations = [Duration](repeating: .zero, count: UpdatePhase.allCases.count)
  private var last = ContinuousClock.now

  /// Time until now belongs to no phase.
  func restart() { last = .now }

  /// Time since the end of the phase before belongs to `phase`.
  func end(_ phase: UpdatePhase) {
    let now = ContinuousClock.now
    durations[UpdatePhase.allCases.firstIndex(of: phase)!] += now - last
    last = now
  }

  func endUpdate() { updates += 1 }

  func reset() {
    updates = 0
    for i in durations.indices { durations[i] = .zero }
  }

  func seconds(_ phase: UpdatePhase) -> Double {
    durations[UpdatePhase.allCases.firstIndex(of: phase)!].seconds
  }

  var seconds: Double { durations.reduce(.zero, +).seconds }

  /// A line of timing.jsonl.
  func line(update: Int, windowsPerUpdate: Int) -> JSONObject {
    let perUpdate = { (seconds: Double) in JSON.real((1000 * seconds / Double(self.updates)).rounded(to: 100)) }
    var phases = JSONObject()
    for phase in UpdatePhase.allCases { phases[phase.rawValue] = perUpdate(seconds(phase)) }
    return [
      "type": .string("timing"), "update": .int(update),
      "windows_per_second": .real((Double(updates * windowsPerUpdate) / seconds).rounded(to: 100)),
      "milliseconds_per_update": perUpdate(seconds), "milliseconds_by_phase": .object(phases),
      "data_wait_seconds": .real(seconds(.data).rounded(to: 10_000)),
    ]
  }
}

extension Duration {
  var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
