import FileIO
import Kernels
import Models
import Networks
import OrderedJSON
import Sampling
import Testing

@Suite struct ImageSpecificationTests {
  private func settings(_ specification: ImageSpecification) -> JSONObject {
    var settings = specification.json
    settings["model"] = .string(ImageSpecification.kind)
    return settings
  }

  @Test func theDefaultIsThePapers() throws {
    let specification = ImageSpecification()
    try specification.validate()
    #expect(specification.lattice == Lattice(rows: 7, columns: 7, skip: 1) && specification.steps == 5)
    #expect(specification.inputCount == 49 * 64 * 64 && specification.window == 1)
    #expect(specification.payload.map(\.plane) == ["pixels"] && specification.payload.map(\.bytes) == [270_000])
    #expect(specification.shape.encoder.channels == 1024)
  }

  @Test func settingsComeBack() throws {
    var specification = ImageSpecification()
    #expect(try ImageSpecification(settings: settings(specification)) == specification)
    (specification.height, specification.width, specification.precision) = (90, 100, .bfloat16)
    (specification.shape.crop, specification.shape.patch, specification.shape.stride) = (80, 32, 16)
    (specification.shape.colour, specification.shape.depth, specification.shape.width) = (.rgb, 34, 12)
    (specification.shape.contextDepth, specification.shape.context) = (3, 40)
    (specification.shape.stepsAhead, specification.shape.rowSkip) = (2, 0)
    (specification.shape.normalisation, specification.shape.score) = (.channel, .cosine(temperature: 0.25))
    try specification.validate()
    #expect(try ImageSpecification(settings: settings(specification)) == specification)
    specification.shape.contextNetwork = .rowGRU
    specification.shape.contextDepth = ImageModelShape.defaultContextDepth
    try specification.validate()
    #expect(try ImageSpecification(settings: settings(specification)) == specification)
    #expect(settings(specification)["context_depth"]?.intValue == nil)
  }

  @Test func whatIsMissingOrWrongIsNamed() {
    let good = settings(ImageSpecification())
    for key in [
      "crop_size", "patch", "patch_stride", "colour", "depth", "width", "context_network", "context_depth", "context",
      "steps_ahead", "row_skip", "image_height", "image_width", "normalisation", "score", "precision", "model",
    ] {
      var broken = good
      broken[key] = .string("?")
      #expect(throws: Failure.self, "\(key)") { try ImageSpecification(settings: broken) }
      do { _ = try ImageSpecification(settings: broken) } catch {
        let reason = (error as? Failure)?.reason ?? ""
        #expect(reason.contains("setting \(key) is missing") == true, "\(error)")
      }
    }
    var small = good
    small["image_height"] = .int(200)
    #expect(throws: Failure.self) { try ImageSpecification(settings: small) }
  }

  @Test func whatCannotBeIsNamed() {
    let cases: [(String, (inout ImageSpecification) -> Void)] = [
      ("image_height", { $0.height = 0 }), ("crop_size", { $0.height = 200 }), ("patch", { $0.shape.patch = 7 }),
      ("patch", { $0.shape.patch = 300 }), ("patch_stride", { $0.shape.stride = 0 }),
      ("patch_stride", { $0.shape.stride = 65 }), ("crop_size", { $0.shape.stride = 33 }),
      ("row_skip", { $0.shape.rowSkip = 6 }), ("row_skip", { $0.shape.rowSkip = -1 }),
      ("steps_ahead", { $0.shape.stepsAhead = 6 }), ("steps_ahead", { $0.shape.stepsAhead = 0 }),
      ("depth", { $0.shape.depth = 20 }), ("width", { $0.shape.width = 0 }),
      ("normalisation", { ($0.shape.width, $0.shape.normalisation) = (1, .channel) }),
      ("context_depth", { $0.shape.contextDepth = 0 }),
      ("context_depth", { ($0.shape.contextNetwork, $0.shape.contextDepth) = (.rowGRU, 2) }),
      ("context", { $0.shape.context = 0 }), ("temperature", { $0.shape.score = .cosine(temperature: 0) }),
    ]
    for (setting, change) in cases {
      var specification = ImageSpecification()
      change(&specification)
      do {
        try specification.validate()
        Issue.record("\(setting) was accepted")
      } catch {
        let failure = error as? Failure
        #expect(failure?.kind == .usage)
        #expect(failure?.reason.description.hasPrefix("\(setting: setting)") == true, "\(error)")
      }
    }
  }
}
