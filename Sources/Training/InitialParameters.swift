import FileIO
import Kernels
public import Models
import Networks
import OrderedJSON

/// Parameters that a run begins with: those of a checkpoint, in place of what its seed makes. Neither the optimiser's
/// state nor anything else of that run comes along.
public struct InitialParameters: Sendable, Equatable {
  /// Which of a model's parts.
  public enum Parts: String, Sendable, CaseIterable {
    case encoder
    case body = "encoder,context"
    case all

    var parts: [ModelPart] {
      switch self {
      case .encoder: [.encoder]
      case .body: [.encoder, .context]
      case .all: ModelPart.allCases
      }
    }
  }

  /// A checkpoint, or the folder of a run: see ``RunFolder/checkpoint(at:)``.
  public let path: String
  public let parts: Parts

  public init(path: String, parts: Parts = .all) {
    self.path = path
    self.parts = parts
  }

  /// Reads what ``Origin/json`` makes; nil if it is something else.
  init?(_ json: JSONObject) {
    guard let path = json["path"]?.stringValue, let parts = json["parts"]?.stringValue.flatMap(Parts.init(rawValue:))
    else { return nil }
    self.init(path: path, parts: parts)
  }

  /// Where a run's first parameters came from.
  public struct Origin: Sendable {
    public let initial: InitialParameters
    /// The checkpoint that was read, its digest (empty if it has none), and the updates that had made it.
    public let checkpoint: String
    public let digest: String
    public let updates: Int
    /// Numbers of the parts that were taken.
    public let count: Int
    /// Settings of the two models that differ although every shape is the same: `input was window, now gain`.
    public let differences: [String]

    /// As the settings of a run have it.
    var json: JSONObject {
      [
        "path": .string(initial.path), "parts": .string(initial.parts.rawValue), "digest": .string(digest),
        "updates": .int(updates),
      ]
    }

    /// The first line of the log.
    var line: JSONObject {
      var line: JSONObject = ["type": .string("init"), "update": .int(0)]
      for (key, value) in json.members { line[key] = value }
      return line
    }
  }

  /// What the settings of a run that goes on say: `earlier`, which its first process read, if that was of this.
  func continued(_ earlier: JSON?) -> JSON {
    if let object = earlier?.objectValue, InitialParameters(object) == self { return .object(object) }
    return .object(["path": .string(path), "parts": .string(parts.rawValue)])
  }

  /// Throws unless a model of this specification can begin with them; says where they come from.
  ///
  /// - Throws: a `Failure` that names the first parameter that does not fit, with both shapes, or the words of a model of
  ///   texts that are others.
  public func check(_ specification: any ModelSpecification) throws -> Origin {
    try set(specification.makeModel(windows: 1, workers: Workers(count: 1), training: false), specification)
  }

  /// Sets parameters of `model`, which is one of `specification`; leaves the others as they are.
  func set(_ model: any TrainableModel<Float>, _ specification: any ModelSpecification) throws -> Origin {
    let kinds = ModelKinds(ModelKinds.all.types + [type(of: specification)])
    let checkpoint = try RunFolder.checkpoint(at: path)
    let given = try Checkpoint(opening: checkpoint)
    let theirs = try given.specification(kinds: kinds)
    let (kind, theirKind) = (type(of: specification).kind, type(of: theirs).kind)
    guard isSame(kind, theirKind) else {
      throw Failure(
        .usage, path: checkpoint, "a model of the kind \"\(theirKind)\", this run's is of the kind \"\(kind)\"")
    }
    // Words with the ids of others would be taken for these.
    do { try theirs.requireFacts(specification.json, path: "this run's dataset") } catch var failure as Failure {
      failure.reason += "; the model is \(checkpoint)"
      throw failure
    }
    let other = try given.model(windows: 1, workers: Workers(count: 1), kinds: kinds)
    var count = 0
    for part in parts.parts {
      let (mine, others) = (model.parameters(of: part), other.parameters(of: part))
      try requireSame(mine, others, part, checkpoint)
      for (parameter, source) in zip(mine, others) {
        parameter.load(source.elements(of: source.value), into: parameter.value)
        count += parameter.count
      }
    }
    return Origin(
      initial: self, checkpoint: checkpoint, digest: given.digest ?? "",
      updates: given.facts.state.update, count: count, differences: Self.differences(theirs, specification))
  }

  private func requireSame(
    _ mine: [Parameter<Float>], _ given: [Parameter<Float>], _ part: ModelPart, _ checkpoint: String
  ) throws {
    func failure(_ reason: String) -> Failure {
      let fewer: String =
        switch (part, parts) {
        case (.heads, _): ", or \(setting: "init_parts") encoder,context"
        case (.context, _): ", or \(setting: "init_parts") encoder"
        case (.encoder, _): ""
        }
      return Failure(
        .usage, path: checkpoint, reason,
        hint: "the model's settings must be those of that run, which \(setting: "config") RUN/config.json takes\(fewer)"
      )
    }
    for parameter in mine {
      guard let source = given.first(where: { isSame($0.name, parameter.name) }) else {
        throw failure("it has no \(parameter.name), which is \(parameter.shape) in this run's model")
      }
      guard source.shape == parameter.shape else {
        throw failure("its \(parameter.name) is \(source.shape), in this run's model it is \(parameter.shape)")
      }
    }
    if let extra = given.first(where: { source in !mine.contains { isSame($0.name, source.name) } }) {
      throw failure("its \(extra.name), which is \(extra.shape), has no place in this run's model")
    }
  }

  /// What the shapes do not show.
  private static func differences(_ theirs: any ModelSpecification, _ mine: any ModelSpecification) -> [String] {
    let old = theirs.json
    return mine.json.members.compactMap { key, new in
      guard let before = old[key], before != new else { return nil }
      return "\(key) was \(before.stringValue ?? before.compact), now \(new.stringValue ?? new.compact)"
    }
  }
}
