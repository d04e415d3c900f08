import FileIO
import OrderedJSON

/// A run of training: what its folder's `config.json` and `log.jsonl` say.
public struct Run: Sendable {
  /// Loss and accuracies of one logged line. Numbers that were not finite are nil.
  struct Metrics: Sendable {
    var loss: Double?
    /// For each step ahead, how often the true latent scored above all others.
    var accuracies: [Double?]
    /// For each step ahead, how often it scored above one other.
    var pairwise: [Double?]
    /// Candidates of each prediction, the true one among them.
    var candidates: Int

    init(_ fields: Fields) throws {
      loss = try fields.number("loss")
      accuracies = try fields.numbers("accuracy") ?? []
      pairwise = try fields.numbers("pairwise_accuracy") ?? []
      candidates = try fields.require(fields.count("candidates"), "candidates", "a whole number from 0")
    }
  }

  struct Validation: Sendable {
    var update: Int
    var own: Metrics?
    var common: Metrics?
  }

  public let path: String
  /// The folder's name, or its path where others are called the same.
  public internal(set) var name: String
  let settings: Fields
  let training: [(update: Int, metrics: Metrics)]
  let validations: [Validation]
  /// What was left out, for people.
  public let notes: [String]

  static func isRun(_ folder: String) -> Bool { Folder.kind(of: "\(folder)/log.jsonl") == .file }

  init(_ folder: String) throws {
    path = folder
    name = Folder.name(of: folder)
    let configuration = "\(folder)/config.json"
    do {
      guard let object = try JSON(parsing: File.contents(of: configuration)).objectValue else {
        throw Failure(.badInput, path: configuration, "a JSON object expected")
      }
      settings = Fields(object, path: configuration)
    } catch let error as JSONError {
      throw Failure(.badInput, path: configuration, at: "byte \(error.offset)", "not JSON: \(error.reason)")
    }
    let log = "\(folder)/log.jsonl"
    var training: [(update: Int, metrics: Metrics)] = []
    var validations: [Validation] = []
    var notes: [String] = []
    var problem: Failure?
    let reader = LineReader(try File.reading(log))
    while let line = try reader.next() {
      // Only the last line may be cut off: somebody is writing it, or was.
      if let problem { throw problem }
      if isBlank(line) { continue }
      do {
        guard let object = try JSON(parsing: line).objectValue else {
          throw Failure(.badInput, path: log, at: "line \(reader.line)", "a JSON object expected")
        }
        let fields = Fields(object, path: log, place: "line \(reader.line)")
        switch try fields.text("type") ?? "" {
        case "train": training.append((try Self.update(fields), try Metrics(fields)))
        case "validation":
          let own = object["loss_by_step"] == nil ? nil : try Metrics(fields)
          let common = try fields.fields("common").map { try Metrics($0) }
          validations.append(Validation(update: try Self.update(fields), own: own, common: common))
        default: break
        }
      } catch let error as JSONError {
        problem = Failure(.badInput, path: log, at: "line \(reader.line)", "not JSON: \(error)")
      }
    }
    if problem != nil { notes.append("\(log): the last line is cut off, and left out") }
    let lost = training.count { $0.metrics.loss == nil } + validations.count { $0.own != nil && $0.own?.loss == nil }
    if lost > 0 { notes.append("\(log): \(lost) lines whose loss is not finite are not drawn") }
    self.training = training
    self.validations = validations
    self.notes = notes
  }

  private static func update(_ fields: Fields) throws -> Int {
    try fields.require(fields.count("update"), "update", "a whole number from 0")
  }

  func recorded(_ key: String) -> String? {
    switch settings.object[key] {
    case .string(let text)?: text
    case .number(let text)?: text
    default: nil
    }
  }

  /// How far it has come.
  var updates: Int { max(training.last?.update ?? 0, validations.last?.update ?? 0) }

  var hours: Double? {
    guard let windows = try? settings.count("training_windows"), let samples = try? settings.count("window") else {
      return nil
    }
    return Double(windows) * Double(samples) / 16_000 / 3600
  }

  /// The validation that has the least loss on the run's own task, else on the common one.
  var best: Validation? {
    validations.filter { $0.own?.loss != nil || $0.common?.loss != nil }
      .min { ($0.own?.loss ?? $0.common?.loss ?? 0) < ($1.own?.loss ?? $1.common?.loss ?? 0) }
  }
}
