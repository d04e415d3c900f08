import FileIO
import OrderedJSON

// The parts of a result as JSON objects and back, keys in fixed order.

func number(_ value: Double?) -> JSON { value.map { .real($0) } ?? .null }

extension ProbeResult.Interval {
  var json: JSON {
    .object([
      "low": .real(low), "high": .real(high), "level": .real(level), "resamples": .int(resamples),
      "over": .string("utterances"),
    ])
  }

  init(_ members: Members) throws {
    self.init(
      low: try members.real("low"), high: try members.real("high"), level: try members.real("level"),
      resamples: try members.count("resamples"))
  }
}

extension ProbeResult.Training {
  var json: JSON {
    .object([
      "l2": .real(l2), "inverse_strength": number(inverseStrength), "iterations": .int(iterations),
      "objective": .real(objective), "converged": .bool(isConverged), "constant_features": .int(constantFeatures),
    ])
  }

  init(_ members: Members) throws {
    self.init(
      l2: try members.real("l2"), inverseStrength: try members.optional("inverse_strength") { $0.doubleValue },
      iterations: try members.count("iterations"), objective: try members.real("objective"),
      isConverged: try members.flag("converged"), constantFeatures: try members.count("constant_features"))
  }
}

extension ProbeResult.Candidate {
  var json: JSON {
    .object([
      "l2": .real(l2), "dev_accuracy": .real(accuracy), "iterations": .int(iterations), "converged": .bool(isConverged),
    ])
  }

  init(_ members: Members) throws {
    self.init(
      l2: try members.real("l2"), accuracy: try members.real("dev_accuracy"),
      iterations: try members.count("iterations"), isConverged: try members.flag("converged"))
  }
}

extension ProbeResult.ClassRow {
  var json: JSON {
    .object([
      "class": .string(name), "training_frames": .int(trainingFrames), "test_frames": .int(testFrames),
      "correct": .int(correct), "predicted": .int(predicted), "recall": number(recall), "precision": number(precision),
    ])
  }

  init(_ members: Members) throws {
    self.init(
      name: try members.text("class"), trainingFrames: try members.count("training_frames"),
      testFrames: try members.count("test_frames"), correct: try members.count("correct"),
      predicted: try members.count("predicted"))
  }
}

extension ProbeResult.Beside {
  var json: JSON {
    .object(["class": .string(className), "accuracy": .real(accuracy), "frames": .int(frames)])
  }

  init(_ members: Members) throws {
    self.init(
      className: try members.text("class"), accuracy: try members.real("accuracy"), frames: try members.count("frames"))
  }
}

extension ProbeResult.PartCount {
  var json: JSON {
    .object([
      "utterances": .int(utterances), "frames": .int(frames), "unlabelled_frames": .int(unlabelled),
      "utterances_without_label": .int(utterancesWithoutLabel),
    ])
  }

  init(_ members: Members) throws {
    self.init(
      utterances: try members.count("utterances"), frames: try members.count("frames"),
      unlabelled: try members.count("unlabelled_frames"),
      utterancesWithoutLabel: try members.count("utterances_without_label"))
  }
}

/// The members of an object, by what they should be.
struct Members {
  private let json: JSON
  private let subject: String

  init(_ json: JSON, _ subject: String) {
    self.json = json
    self.subject = subject
  }

  func value<Value>(_ key: String, _ convert: (JSON) -> Value?) throws -> Value {
    guard let value = json[key].flatMap(convert) else {
      throw Failure(.corrupt, "\(subject) has no \(key), or one that is wrong")
    }
    return value
  }

  /// Nil where the member is null.
  func optional<Value>(_ key: String, _ convert: (JSON) -> Value?) throws -> Value? {
    if case .null = json[key] { return nil }
    return try value(key, convert)
  }

  func text(_ key: String) throws -> String { try value(key) { $0.stringValue } }
  func count(_ key: String) throws -> Int { try value(key) { $0.intValue.flatMap { $0 >= 0 ? $0 : nil } } }
  func real(_ key: String) throws -> Double { try value(key) { $0.doubleValue } }
  func flag(_ key: String) throws -> Bool { try value(key) { if case .bool(let flag) = $0 { flag } else { nil } } }

  func object(_ key: String) throws -> Members {
    Members(.object(try value(key) { $0.objectValue }), "\(key) in \(subject)")
  }

  func optionalObject(_ key: String) throws -> Members? {
    if case .null = json[key] { nil } else { try object(key) }
  }

  func objects(_ key: String) throws -> [Members] {
    try value(key) { $0.arrayValue }.map { Members($0, "an element of \(key) in \(subject)") }
  }
}
