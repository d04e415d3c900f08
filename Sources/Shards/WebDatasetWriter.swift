import Archives
public import FileIO
import OrderedJSON
import Safetensors

/// Writes records as a tar archive in the convention of WebDataset (https://github.com/webdataset/webdataset): files
/// that follow one another and have the same name up to its first dot are one record.
///
/// Each record has `samples.npy` (I16 [20480], padding included), `phones.npy` (U8 [128]) where the dataset has labels,
/// `NAME.npy` for each added plane of labels, and `json`. Its key is the utterance's id, a dash, and its row there.
public final class WebDatasetWriter {
  private let tar: TarStream
  private let hasPhones: Bool

  /// - Parameter hasPhones: whether the records of the dataset have labels.
  public init(_ output: File, hasPhones: Bool) throws {
    self.hasPhones = hasPhones
    tar = try TarStream(output)
  }

  /// - Parameter item: a record.
  public func write(_ item: Excerpt) throws {
    // Dots end the key, and not every reader of archives knows more than ASCII.
    let id = fileName(item.id) { $0 == UInt8(ascii: ".") || $0 <= 0x20 || $0 >= 0x7f }
    let key = "\(id)-\(item.start / RecordSchema.window)"
    func pad<Element>(_ values: [Element], _ count: Int, with filler: Element) -> [Element] {
      values + repeatElement(filler, count: max(0, count - values.count))
    }
    try tar.add("\(key).samples.npy", npy(pad(item.samples, RecordSchema.window, with: 0), "<i2"))
    if hasPhones {
      try tar.add("\(key).phones.npy", npy(pad(item.phones, RecordSchema.cells, with: RecordSchema.unlabelled), "|u1"))
    }
    var object = JSONObject()
    if let record = item.record { object["record"] = .int(record) }
    object["id"] = .string(item.id)
    object["group"] = .string(item.group)
    if let session = item.session { object["session"] = .string(session) }
    object["start"] = .int(item.start)
    object["valid"] = .int(item.samples.count)
    if let text = item.text { object["text"] = .string(text) }
    for (overlay, values) in item.planes {
      guard !overlay.row.isEmpty else {
        object[overlay.name] = values[0] == overlay.none ? .null : .int(values[0])
        continue
      }
      let cells = pad(values, RecordSchema.cells, with: overlay.none)
      let bytes =
        overlay.type == .u8 ? npy(cells.map { UInt8($0) }, "|u1") : npy(cells.map { UInt16($0) }, "<u2")
      try tar.add("\(key).\(overlay.name).npy", bytes)
    }
    try tar.add("\(key).json", Array((JSON.object(object).compact + "\n").utf8))
  }

  /// Writes the end of the archive.
  public func finish() throws { try tar.finish() }

  /// A NumPy file of one dimension (numpy.lib.format, version 1.0).
  private func npy<Element: FixedWidthInteger & BitwiseCopyable>(_ values: [Element], _ type: String) -> [UInt8] {
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(values.count),), }"
    // Magic, version and length take 10 bytes; the data begin at a multiple of 64, after a line end.
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    bytes += Array(text.utf8) + repeatElement(UInt8(ascii: " "), count: length - 1 - text.utf8.count)
    bytes.append(UInt8(ascii: "\n"))
    values.withUnsafeBytes { bytes += Array($0) }
    return bytes
  }
}
