import Kernels
import Models
import Networks
public import OrderedJSON
import Sampling

extension TrainingConfiguration {
  /// What determines the numbers of a run, as checkpoints and `config.json` hold it. How often a run is logged and saved
  /// does not.
  public var json: JSONObject {
    var settings: JSONObject = [
      "model": .string(ModelSpecification.kind), "negatives": .string(negatives.rawValue),
      "num_negatives": negativeCount.map { .int($0) } ?? .string("all"), "crop": .string(crop.rawValue),
      "input": .string(input.rawValue),
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
}
