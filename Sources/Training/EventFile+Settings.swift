import FileIO
import OrderedJSON

/// What a run was started with, for TensorBoard's tabs of text and of hyperparameters (tensorboard/plugins/hparams:
/// api.proto, plugin_data.proto).
extension EventFile {
  /// What the table of runs shows beside their settings, the loss first.
  private static let metrics = ["held_out/loss", "train/loss", "common/loss", "train/gradient_norm"]

  /// - Parameter settings: those of the run's identity.
  func addSettings(_ settings: JSONObject, step: Int) throws {
    let values = settings.members.compactMap { key, value in Self.value(value).map { (key, value, $0) } }
    var experiment = ProtocolBuffer()
    for (key, json, _) in values {
      var info = ProtocolBuffer()
      info.field(1, key)
      info.field(4, Self.type(json))
      experiment.field(4, info)
    }
    for tag in Self.metrics {
      var name = ProtocolBuffer()
      name.field(2, tag)
      var metric = ProtocolBuffer()
      metric.field(1, name)
      experiment.field(5, metric)
    }
    var start = ProtocolBuffer()
    for (key, _, value) in values {
      var entry = ProtocolBuffer()
      entry.field(1, key)
      entry.field(2, value)
      start.field(1, entry)
    }
    start.field(5, Self.now())
    let table = settings.members.map { "| \($0.key) | \(Self.cell($0.value)) |" }
    try add(
      summary: [
        Self.hyperparameters("experiment", 2, experiment), Self.hyperparameters("session_start_info", 3, start),
        Self.text("settings", (["| setting | value |", "|---|---|"] + table).joined(separator: "\n")),
      ], step: step)
  }

  /// Tells the table of runs that this one has come to its end.
  func endSession(step: Int) throws {
    var end = ProtocolBuffer()
    end.field(1, UInt64(1))
    end.field(2, Self.now())
    try add(summary: [Self.hyperparameters("session_end_info", 4, end)], step: step)
  }

  private static func hyperparameters(_ what: String, _ number: Int, _ message: ProtocolBuffer) -> ProtocolBuffer {
    var content = ProtocolBuffer()
    content.field(number, message)
    // The plugin looks at the metadata alone, but a summary has a value.
    var tensor = tensor(type: 1)
    tensor.field(5, littleEndian(Float(0).bitPattern))
    return value("_hparams_/\(what)", plugin: "hparams", content.bytes, tensor)
  }

  private static func text(_ tag: String, _ text: String) -> ProtocolBuffer {
    var tensor = tensor(type: 7)
    tensor.field(8, text)
    return value("\(tag)/text_summary", plugin: "text", [], tensor)
  }

  /// A tensor of one element (tensorflow/core/framework/tensor.proto).
  private static func tensor(type: UInt64) -> ProtocolBuffer {
    var (dimension, shape, tensor) = (ProtocolBuffer(), ProtocolBuffer(), ProtocolBuffer())
    dimension.field(1, UInt64(1))
    shape.field(2, dimension)
    tensor.field(1, type)
    tensor.field(2, shape)
    return tensor
  }

  private static func value(
    _ tag: String, plugin: String, _ content: [UInt8], _ tensor: ProtocolBuffer
  ) -> ProtocolBuffer {
    var (data, metadata, value) = (ProtocolBuffer(), ProtocolBuffer(), ProtocolBuffer())
    data.field(1, plugin)
    data.field(2, content)
    metadata.field(1, data)
    metadata.field(4, UInt64(2))
    value.field(1, tag)
    value.field(8, tensor)
    value.field(9, metadata)
    return value
  }

  /// A `google.protobuf.Value`; nil for null.
  private static func value(_ json: JSON) -> ProtocolBuffer? {
    var value = ProtocolBuffer()
    switch json {
    case .null: return nil
    case .bool(let flag): value.field(4, UInt64(flag ? 1 : 0))
    case .number: value.field(2, json.doubleValue ?? .nan)
    default: value.field(3, json.stringValue ?? json.compact)
    }
    return value
  }

  private static func type(_ json: JSON) -> UInt64 {
    if case .bool = json { 2 } else if case .number = json { 3 } else { 1 }
  }

  /// In a table of Markdown.
  private static func cell(_ json: JSON) -> String {
    (json.stringValue ?? json.compact).pieces(at: "|").joined(separator: "\\|")
  }
}
