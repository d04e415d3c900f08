import FileIO
import OrderedJSON
import Safetensors
import Shards

/// Writes records as a tar archive in the convention of WebDataset (https://github.com/webdataset/webdataset): files
/// that follow one another and have the same name up to its first dot are one record.
///
/// Each record has `samples.npy` (I16 [20480], padding included), `phones.npy` (U8 [128]) where the dataset has labels,
/// `NAME.npy` for each added plane of labels, and `json`. Its key is the utterance's id, a dash, and its row there.
final class WebDatasetWriter: ItemSink {
  private let tar: TarStream
  private let hasPhones: Bool

  init(hasPhones: Bool) throws {
    guard !File.standardOutput.isTerminal else {
      throw Failure(.usage, "an archive is binary: standard output is a terminal", hint: "redirect it")
    }
    self.hasPhones = hasPhones
    tar = try TarStream(.standardOutput)
  }

  func write(_ item: Item) throws {
    let key = "\(Self.key(item.id))-\(item.start / RecordSchema.window)"
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

  func finish() throws { try tar.finish() }

  /// An id as a file name without dots and folders, different for different ids.
  private static func key(_ id: String) -> String {
    var name: [UInt8] = []
    for byte in id.utf8 {
      switch byte {
      case UInt8(ascii: "."), UInt8(ascii: "/"), UInt8(ascii: "%"), 0...0x20, 0x7f...:
        let hex = String(byte, radix: 16, uppercase: true)
        name += Array("%\(hex.count == 1 ? "0" : "")\(hex)".utf8)
      default: name.append(byte)
      }
    }
    return String(decoding: name, as: UTF8.self)
  }

  /// A NumPy file of one dimension (numpy.lib.format, version 1.0).
  private func npy<Element: FixedWidthInteger & BitwiseCopyable>(_ values: [Element], _ type: String) -> [UInt8] {
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(values.count),), }"
    // Magic, version and length take 10 bytes; the data begin at a multiple of 64, behind a line end.
    let length = (10 + text.utf8.count + 1 + 63) / 64 * 64 - 10
    var bytes: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 255), UInt8(length >> 8)]
    bytes += Array(text.utf8) + repeatElement(UInt8(ascii: " "), count: length - 1 - text.utf8.count)
    bytes.append(UInt8(ascii: "\n"))
    values.withUnsafeBytes { bytes += Array($0) }
    return bytes
  }
}
