import FileIO
import Models
import Networks
import OrderedJSON
import Sampling
import Shards
import TestSupport
import Testing
import Training

/// The paper's numbers: van den Oord et al. (2018), section 3.1.
@Suite struct PresetTests {
  @Test func defaultsAreThePapers() {
    let configuration = TrainingConfiguration()
    let shape = configuration.shape
    #expect(shape.window == 20_480 && shape.channels == 512 && shape.context == 256 && shape.stepsAhead == 12)
    #expect(shape.normalisation == .none && shape.score == .sum && shape.frames == 128)
    let layers = ConvolutionalEncoder<Float>.paperShapes
    #expect(layers.map(\.stride) == [5, 4, 2, 2, 2] && layers.map(\.kernel) == [10, 8, 4, 4, 4])
    #expect(configuration.negatives == .mixedSpeaker && configuration.negativeCount == nil)
    #expect(configuration.batch == 8 && configuration.updates == 300_000 && configuration.learningRate == 2e-4)
    #expect(configuration.schedule == .constant && configuration.warmup == 0 && configuration.clip == 0)
    #expect(configuration.candidates == 1024)
    let adam = Adam<Float>([])
    #expect(adam.beta1 == 0.9 && adam.beta2 == 0.999 && adam.epsilon == 1e-8)
  }

  @Test func helpNamesTheDefaults() throws {
    let help = try runTool("cpc-train", ["--help"]).text
    for (flag, value) in [
      ("channels", "512"), ("context", "256"), ("steps-ahead", "12"), ("window", "20480"), ("batch", "8"),
      ("updates", "300000"), ("learning-rate", "0.0002"), ("negatives", "mixed-speaker"), ("num-negatives", "all"),
      ("input", "gain"), ("normalisation", "none"), ("score", "sum"), ("schedule", "constant"), ("crop", "none"),
    ] {
      let text = try #require(help.split(separator: "\n  --\(flag) ").dropFirst().first, "--\(flag)")
      let own = text.split(separator: "\n  --")[0].split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(own.contains("(default: \(value))"), "--\(flag): \(own)")
    }
  }

  @Test func thePaperPresetIsEightBatchesAnUpdate() throws {
    let folder = try TemporaryFolder()
    _ = try makeDataset(folder("d"), someUtterances(40))
    func run(_ name: String, _ flags: String...) throws -> JSON {
      let small = ["--channels", "8", "--context", "8", "--updates", "2", "--log-every", "1", "--threads", "1"]
      let result = try runTool("cpc-train", [folder("d"), "-o", folder(name), "-q"] + small + flags)
      #expect(result.status == 0, "\(result.messages)")
      return try JSON(parsing: String(decoding: File.contents(of: folder("\(name)/config.json")), as: UTF8.self))
    }
    let config = try run("preset", "--preset", "paper")
    #expect(config["accumulate"]?.intValue == 8 && config["batch"]?.intValue == 8)
    let line = try JSON(
      parsing: String(decoding: File.contents(of: folder("preset/log.jsonl")).split(separator: 0x0a)[0], as: UTF8.self))
    #expect(line["candidates"]?.intValue == 1024, "negatives come from a batch of 8, not from all 64 windows")
    let other = try run("flags", "--accumulate", "8")
    #expect(config.objectValue == other.objectValue, "nothing else changes")
    for name in ["log.jsonl", "checkpoints/0000002.safetensors"] {
      #expect(try File.contents(of: folder("preset/\(name)")) == File.contents(of: folder("flags/\(name)")))
    }
    #expect(try run("less", "--preset", "paper", "--accumulate", "2")["accumulate"]?.intValue == 2)
  }

  @Test func theSmallPresetIsItsFlags() throws {
    let folder = try TemporaryFolder()
    _ = try makeDataset(folder("d"), someUtterances(40))
    func run(_ name: String, _ flags: [String]) throws -> JSON {
      let small = ["--channels", "8", "--updates", "2", "--log-every", "1", "--threads", "1"]
      let result = try runTool("cpc-train", [folder("d"), "-o", folder(name), "-q"] + flags + small)
      #expect(result.status == 0, "\(result.messages)")
      return try JSON(parsing: String(decoding: File.contents(of: folder("\(name)/config.json")), as: UTF8.self))
    }
    let preset = try run("preset", ["--preset", "small"])
    #expect(preset["context"]?.intValue == 256 && preset["channels"]?.intValue == 8 && preset["updates"]?.intValue == 2)
    let help = try runTool("cpc-train", ["--help"]).text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    let flags = try #require(help.firstMatch(of: /Of audio: (--channels 256 .*?)\./)?.1)
    let other = try run("flags", flags.split(separator: " ").map { String($0) })
    #expect(preset.objectValue == other.objectValue, "what --help says it stands for")
  }
}
