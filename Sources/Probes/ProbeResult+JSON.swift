public import OrderedJSON

extension ProbeResult {
  /// What ``utteranceAccuracy`` counts, for readers of the file.
  private static let utteranceRule = "largest sum of log-probabilities over the utterance's frames"

  /// The result as a JSON object, keys in fixed order; ``init(json:)`` reads it back.
  public var json: JSON {
    var all = JSONObject()
    all["target"] = .string(target)
    all["probe"] = .string(kind.rawValue)
    all["width"] = width.map { .int($0) } ?? .null
    all["features"] = .int(features)
    all["standardized"] = .bool(standardized)
    all["seed"] = .number(String(seed))
    all["dev_fraction"] = .real(devFraction)
    all["facts"] = .array(facts.map { .object(["name": .string($0.name), "value": .string($0.value)]) })
    all["accuracy"] = .real(accuracy)
    all["interval"] = interval.json
    all["utterance_accuracy"] = number(utteranceAccuracy)
    all["utterance_rule"] = .string(Self.utteranceRule)
    all["without"] = without?.json ?? .null
    all["majority"] = majority.json
    all["fit"] = fit.json
    all["candidates"] = .array(candidates.map(\.json))
    all["training"] = training.json
    all["dev"] = dev.json
    all["test"] = test.json
    all["other_frames"] = .int(otherFrames)
    all["overflowed_frames"] = .int(overflowedFrames)
    all["unseen_frames"] = .int(unseenFrames)
    all["unseen_classes"] = .array(unseenClasses.map { .string($0) })
    all["classes"] = .array(classes.map(\.json))
    all["confusion"] = .array(confusion.map { .array($0.map { .int($0) }) })
    return .object(all)
  }

  /// Reads what ``json`` wrote. A `Failure` of kind `corrupt` names the member that is missing or wrong.
  public init(json: JSON) throws {
    let all = Members(json, "the result of a probe")
    target = try all.text("target")
    kind = try all.value("probe") { $0.stringValue.flatMap(ProbeSettings.Kind.init(rawValue:)) }
    width = try all.optional("width") { $0.intValue }
    features = try all.count("features")
    standardized = try all.flag("standardized")
    seed = try all.value("seed") { if case .number(let text) = $0 { UInt64(text) } else { nil } }
    devFraction = try all.real("dev_fraction")
    facts = try all.objects("facts").map { Fact(try $0.text("name"), try $0.text("value")) }
    accuracy = try all.real("accuracy")
    interval = try Interval(try all.object("interval"))
    utteranceAccuracy = try all.optional("utterance_accuracy") { $0.doubleValue }
    without = try all.optionalObject("without").map { try Beside($0) }
    majority = try Beside(try all.object("majority"))
    fit = try Training(try all.object("fit"))
    candidates = try all.objects("candidates").map { try Candidate($0) }
    training = try PartCount(try all.object("training"))
    dev = try PartCount(try all.object("dev"))
    test = try PartCount(try all.object("test"))
    otherFrames = try all.count("other_frames")
    overflowedFrames = try all.count("overflowed_frames")
    classes = try all.objects("classes").map { try ClassRow($0) }
    let names = classes.count
    confusion = try all.value("confusion") { matrix in
      guard let rows = matrix.arrayValue, rows.count == names else { return nil }
      let numbers = rows.map { $0.arrayValue?.compactMap { $0.intValue } ?? [] }
      return numbers.allSatisfy { $0.count == names } ? numbers : nil
    }
  }
}
