import RealModule

/// How the step size moves after the warm-up.
public enum LearningRateSchedule: String, Sendable, CaseIterable {
  case constant
  /// Half a cosine, from the whole rate down to nearly zero at the last update.
  case cosine
}

extension TrainingConfiguration {
  /// Step size of update 1, 2, …: rises linearly over the warm-up, then follows the schedule.
  public func learningRate(update: Int) -> Double {
    if update <= warmup { return learningRate * Double(update) / Double(warmup) }
    switch schedule {
    case .constant: return learningRate
    case .cosine:
      let progress = Double(update - 1 - warmup) / Double(max(1, updates - warmup))
      return learningRate * 0.5 * (1 + Double.cos(.pi * progress))
    }
  }
}
