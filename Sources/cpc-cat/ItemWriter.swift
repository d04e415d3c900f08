import Contents
import FileIO
import OrderedJSON
import Shards

/// Where items go.
protocol ItemSink: AnyObject {
  func write(_ item: Excerpt) throws
  /// Writes what is left.
  func finish() throws
}

extension WebDatasetWriter: ItemSink {}

/// Writes items in one format, to standard output or into a folder of files.
final class ItemWriter: ItemSink {
  private let format: CatCommand.Format
  private let withSamples: Bool
  private let folder: String?
  private let output = BufferedFile(.standardOutput)
  private let content: ItemContent
  private var count = 0
  /// A WAV or PNG for standard output waits until it is known to be the only one.
  private var only: [UInt8] = []

  init(format: CatCommand.Format, withSamples: Bool, folder: String?, dataset: Dataset?) throws {
    self.format = format
    self.withSamples = withSamples
    self.folder = folder
    if format == .text {
      guard let dataset else {
        throw Failure(.usage, "a record stream has no vocabulary", hint: "--text is for datasets")
      }
      guard dataset.schema.kind == "text" else {
        throw Failure(
          .usage, path: dataset.folder, "--text is for texts, and its records are of the kind \(dataset.schema.kind)")
      }
    }
    content = try ItemContent(format == .text ? dataset : nil)
    guard let folder else {
      guard format == .jsonl || format == .text || !File.standardOutput.isTerminal else {
        throw Failure(.usage, "samples are binary: standard output is a terminal", hint: "redirect it, or -o FOLDER")
      }
      return
    }
    if Folder.kind(of: folder) != nil {
      throw Failure(.exists, path: folder, "the output folder exists", hint: "choose a new name")
    }
  }

  func write(_ item: Excerpt) throws {
    count += 1
    let bytes =
      switch format {
      case .jsonl: line(item)
      case .raw: content.raw(item)
      case .wav: try content.wav(item)
      case .png: try content.png(item)
      case .text: try content.text(item)
      case .webdataset, .lhotse: preconditionFailure("these have writers of their own")
      }
    if let folder {
      // Made when there is something to write.
      if count == 1 { try Folder.create(folder) }
      let suffix = item.record == nil ? "" : "-\(item.start)"
      let ending = [
        .jsonl: "json", .raw: item.schema == .audio ? "s16" : "raw", .wav: "wav", .png: "png", .text: "txt",
      ][format]!
      // An id is not a path: what it says must stay in this folder.
      let path = "\(folder)/\(fileName(item.id + suffix)).\(ending)"
      guard Folder.kind(of: path) == nil else {
        throw Failure(.exists, path: path, "two items would have this name", hint: "write them one by one")
      }
      try writeAtomically(to: path) { try $0.write(bytes) }
    } else {
      guard format == .wav || format == .png else { return try output.write(bytes) }
      guard count == 1 else {
        throw Failure(
          .usage, "standard output takes one \(format == .wav ? "WAV" : "PNG"), the selection has more",
          hint: "-o FOLDER writes them all")
      }
      only = bytes
    }
  }

  func finish() throws {
    if let folder, count == 0 { try Folder.create(folder) }
    try output.write(only)
    try output.flush()
  }

  private func line(_ item: Excerpt) -> [UInt8] {
    var object = JSONObject()
    if let record = item.record { object["record"] = .int(record) }
    object["id"] = .string(item.id)
    object["group"] = .string(item.group)
    object["start"] = .int(item.start)
    object["length"] = .int(item.count)
    if let text = item.text { object["text"] = .string(text) }
    if item.isLabelled, let label = item.schema.label {
      object[label.name] =
        label.row.isEmpty && item.record != nil ? .int(item.labels[0]) : .array(item.labels.map { .int($0) })
    }
    for (overlay, values) in item.planes where values.contains(where: { $0 != overlay.none }) {
      object[overlay.name] = overlay.row.isEmpty ? .int(values[0]) : .array(values.map { .int($0) })
    }
    if withSamples {
      for (plane, bytes) in zip(item.schema.payload, item.payload) {
        object[plane.name] = plane.json(bytes)
      }
    }
    var bytes: [UInt8] = []
    JSON.object(object).write(to: &bytes)
    bytes.append(UInt8(ascii: "\n"))
    return bytes
  }
}
