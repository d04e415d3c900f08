import FileIO
import Pixels
import Sampling
import Shards

/// Records for the rows of a sheet: drawn from all of `records`, or from one group each.
func sheetRows(
  of records: [Int], in dataset: Dataset, count: Int, columns: Int, isGrouped: Bool, seed: UInt64
) throws -> [[Int]] {
  let order = KeyedBijection(count: records.count, seed: seed, index: 0)
  guard isGrouped else {
    let drawn = order(Array(0..<min(count, records.count))).map { records[$0] }
    return stride(from: 0, to: drawn.count, by: columns).map { Array(drawn[$0..<min($0 + columns, drawn.count)]) }
  }
  var rows = [[Int]](repeating: [], count: dataset.groups.count)
  for i in order(Array(records.indices)) {
    let group = try dataset.group(records[i])
    if rows[group].count < columns { rows[group].append(records[i]) }
  }
  var left = count
  return rows.compactMap { all in
    let row = Array(all.prefix(left))
    left -= row.count
    return row.isEmpty ? nil : row
  }
}

/// Pictures of records in rows, on white.
struct ContactSheet {
  let width: Int
  let height: Int
  private var pixels: [UInt8]
  /// Pixels around each picture.
  private static let gap = 4

  /// Throws a `Failure` of kind `usage` for records that are no pictures, or a sheet that is too large.
  init(_ rows: [[Int]], of dataset: Dataset, columns: Int, thumbnail: Int) throws {
    let schema = dataset.schema
    guard schema.kind == "image", let row = schema.payload.first?.row, row.count == 3, row[2] == 3 else {
      throw Failure(
        .usage, path: dataset.folder, "a sheet is of images, and its records are of the kind \(schema.kind)")
    }
    let thumbnails = try Thumbnails(width: row[1], height: row[0], longer: thumbnail)
    let framing = thumbnails.framing
    let widest = rows.map(\.count).max() ?? 0
    width = widest * (framing.width + Self.gap) + Self.gap
    height = rows.count * (framing.height + Self.gap) + Self.gap
    guard width * height <= 1 << 28 else {
      throw Failure(
        .usage, "a sheet of \(width) × \(height) pixels is too large",
        hint: "fewer records (\(setting: "count")), or smaller ones (\(setting: "thumbnail"))")
    }
    pixels = [UInt8](repeating: 255, count: width * height * 3)
    for (y, records) in rows.enumerated() {
      for (x, record) in records.enumerated() {
        let small = try dataset.withPayload(record) { try thumbnails.make($0) }
        let (left, top) = (Self.gap + x * (framing.width + Self.gap), Self.gap + y * (framing.height + Self.gap))
        for line in 0..<framing.height {
          let place = 3 * ((top + line) * width + left)
          let source = 3 * line * framing.width
          pixels.replaceSubrange(place..<place + 3 * framing.width, with: small[source..<source + 3 * framing.width])
        }
      }
    }
  }

  func png() throws -> [UInt8] {
    try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
  }
}
