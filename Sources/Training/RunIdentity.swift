import FileIO
public import OrderedJSON

/// Which data a run trains and validates on, as digests.
public struct DataIdentity: Sendable, Equatable {
  /// Of the dataset's card when the run began; empty for a stream.
  public var dataset = ""
  /// Of the samples of all records.
  public var samples = ""
  /// Of the lists of utterances trained on and held out.
  public var training = ""
  public var heldOut = ""

  public init() {}
}

/// Everything that determines the numbers of a run: two runs with the same identity end with the same bytes.
public struct RunIdentity: Sendable, Equatable {
  /// The configuration, the number of threads, and where the first parameters came from if another run made them.
  public var settings: JSONObject
  public var data: DataIdentity

  public init(_ configuration: TrainingConfiguration, threads: Int, data: DataIdentity) {
    settings = configuration.json
    settings["threads"] = .int(threads)
    self.data = data
  }

  init(settings: JSONObject, data: DataIdentity) {
    self.settings = settings
    self.data = data
  }

  /// Threads that update and add in parts: another number of them rounds sums in another way.
  var threads: Int? { settings["threads"]?.intValue }

  /// Throws unless a run of this identity may go on from a checkpoint of `earlier`; names what differs. With a constant
  /// learning rate more updates may be wanted than before; the number of threads may be another, as machines have.
  func checkContinuation(of earlier: RunIdentity, path: String) throws {
    let keys = earlier.settings.members.map(\.key) + settings.members.map(\.key).filter { earlier.settings[$0] == nil }
    let changes = keys.compactMap { key -> String? in
      let (old, new) = (earlier.settings[key], settings[key])
      if old == new || key == "threads" || key == "updates" && isExtension(of: earlier) { return nil }
      return "\(Setting(key)) was \(Self.text(old)), now it is \(Self.text(new))"
    }
    guard changes.isEmpty else {
      throw Failure(
        .usage, path: path,
        "\(setting: "resume") goes on only with the flags of the run: " + changes.joined(separator: "; "),
        hint: "another \(setting: "output") begins another run")
    }
    let parts = [
      ("its samples", earlier.data.samples == data.samples),
      ("the utterances to train on", earlier.data.training == data.training),
      ("the utterances held out", earlier.data.heldOut == data.heldOut),
    ]
    let changed = parts.filter { !$0.1 }.map(\.0)
    guard changed.isEmpty else {
      throw Failure(
        .badInput, path: path,
        "the dataset is not the one that the run began with: "
          + changed.joined(separator: " and ") + " changed", hint: "another \(setting: "output") begins another run")
    }
  }

  private func isExtension(of earlier: RunIdentity) -> Bool {
    guard let old = earlier.settings["updates"]?.intValue, let new = settings["updates"]?.intValue else { return false }
    return new > old && settings["schedule"]?.stringValue == LearningRateSchedule.constant.rawValue
  }

  private static func text(_ value: JSON?) -> String { value.map { $0.stringValue ?? $0.compact } ?? "unknown" }
}
