import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Shards

struct PixelsCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "pixels",
    abstract: "Mean and standard deviation of a dataset of images, and the sizes of the originals.",
    discussion: """
      Mean and standard deviation of red, green and blue, of pixels from 0 to 1 as torchvision's Normalize takes them, \
      over all pixels of all records, or of one part of a split: what a model is trained on.

      EXAMPLES
        cpc-inspect pixels photos
        cpc-inspect pixels photos --part train --json
      """)

  @OptionGroup var input: InspectOptions
  @OptionGroup var part: PartOfSplit
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let dataset = try Dataset(opening: input.dataset)
    let records = try part.records(of: dataset)
    let channels = try ChannelSums(of: records, in: dataset) { done in
      console.show(Progress(done: done, total: records.count, unit: "records"))
    }
    console.finish()
    let sizes = try OriginalSizes(of: records, in: dataset)
    let (mean, deviation) = (channels.mean, channels.deviation)
    guard !input.json else {
      let object: JSONObject = [
        "records": .int(records.count), "mean": .array(mean.map { .real($0) }),
        "std": .array(deviation.map { .real($0) }), "classes": .int(sizes.classes),
        "turned": .int(sizes.turned), "width": sizes.widths.json, "height": sizes.heights.json,
      ]
      try File.standardOutput.write(JSON.object(object).compact + "\n")
      return true
    }
    func numbers(_ values: [Double]) -> String {
      values.map { "\(($0 * 10_000).rounded() / 10_000)" }.joined(separator: ", ")
    }
    try File.standardOutput.write(
      """
      images        \(grouped(records.count)), \(counted(sizes.classes, "class", "classes"))
      mean          [\(numbers(mean))]
      std           [\(numbers(deviation))]
      widths        \(sizes.widths.text)
      heights       \(sizes.heights.text)
      turned        \(counted(sizes.turned, "image")), as EXIF or XMP says

      """)
    return true
  }
}

/// The records of one part of a split.
struct PartOfSplit: ParsableArguments {
  @Option(help: ArgumentHelp("The split that --part is of (default: default).", valueName: "name"))
  var splitName: String?

  @Option(help: ArgumentHelp("Records of one part of a split alone.", valueName: "part"))
  var part: String?

  func validate() throws {
    if splitName != nil, part == nil { throw ValidationError("--split-name goes with --part") }
  }

  /// All of them without a part; a `Failure` if there are none.
  func records(of dataset: Dataset) throws -> [Int] {
    let splitName = splitName ?? "default"
    let parts = try part.map { _ in try dataset.split(named: splitName) }
    let records = (0..<dataset.recordCount).filter { record in
      parts.map { isSame($0[dataset.utterance(record)], part) } ?? true
    }
    guard !records.isEmpty else {
      throw Failure(
        .badInput, path: dataset.folder, "no record" + (part.map { " in the part \($0) of \(splitName)" } ?? ""))
    }
    return records
  }
}
