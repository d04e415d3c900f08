import FileIO
import Kernels
import Labels
import Safetensors

// A safetensors file. For states without contexts: `weights` [Gaussian], `means` and `variances` [Gaussian, 39],
// `gaussians` [state] (how many each state has), `stay` [state], `silence_moves` [5, 6]. The same with `context.` before
// the name for states with contexts, and their tree: `context.roots` [state without contexts], `context.nodes` [node, 3]
// (asks for the phone before; where yes and where no lead; negative numbers are complements of states) and
// `context.sets` [node, phone]. Phones and features are in the metadata, and a digest of the whole file (`Seal`), which
// files of format 1 had not.

extension AlignmentModel {
  private static let format = "cpc-align acoustic model 2"
  private static let formatWithoutDigest = "cpc-align acoustic model 1"
  private static let contextPrefix = "context."

  public func save(to path: String) throws {
    var tensors = simple.tensors(prefix: "")
    if let contextual { tensors += contextual.tensors(prefix: Self.contextPrefix) }
    _ = try withExtendedLifetime(tensors) {
      try writeSealedSafetensors(
        tensors.map { TensorBytes($0.name, $0.type, shape: $0.shape, bytes: $0.memory.bytes) },
        metadata: [
          ("format", Self.format), ("phone_set", phoneSet.name), ("phones", phoneSet.names.joined(separator: " ")),
          ("features", "MFCC 13 with C0, 25/10 ms, 23 mel bins, lifter 22, first and second differences"),
        ], to: path)
    }
  }

  /// Reads what ``save(to:)`` wrote.
  public init(contentsOf path: String) throws {
    let file = try SafetensorsFile(mapping: path)
    let format = file.header[metadata: "format"]
    // A damaged file may have lost what tells what it is.
    isChecked = format == Self.format || file.digest != nil
    if isChecked { try file.checkSeal() }
    guard format == Self.format || format == Self.formatWithoutDigest, let names = file.header[metadata: "phones"]
    else {
      throw Failure(
        .badInput, path: path, "not an acoustic model of cpc-align",
        hint: "cpc-align \(setting: "save_model") FILE makes one")
    }
    let set = PhoneSet(
      name: file.header[metadata: "phone_set"] ?? "",
      names: names.pieces(at: " ", omittingEmpty: true).map { String($0) })
    guard set.names.contains("SIL"), set.names.count < 256 else {
      throw Failure(.corrupt, path: path, "its phone set is not usable")
    }
    simple = try AcousticModel(file, prefix: "", phoneSet: set)
    if file.header.tensors.contains(where: { $0.name.begins(with: Self.contextPrefix) }) {
      contextual = try AcousticModel(file, prefix: Self.contextPrefix, phoneSet: set)
    }
  }
}

extension AcousticModel {
  fileprivate struct Tensor {
    var name: String
    var type: TensorType
    var shape: [Int]
    var memory: Buffer<UInt8>

    init<Element: BitwiseCopyable>(_ name: String, _ type: TensorType, _ shape: [Int], _ elements: [Element]) {
      self.name = name
      self.type = type
      self.shape = shape
      memory = Buffer(elements.withUnsafeBytes { Array($0) })
    }
  }

  fileprivate func tensors(prefix: String) -> [Tensor] {
    let shape = [gaussianCount, FeatureRows.dimension]
    var tensors = [
      Tensor(prefix + "weights", .f32, [gaussianCount], mixtures.flatMap(\.weights)),
      Tensor(prefix + "means", .f32, shape, mixtures.flatMap(\.means)),
      Tensor(prefix + "variances", .f32, shape, mixtures.flatMap(\.variances)),
      Tensor(prefix + "gaussians", .i32, [stateCount], mixtures.map { Int32($0.count) }),
      Tensor(prefix + "stay", .f32, [stateCount], stay),
      Tensor(prefix + "silence_moves", .f32, [Self.silenceStates, Self.silenceTargets], silenceMoves),
    ]
    if let contexts {
      let nodes: [Int32] = contexts.nodes.flatMap { [$0.asksLeft ? 1 : 0, Int32($0.yes), Int32($0.no)] }
      tensors += [
        Tensor(prefix + "roots", .i32, [contexts.roots.count], contexts.roots.map { Int32($0) }),
        Tensor(prefix + "nodes", .i32, [contexts.nodes.count, 3], nodes),
        Tensor(
          prefix + "sets", .u8, [contexts.nodes.count, phoneSet.names.count],
          contexts.nodes.flatMap { $0.set.map { $0 ? UInt8(1) : 0 } }),
      ]
    }
    return tensors
  }

  fileprivate init(_ file: SafetensorsFile, prefix: String, phoneSet: PhoneSet) throws {
    let weights = try file.elements(prefix + "weights", .f32, shape: [-1], as: Float.self)
    let dimension = FeatureRows.dimension
    let shape = [weights.count, dimension]
    let means = try file.elements(prefix + "means", .f32, shape: shape, as: Float.self)
    let variances = try file.elements(prefix + "variances", .f32, shape: shape, as: Float.self)
    self.init(
      phoneSet: phoneSet, silence: phoneSet.names.firstIndex(of: "SIL")!, noise: phoneSet.names.firstIndex(of: "SPN"),
      density: Mixture(weights: [], means: [], variances: []))
    let simpleStates = stateCount
    let counts = try file.elements(prefix + "gaussians", .i32, shape: [-1], as: Int32.self)
    stay = try file.elements(prefix + "stay", .f32, shape: [counts.count], as: Float.self)
    silenceMoves = try file.elements(
      prefix + "silence_moves", .f32, shape: [Self.silenceStates, Self.silenceTargets], as: Float.self)
    let isTree = !prefix.isEmpty
    guard isTree ? counts.count >= simpleStates : counts.count == simpleStates,
      counts.allSatisfy({ $0 > 0 && $0 <= weights.count }), counts.reduce(0, { $0 + Int($1) }) == weights.count,
      weights.allSatisfy({ $0 > 0 && $0.isFinite }), variances.allSatisfy({ $0 > 0 && $0.isFinite }),
      means.allSatisfy(\.isFinite), stay.allSatisfy({ $0 > 0 && $0 < 1 }),
      silenceMoves.allSatisfy({ $0 >= 0 && $0 <= 1 })
    else { throw Failure(.corrupt, path: file.path, "its Gaussians or probabilities are out of range") }
    var first = 0
    mixtures = counts.map { count in
      defer { first += Int(count) }
      let range = first..<first + Int(count)
      let elements = range.lowerBound * dimension..<range.upperBound * dimension
      return Mixture(
        weights: Array(weights[range]), means: Array(means[elements]), variances: Array(variances[elements]))
    }
    if isTree { contexts = try ContextTree(file, prefix: prefix, simpleStates: simpleStates, model: self) }
  }
}

extension ContextTree {
  fileprivate init(_ file: SafetensorsFile, prefix: String, simpleStates: Int, model: AcousticModel) throws {
    let phones = model.phoneSet.names.count
    roots = try file.elements(prefix + "roots", .i32, shape: [simpleStates], as: Int32.self).map { Int($0) }
    let rows = try file.elements(prefix + "nodes", .i32, shape: [-1, 3], as: Int32.self)
    let sets = try file.elements(prefix + "sets", .u8, shape: [rows.count / 3, phones], as: UInt8.self)
    nodes = (0..<rows.count / 3).map { n in
      Node(
        asksLeft: rows[3 * n] == 1, set: sets[n * phones..<(n + 1) * phones].map { $0 == 1 }, yes: Int(rows[3 * n + 1]),
        no: Int(rows[3 * n + 2]))
    }
    // Branches lead to later nodes or to states, so every way ends.
    func isPlace(_ place: Int, after node: Int) -> Bool {
      place < 0 ? ~place < model.stateCount : place > node && place < nodes.count
    }
    guard roots.allSatisfy({ isPlace($0, after: -1) }),
      nodes.indices.allSatisfy({ isPlace(nodes[$0].yes, after: $0) && isPlace(nodes[$0].no, after: $0) })
    else { throw Failure(.corrupt, path: file.path, "its tree of contexts is damaged") }
  }
}
