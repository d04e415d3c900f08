import FileIO
public import Models
import OrderedJSON

/// A `config.json`: what a run was started with and what it found. The same run goes on with it, or another begins with
/// its settings.
public struct SettingsFile: Sendable {
  public let path: String
  private let settings: JSONObject

  /// What a run adds to its settings: what it found in its data, and what goes with the machine.
  private static let facts = [
    "gain", "mean", "deviation", "dataset", "dataset_digest", "training_windows", "held_out_windows", "held_out_from",
    "short_ends", "left_out_windows", "split_name", "valid_split", "init", "tensorboard", "threads", "version",
  ]

  /// - Throws: a `Failure` if there is no such file, or if it holds no JSON object.
  public init(reading path: String) throws {
    self.path = path
    do {
      guard let settings = try JSON(parsing: File.contents(of: path)).objectValue else {
        throw Failure(.badInput, path: path, "not the settings of a run: a JSON object expected")
      }
      self.settings = settings
    } catch let error as JSONError {
      throw Failure(
        .badInput, path: path, at: "byte \(error.offset)", "not the settings of a run: not JSON: \(error.reason)")
    }
  }

  /// The settings of the file; those that it does not have are those of `defaults`, and so are those that records
  /// determine (``Models/ModelSpecification/settingsOfRecords``).
  ///
  /// - Parameter defaults: of the model of the records at hand.
  /// - Throws: a `Failure` that names a setting that is not known, or one that is wrong.
  public func configuration(
    _ defaults: TrainingConfiguration, kinds: ModelKinds = .all
  ) throws -> TrainingConfiguration {
    let type = type(of: defaults.specification)
    if let kind = try text("model"), !isSame(kind, type.kind) {
      throw Failure(
        .usage, path: path,
        "its settings are for a model of the kind \"\(kind)\", the records are of the kind \"\(type.kind)\"")
    }
    var merged = defaults.json
    for (key, value) in defaults.bookkeeping.members { merged[key] = value }
    for (key, value) in settings.members where !Self.facts.contains(where: { isSame($0, key) }) {
      guard merged[key] != nil else {
        throw Failure(
          .usage, path: path, "\"\(key)\" is no setting of a run on records of the kind \"\(type.kind)\"",
          hint: "its settings: " + merged.members.map(\.key).joined(separator: ", "))
      }
      if !type.settingsOfRecords.contains(where: { isSame($0, key) }) { merged[key] = value }
    }
    do { return try TrainingConfiguration(settings: merged, kinds: kinds) } catch var failure as Failure {
      failure.path = failure.path ?? path
      throw failure
    }
  }

  /// A setting of how checkpoints are kept that files of earlier versions do not have; nil if all are there.
  public var missingBookkeeping: String? {
    TrainingConfiguration().bookkeeping.members.map(\.key).first { settings[$0] == nil }
  }

  /// The dataset that the run names, `-` for a stream; relative to the folder where it began.
  public func dataset() throws -> String? { try text("dataset") }
  /// Which split of it, and which part of that is held out, where somebody chose.
  public func splitName() throws -> String? { try text("split_name") }
  public func validPart() throws -> String? { try text("valid_split") }
  /// Where its event files go.
  public func tensorBoard() throws -> String? { try text("tensorboard") }

  /// How many threads the run had last.
  public func threads() throws -> Int? {
    guard let value = settings["threads"] else { return nil }
    guard let threads = value.intValue, threads > 0 else { throw wrong("threads") }
    return threads
  }

  /// Where its first parameters came from, if not from its seed.
  public func initialParameters() throws -> InitialParameters? {
    guard let value = settings["init"] else { return nil }
    guard let initial = value.objectValue.flatMap({ InitialParameters($0) }) else { throw wrong("init") }
    return initial
  }

  private func text(_ key: String) throws -> String? {
    guard let value = settings[key] else { return nil }
    guard let text = value.stringValue else { throw wrong(key) }
    return text
  }

  private func wrong(_ key: String) -> Failure { Failure(.corrupt, path: path, "the run's setting \(key) is wrong") }
}
