import FileIO
import OrderedJSON
import Shards

/// Sums over the pixels of records, in whole numbers, so that their order does not matter.
struct ChannelSums {
  private var counts = [Int](repeating: 0, count: 3 * 256)
  private var pixels = 0

  /// Throws a `Failure` of kind `usage` for records that are no pictures.
  init(of records: [Int], in dataset: Dataset, progress: (Int) -> Void) throws {
    let schema = dataset.schema
    guard schema.kind == "image", let row = schema.payload.first?.row, row.count == 3, row[2] == 3 else {
      throw Failure(.usage, path: dataset.folder, "its records are not images but of the kind \(schema.kind)")
    }
    counts.withUnsafeMutableBufferPointer { counts in
      for (i, record) in records.enumerated() {
        if i % 256 == 0 { progress(i) }
        dataset.withPayload(record) { bytes in
          for place in stride(from: 0, to: bytes.count - 2, by: 3) {
            counts[Int(bytes[place])] += 1
            counts[256 + Int(bytes[place + 1])] += 1
            counts[512 + Int(bytes[place + 2])] += 1
          }
        }
      }
    }
    pixels = records.count * row[0] * row[1]
  }

  /// Of red, green and blue, from 0 to 1.
  var mean: [Double] { moments.map { $0.mean / 255 } }

  /// Of the whole population of pixels.
  var deviation: [Double] { moments.map { $0.variance.squareRoot() / 255 } }

  private var moments: [(mean: Double, variance: Double)] {
    (0..<3).map { channel in
      let histogram = counts[256 * channel..<256 * (channel + 1)]
      let mean = Double(zip(0..<256, histogram).reduce(0) { $0 + $1.0 * $1.1 }) / Double(pixels)
      // Around the mean, where nothing cancels.
      let variance = zip(0..<256, histogram).reduce(0.0) { sum, bin in
        let distance = Double(bin.0) - mean
        return sum + distance * distance * Double(bin.1)
      }
      return (mean, variance / Double(pixels))
    }
  }
}

/// What the utterance list keeps of the originals.
struct OriginalSizes {
  /// Sorted.
  struct Lengths {
    var all: [Int]
    private var median: Int { all[(all.count - 1) / 2] }

    var text: String {
      all.isEmpty ? "not known" : "\(all[0]) to \(all[all.count - 1]) pixels, median \(median)"
    }

    var json: JSON {
      all.isEmpty ? .null : .object(["min": .int(all[0]), "median": .int(median), "max": .int(all[all.count - 1])])
    }
  }

  private(set) var widths = Lengths(all: [])
  private(set) var heights = Lengths(all: [])
  private(set) var turned = 0
  private(set) var classes = 0

  init(of records: [Int], in dataset: Dataset) throws {
    var isWanted = [Bool](repeating: false, count: dataset.utteranceCount)
    for record in records { isWanted[dataset.utterance(record)] = true }
    var labels: Set<Name> = []
    let list = try dataset.utterances()
    var index = 0
    while let line = try list.next(), index < isWanted.count {
      defer { index += 1 }
      guard isWanted[index] else { continue }
      if let width = line.json["width"]?.intValue { widths.all.append(width) }
      if let height = line.json["height"]?.intValue { heights.all.append(height) }
      if let orientation = line.json["orientation"]?.intValue, orientation != 1 { turned += 1 }
      if let label = line.json["class"], label != .null { labels.insert(Name(label.stringValue ?? label.compact)) }
    }
    widths.all.sort()
    heights.all.sort()
    classes = labels.count
  }
}
