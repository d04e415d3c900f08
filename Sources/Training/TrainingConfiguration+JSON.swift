import Kernels
public import Models
import Networks
public import OrderedJSON
import Sampling

extension TrainingConfiguration {
  /// What determines the numbers of a run, as checkpoints and `config.json` hold it. How often a run is logged and saved
  /// does not.
  public var json: JSONObject {
    var settings: JSONObject = [
      "model": .string(type(of: specification).kind), "negatives": .string(negatives.rawValue),
      "num_negatives": negativeCount.map { .int($0) } ?? .string("all"), "crop": .string(crop.rawValue),
    ]
    for (key, value) in specification.json.members { settings[key] = value }
    let rest: JSONObject = [
      "batch": .int(batch), "accumulate": .int(accumulate), "learning_rate": .real(learningRate),
      "schedule": .string(schedule.rawValue), "warmup": .int(warmup), "clip": .real(clip), "seed": .int(seed),
      "updates": .int(updates), "valid_fraction": .real(validFraction), "valid_batches": .int(validBatches),
      "valid_every": .int(validEvery), "buffer": .int(buffer),
    ]
    for (key, value) in rest.members { settings[key] = value }
    return settings
  }

  /// How often a run is logged and saved, which determines no number: `config.json` alone holds it.
  public var bookkeeping: JSONObject {
    ["log_every": .int(logEvery), "checkpoint_every": .int(checkpointEvery), "keep": .int(keep)]
  }

  /// Reads what ``json`` and ``bookkeeping`` make, among other keys that are passed over. A setting that is not there has
  /// its default, which is what was before there was a choice, but for the model's.
  ///
  /// - Throws: a `Failure` of kind `corrupt` that names the setting that is wrong.
  public init(settings: JSONObject, kinds: ModelKinds = .all) throws {
    self.init()
    specification = try kinds.type(of: settings).init(settings: settings)
    let reader = SettingsReader(settings, of: "the run")
    try reader.choose("negatives", &negatives)
    try reader.choose("crop", &crop)
    try reader.choose("schedule", &schedule)
    try reader.read("num_negatives", &negativeCount) { $0.stringValue == "all" ? .some(nil) : $0.intValue.map { $0 } }
    try reader.read("learning_rate", &learningRate) { $0.doubleValue }
    try reader.read("clip", &clip) { $0.doubleValue }
    try reader.read("valid_fraction", &validFraction) { $0.doubleValue }
    try reader.read("seed", &seed) { if case .number(let text) = $0 { UInt64(text) } else { nil } }
    try reader.count("batch", &batch)
    try reader.count("accumulate", &accumulate)
    try reader.count("warmup", &warmup)
    try reader.count("updates", &updates)
    try reader.count("valid_batches", &validBatches)
    try reader.count("valid_every", &validEvery)
    try reader.count("buffer", &buffer)
    try reader.count("log_every", &logEvery)
    try reader.count("checkpoint_every", &checkpointEvery)
    try reader.count("keep", &keep)
  }
}
