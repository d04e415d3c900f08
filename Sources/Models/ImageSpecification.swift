import FileIO
public import Kernels
import Networks
public import OrderedJSON
public import Sampling

/// The model of images (``ImageModelShape``), how precise its products are, and the size of the records' pictures.
public struct ImageSpecification: ModelSpecification, Equatable {
  public static let kind = "image"
  public static let settingsOfRecords = ["image_height", "image_width"]

  public var shape = ImageModelShape()
  public var precision = Precision.single
  /// Pixels of the records' pictures.
  public var height = 300
  public var width = 300

  public init() {}

  /// The paper's model for pictures of this size: of smaller ones than the paper's 300 × 300, the square and its patches are
  /// smaller in proportion, so that there are 7 × 7, or of very small ones as many as they hold, and the rows that can be
  /// predicted. Pictures of less than two patches have no model (``validate()``).
  public init(height: Int, width: Int) {
    (self.height, self.width) = (height, width)
    let side = min(height, width)
    shape.setPatch(min(shape.patch, max(ResidualShape.smallestPatch, side * shape.crop / 300 / 8 * 2)))
    if shape.crop > side, side >= shape.patch {
      shape.crop = shape.patch + (side - shape.patch) / shape.stride * shape.stride
    }
    shape.stepsAhead = max(1, min(shape.stepsAhead, shape.grid - 1 - shape.rowSkip))
  }

  public init(settings: JSONObject) throws {
    let reader = SettingsReader(ModelKinds.completed(settings), of: "the model")
    func count(_ key: String, _ range: ClosedRange<Int> = 1...1 << 20) throws -> Int {
      try reader.value(key) { $0.intValue.flatMap { range.contains($0) ? $0 : nil } }
    }
    _ = try ModelKinds([Self.self]).type(of: settings)
    (shape.crop, shape.patch, shape.stride) = (
      try count("crop_size"), try count("patch", ResidualShape.smallestPatch...1 << 20), try count("patch_stride")
    )
    shape.colour = try reader.choice("colour")
    shape.depth = try reader.value("depth") {
      $0.intValue.flatMap { ResidualShape.depths.contains($0) ? $0 : nil }
    }
    shape.width = try count("width")
    shape.contextNetwork = try reader.choice("context_network")
    if shape.contextNetwork == .masked { shape.contextDepth = try count("context_depth") }
    shape.context = try count("context")
    (shape.rowSkip, shape.stepsAhead) = (try count("row_skip", 0...1 << 20), try count("steps_ahead"))
    (height, width) = (try count("image_height"), try count("image_width"))
    shape.normalisation = try reader.choice("normalisation")
    shape.score = try reader.value("score") { ScoreScale($0.stringValue ?? "", settings["temperature"]?.doubleValue) }
    precision = try reader.choice("precision")
    _ = try reader.value("crop_size") { _ in
      shape.crop <= min(height, width) && shape.grid - shape.rowSkip > shape.stepsAhead ? shape.crop : nil
    }
  }

  public var json: JSONObject {
    var temperature = JSON.null
    if case .cosine(temperature: let value) = shape.score { temperature = .real(value) }
    return [
      "crop_size": .int(shape.crop), "patch": .int(shape.patch), "patch_stride": .int(shape.stride),
      "colour": .string(shape.colour.rawValue), "depth": .int(shape.depth), "width": .int(shape.width),
      "context_network": .string(shape.contextNetwork.rawValue),
      "context_depth": shape.contextNetwork == .masked ? .int(shape.contextDepth) : .null,
      "context": .int(shape.context), "steps_ahead": .int(shape.stepsAhead), "row_skip": .int(shape.rowSkip),
      "image_height": .int(height), "image_width": .int(width),
      "normalisation": .string(shape.normalisation.rawValue), "score": .string(shape.score.name),
      "temperature": temperature, "precision": .string(precision.rawValue),
    ]
  }

  public func validate() throws {
    try validateGeometry()
    try require(
      ResidualShape.depths.contains(shape.depth), "depth", "\(shape.depth) is none of 18, 34, 50 and 101")
    try require((1...4096).contains(shape.width), "width", "must be from 1 to 4096")
    try require(
      shape.width > 1 || shape.normalisation == .none, "normalisation", "channel needs \(setting: "width") above 1")
    switch shape.contextNetwork {
    case .masked: try require((1...1000).contains(shape.contextDepth), "context_depth", "must be from 1 to 1000")
    case .rowGRU:
      try require(
        shape.contextDepth == ImageModelShape.defaultContextDepth, "context_depth",
        "is of \(setting: "context_network") masked; row-gru has one layer")
    }
    try require((1...65_536).contains(shape.context), "context", "must be from 1 to 65536")
    if case .cosine(temperature: let temperature) = shape.score {
      try require(temperature.isFinite && temperature > 0, "temperature", "must be positive")
    }
  }

  /// Records, window, patches and predicted rows.
  private func validateGeometry() throws {
    let sizes = 1...1 << 16
    try require(sizes.contains(height), "image_height", "must be from 1 to \(sizes.upperBound)")
    try require(sizes.contains(width), "image_width", "must be from 1 to \(sizes.upperBound)")
    try require(
      shape.crop >= ResidualShape.smallestPatch && shape.crop <= min(height, width), "crop_size",
      "must be from \(ResidualShape.smallestPatch) to \(min(height, width)): the pictures have \(width) x \(height) pixels"
    )
    try require(
      (ResidualShape.smallestPatch...shape.crop).contains(shape.patch), "patch",
      "must be from \(ResidualShape.smallestPatch) to \(setting: "crop_size") \(shape.crop)")
    try require(
      (1...shape.patch).contains(shape.stride), "patch_stride",
      "must be from 1 to \(setting: "patch") \(shape.patch): more would leave gaps")
    let rest = (shape.crop - shape.patch) % shape.stride
    try require(
      rest == 0, "crop_size",
      "\(shape.crop) is not filled by patches of \(shape.patch) every \(shape.stride): \(rest) pixels would be left out"
    )
    let steps = shape.grid - 1 - shape.rowSkip
    try require(
      shape.rowSkip >= 0 && steps > 0, "row_skip",
      "must be from 0 to \(shape.grid - 2): a window has \(shape.grid) rows of patches")
    try require(
      (1...min(steps, NegativeSampler.mostSteps)).contains(shape.stepsAhead), "steps_ahead",
      "must be from 1 to \(min(steps, NegativeSampler.mostSteps)): a window has \(shape.grid) rows of patches, of which "
        + "\(setting: "row_skip") leaves out \(shape.rowSkip)")
  }

  public var lattice: Lattice { shape.lattice }
  public var steps: Int { shape.stepsAhead }
  public var channels: Int { shape.encoder.channels }
  /// Masked convolutions end with as many channels as they began with.
  public var units: Int { shape.contextNetwork == .masked ? channels : shape.context }
  /// A record is one picture.
  public var window: Int { 1 }
  public var inputCount: Int { shape.inputCount }
  public var payload: [(plane: String, bytes: Int)] { [(ImageTransform.plane, height * width * 3)] }

  public func makeModel<Element: Operand>(
    _: Element.Type, windows: Int, pool: CandidatePool, negatives: Int?, seed: UInt64, workers: Workers, training: Bool
  ) -> ContrastiveModel<Element> {
    let encoder = ResidualEncoder<Element>(
      "encoder", shape.encoder, lattice: lattice, windows: windows, training: training)
    let context: any ContextNetwork<Element> =
      switch shape.contextNetwork {
      case .masked:
        MaskedConvolutions<Element>(
          "context", channels: encoder.channels, layers: shape.contextDepth, hidden: shape.context, lattice: lattice,
          windows: windows, training: training)
      case .rowGRU:
        RowGRU<Element>(
          "context", channels: encoder.channels, units: shape.context, lattice: lattice, windows: windows,
          training: training)
      }
    return ContrastiveModel(
      encoder, context, windows: windows, steps: shape.stepsAhead, score: shape.score, pool: pool,
      negatives: negatives, seed: seed, workers: workers, training: training)
  }

  public func makeTransform(for windows: some PayloadSource) throws -> any InputTransform {
    try ImageTransform(shape, height: height, width: width, for: windows)
  }

  public static func transform(metadata: (String) -> String?) -> (any InputTransform)? {
    ImageTransform(metadata: metadata)
  }
}
