import Archives
public import FileIO
public import OrderedJSON
import Safetensors

/// Writes records as a tar archive in the convention of WebDataset (https://github.com/webdataset/webdataset): files
/// that follow one another and have the same name up to its first dot are one record.
///
/// Each record has a file `PLANE.npy` for each plane of the payload, padding included (`samples.npy`, I16 [20480]), for
/// its labels where the dataset has some (`phones.npy`, U8 [128]), and for each added plane of labels, and `json`. Files
/// of another format may stand for its payload and labels. Its key is the utterance's id, a dash, and its row there.
public final class WebDatasetWriter {
  private let tar: TarStream
  private let hasLabels: Bool
  private let content: (Excerpt) throws -> Content?

  /// What stands for a record's payload and labels.
  public struct Content {
    public typealias File = (ending: String, bytes: [UInt8])
    public var files: [File]
    /// What the record's JSON says besides.
    public var facts: JSONObject

    public init(files: [File], facts: JSONObject = JSONObject()) {
      self.files = files
      self.facts = facts
    }
  }

  /// - Parameters:
  ///   - hasLabels: whether the records of the dataset have labels.
  ///   - content: of a record; nil takes its planes.
  public init(
    _ output: File, hasLabels: Bool, content: @escaping (Excerpt) throws -> Content? = { _ in nil }
  ) throws {
    self.hasLabels = hasLabels
    self.content = content
    tar = try TarStream(output)
  }

  /// - Parameter item: a record.
  public func write(_ item: Excerpt) throws {
    let schema = item.schema
    // Dots end the key, and not every reader of archives knows more than ASCII.
    let id = fileName(item.id) { $0 == UInt8(ascii: ".") || $0 <= 0x20 || $0 >= 0x7f }
    let key = "\(id)-\(item.start / schema.length)"
    let content = try content(item)
    for (ending, bytes) in content?.files ?? [] { try tar.add("\(key).\(ending)", bytes) }
    for (plane, bytes) in zip(schema.payload, item.payload) where content == nil {
      let padded = bytes + repeatElement(0, count: max(0, plane.rowSize - bytes.count))
      try tar.add("\(key).\(plane.name).npy", npy(padded, plane.type, plane.row))
    }
    if content == nil, hasLabels, let label = schema.label {
      try tar.add("\(key).\(label.name).npy", npy(item.labels, none: schema.unlabelled, label.type, label.row))
    }
    var object = JSONObject()
    if let record = item.record { object["record"] = .int(record) }
    object["id"] = .string(item.id)
    object["group"] = .string(item.group)
    if let session = item.session { object["session"] = .string(session) }
    object["start"] = .int(item.start)
    object["valid"] = .int(item.count)
    if let text = item.text { object["text"] = .string(text) }
    for (name, value) in content?.facts.members ?? [] { object[name] = value }
    for (overlay, values) in item.planes {
      guard !overlay.row.isEmpty else {
        object[overlay.name] = values[0] == overlay.none ? .null : .int(values[0])
        continue
      }
      try tar.add("\(key).\(overlay.name).npy", npy(values, none: overlay.none, overlay.type, overlay.row))
    }
    try tar.add("\(key).json", Array((JSON.object(object).compact + "\n").utf8))
  }

  /// Writes the end of the archive.
  public func finish() throws { try tar.finish() }

  /// Labels of a record, U8 or U16, filled up with those of no label.
  private func npy(_ values: [Int], none: Int, _ type: TensorType, _ row: [Int]) -> [UInt8] {
    let all = values + repeatElement(none, count: max(0, row.reduce(1, *) - values.count))
    guard type == .u16 else { return npy(all.map { UInt8($0) }, type, row) }
    return npy(all.flatMap { [UInt8($0 & 255), UInt8($0 >> 8)] }, type, row)
  }

  /// A NumPy file (numpy.lib.format, version 1.0).
  private func npy(_ values: [UInt8], _ type: TensorType, _ row: [Int]) -> [UInt8] {
    let shape = row.count == 1 ? "\(row[0])," : row.map { "\($0)" }.joined(separator: ", ")
    let text = "{'descr': '\(type.numPy)', 'fortran_order': False, 'shape': (\(shape)), }"
    // Magic, version and length take 10 bytes; the data begin at a multiple of 64, after a line end.
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    bytes += Array(text.utf8) + repeatElement(UInt8(ascii: " "), count: length - 1 - text.utf8.count)
    bytes.append(UInt8(ascii: "\n"))
    return bytes + values
  }
}

extension TensorType {
  /// As NumPy names it.
  fileprivate var numPy: String {
    switch self {
    case .bool: "|b1"
    case .u8: "|u1"
    case .i8: "|i1"
    case .u16: "<u2"
    case .i16: "<i2"
    case .u32: "<u4"
    case .i32: "<i4"
    case .u64: "<u8"
    case .i64: "<i8"
    case .f16: "<f2"
    case .f32: "<f4"
    case .f64: "<f8"
    // NumPy has no such type: its bits.
    case .bf16: "<u2"
    }
  }
}
