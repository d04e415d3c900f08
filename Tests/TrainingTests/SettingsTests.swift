import FileIO
import Models
import Networks
import OrderedJSON
import Sampling
import Shards
import TestSupport
import Testing
import Training

/// Settings as JSON, there and back.
@Suite struct SettingsTests {
  private var unusual: TrainingConfiguration {
    var configuration = TrainingConfiguration()
    configuration.shape.window = 5120
    configuration.shape.channels = 7
    configuration.shape.normalisation = .channel
    configuration.shape.score = .cosine(temperature: 0.07)
    configuration.negatives = .sameSpeakerExcl
    configuration.negativeCount = 3
    (configuration.precision, configuration.crop, configuration.input) = (.bfloat16, .random, .window)
    (configuration.batch, configuration.accumulate, configuration.warmup) = (3, 5, 11)
    (configuration.learningRate, configuration.clip, configuration.validFraction) = (1e-5, 0.1, 0)
    (configuration.schedule, configuration.seed, configuration.updates) = (.cosine, .max, 17)
    (configuration.validBatches, configuration.validEvery, configuration.buffer) = (2, 0, 4)
    return configuration
  }

  @Test func whatIsWrittenIsRead() throws {
    for configuration in [TrainingConfiguration(), unusual] {
      let text = JSON.object(configuration.json).lines
      var settings = try #require(JSON(parsing: text).objectValue)
      #expect(try TrainingConfiguration(settings: settings).json == configuration.json)
      settings["dataset"] = .string("others are passed over")
      #expect(try TrainingConfiguration(settings: settings).json == configuration.json)
    }
  }

  @Test func whatIsWrongIsNamed() throws {
    func check(_ key: String, _ wrong: JSON) {
      var settings = unusual.json
      settings[key] = wrong
      #expect { try TrainingConfiguration(settings: settings) } throws: {
        ($0 as? Failure)?.kind == .corrupt && ($0 as? Failure)?.reason.contains("setting \(key) is") == true
      }
    }
    for key in unusual.json.members.map(\.key) where key != "temperature" {
      check(key, .string("?"))
      check(key, .bool(true))
    }
    for key in ["batch", "warmup", "seed", "window", "channels"] { check(key, .int(-1)) }
  }

  /// Runs from before there was a choice.
  @Test func whatIsMissingHasItsDefault() throws {
    var settings = TrainingConfiguration().json
    for key in ["precision", "accumulate", "schedule", "num_negatives", "crop"] { settings[key] = nil }
    #expect(try TrainingConfiguration(settings: settings).json == TrainingConfiguration().json)
  }

  @Test func verifyReadsTheConfiguration() throws {
    let folder = try TemporaryFolder()
    let run = try RunFolder(folder("run"), .refuse)
    func problems(_ settings: JSONObject) throws -> [Failure] {
      try run.writeConfiguration(settings)
      return try RunFolder.verify(folder("run")).verification.problems
    }
    #expect(try problems(unusual.json).isEmpty)
    var damaged = unusual.json
    damaged["schedule"] = .string("cosime")
    let found = try problems(damaged)
    #expect(found.count == 1 && found.first?.path == folder("run/config.json"))
    #expect(found.first?.reason.contains("schedule") == true)
  }
}
