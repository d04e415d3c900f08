import FileIO
import Models
import Networks
import Sampling

extension TrainingConfiguration {
  /// Throws what a user asked for that cannot be: a `Failure` of kind `usage` that names the settings concerned.
  public func validate() throws {
    try require(updates > 0, "updates", "must be at least 1")
    try validateData()
    try specification.validate()
    let latents = specification.lattice.count
    let pool = negatives.pool.count(windows: batch, latents: latents) - 1
    try require(
      pool > 0, "negatives", "\(negatives.rawValue) has no candidates with \(setting: "batch") \(batch)")
    try require(
      (1...pool).contains(negativeCount ?? 1), "num_negatives",
      "must be all, or from 1 to \(pool): what \(setting: "negatives") \(negatives.rawValue) has for each anchor in "
        + "\(batch) windows of \(latents) latents")
    try require(learningRate.isFinite && learningRate > 0, "learning_rate", "must be positive")
    try require(warmup >= 0, "warmup", "must not be negative")
    try require(clip.isFinite && clip >= 0, "clip", "must be positive, or 0 for no bound")
    try require(keep >= 1, "keep", "must be at least 1")
    try require(
      validBatches > 0 && validEvery >= 0 && checkpointEvery >= 0 && logEvery >= 0, "valid_batches",
      "must be positive; \(setting: "valid_every"), \(setting: "checkpoint_every") and \(setting: "log_every") not "
        + "negative")
    try require(buffer >= batch, "buffer", "must hold at least one batch")
  }

  /// The same for what determines which windows an update takes: all that a plan is made of.
  public func validateData() throws {
    try require((1...4096).contains(batch), "batch", "must be from 1 to 4096")
    try specification.validateWindow()
    try require((1...65_536).contains(accumulate), "accumulate", "must be from 1 to 65536")
    try require((0..<1).contains(validFraction), "valid_fraction", "must be at least 0 and below 1")
  }

  private func require(_ condition: Bool, _ setting: String, _ problem: @autoclosure () -> String) throws {
    guard condition else { throw Failure(.usage, "\(setting: setting) \(problem())") }
  }
}
