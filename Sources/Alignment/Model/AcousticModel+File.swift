import FileIO
import Labels
import Safetensors

extension AcousticModel {
  private static let format = "cpc-align acoustic model 1"

  /// Writes a safetensors file: `weights` [Gaussian], `means` and `variances` [Gaussian, 39], `gaussians` [state] (how
  /// many each state has), `stay` [state], `silence_moves` [5, 6]; phones and features stand in its metadata.
  public func save(to path: String) throws {
    let weights = mixtures.flatMap(\.weights)
    let means = mixtures.flatMap(\.means)
    let variances = mixtures.flatMap(\.variances)
    let counts = mixtures.map { Int32($0.count) }
    let shape = [weights.count, FeatureRows.dimension]
    try weights.withUnsafeBytes { weightBytes in
      try means.withUnsafeBytes { meanBytes in
        try variances.withUnsafeBytes { varianceBytes in
          try counts.withUnsafeBytes { countBytes in
            try stay.withUnsafeBytes { stayBytes in
              try silenceMoves.withUnsafeBytes { moveBytes in
                try writeSafetensors(
                  [
                    TensorBytes("weights", .f32, shape: [weights.count], bytes: weightBytes),
                    TensorBytes("means", .f32, shape: shape, bytes: meanBytes),
                    TensorBytes("variances", .f32, shape: shape, bytes: varianceBytes),
                    TensorBytes("gaussians", .i32, shape: [counts.count], bytes: countBytes),
                    TensorBytes("stay", .f32, shape: [stay.count], bytes: stayBytes),
                    TensorBytes(
                      "silence_moves", .f32, shape: [Self.silenceStates, Self.silenceTargets], bytes: moveBytes),
                  ],
                  metadata: [
                    ("format", Self.format), ("phone_set", phoneSet.name),
                    ("phones", phoneSet.names.joined(separator: " ")),
                    ("features", "MFCC 13 with C0, 25/10 ms, 23 mel bins, lifter 22, first and second differences"),
                  ], to: path)
              }
            }
          }
        }
      }
    }
  }

  /// Reads what ``save(to:)`` wrote.
  public init(contentsOf path: String) throws {
    let file = try SafetensorsFile(mapping: path)
    func corrupt(_ reason: String) -> Failure { Failure(.corrupt, path: path, reason) }
    guard file.header[metadata: "format"] == Self.format, let names = file.header[metadata: "phones"] else {
      throw Failure(
        .badInput, path: path, "not an acoustic model of cpc-align", hint: "cpc-align --save-model FILE makes one")
    }
    let set = PhoneSet(
      name: file.header[metadata: "phone_set"] ?? "", names: names.split(separator: " ").map { String($0) })
    guard let silence = set.names.firstIndex(of: "SIL"), set.names.count < 256 else {
      throw corrupt("its phone set is not usable")
    }
    let weights = try file.elements("weights", .f32, shape: [-1], as: Float.self)
    let shape = [weights.count, FeatureRows.dimension]
    let means = try file.elements("means", .f32, shape: shape, as: Float.self)
    let variances = try file.elements("variances", .f32, shape: shape, as: Float.self)
    self.init(
      phoneSet: set, silence: silence, noise: set.names.firstIndex(of: "SPN"),
      density: Mixture(weights: [], means: [], variances: []))
    let counts = try file.elements("gaussians", .i32, shape: [stateCount], as: Int32.self)
    stay = try file.elements("stay", .f32, shape: [stateCount], as: Float.self)
    silenceMoves = try file.elements(
      "silence_moves", .f32, shape: [Self.silenceStates, Self.silenceTargets], as: Float.self)
    guard counts.allSatisfy({ $0 > 0 && $0 <= weights.count }), counts.reduce(0, { $0 + Int($1) }) == weights.count,
      (weights + variances).allSatisfy({ $0 > 0 && $0.isFinite }), means.allSatisfy(\.isFinite),
      stay.allSatisfy({ $0 > 0 && $0 < 1 }), silenceMoves.allSatisfy({ $0 >= 0 && $0 <= 1 })
    else { throw corrupt("its Gaussians or probabilities are out of range") }
    var first = 0
    let dimension = FeatureRows.dimension
    for state in mixtures.indices {
      let end = first + Int(counts[state])
      mixtures[state] = Mixture(
        weights: Array(weights[first..<end]), means: Array(means[first * dimension..<end * dimension]),
        variances: Array(variances[first * dimension..<end * dimension]))
      first = end
    }
  }
}
