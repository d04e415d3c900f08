public import FeatureFiles
public import FileIO
import Probes
public import Shards

/// Features that others made, as the rows of a matrix: those of a dataset's utterances, in its order. They are read once
/// and kept in a file for the time of the run, because a fit goes through them many times.
public struct ForeignFrames: UtteranceFrames {
  public let columns: Int
  /// The first row of each utterance of the dataset, and at last the number of rows.
  public let offsets: [Int]
  public let clock: FrameClock
  /// Utterances of the dataset without features, and features of utterances that it lacks.
  public let missing: [String]
  public let unknown: [String]
  private let file: MappedFile
  private let scratch: ScratchFile

  /// - Parameters:
  ///   - clock: of speech; pictures and sentences have a row each.
  ///   - dataset: whose utterances' lengths the features must fit.
  public init(
    _ source: any FeatureFiles.FeatureSource, _ clock: FrameClock, of dataset: Dataset,
    progress: ProgressHandler = { _ in }
  ) throws {
    let scratch = try ScratchFile()
    let output = BufferedFile(scratch.file)
    let ids = try dataset.utteranceIDs()
    var offsets = [0]
    var columns: Int?
    var missing: [String] = []
    for (utterance, id) in ids.enumerated() {
      progress(Progress(done: utterance, total: ids.count, unit: "utterances", detail: "reading features"))
      let units = dataset.unitCount(ofUtterance: utterance)
      guard units > 0, source.index[Name(id)] != nil else {
        offsets.append(offsets.last!)
        if units > 0 { missing.append(id) }
        continue
      }
      let frames = try source.finiteFrames(of: Name(id))
      guard frames.count == 0 || columns == nil || columns == frames.dimension else {
        throw Failure(
          .badInput, path: source.path, at: id, "\(frames.dimension) numbers a frame, other utterances have \(columns!)"
        )
      }
      if dataset.isOfSpeech {
        try clock.check(
          frames: frames.count, samples: units * AudioRecords.cell / dataset.schema.cell, id: id, path: source.path)
      } else if frames.count != units {
        throw Failure(
          .badInput, path: source.path, at: id, "\(frames.count) rows, and it has \(units) \(dataset.schema.unit)")
      }
      if frames.count > 0 { columns = frames.dimension }
      try frames.values.withUnsafeBytes { try output.write($0) }
      offsets.append(offsets.last! + frames.count)
    }
    try output.flush()
    guard let columns else {
      throw Failure(
        .badInput, path: source.path, "it has features of none of the \(ids.count) utterances of \(dataset.folder)",
        hint: source.ids.first.map { "its ids are like '\($0)', the dataset's like '\(ids.first ?? "")'" })
    }
    let known = Set(ids.map { Name($0) })
    unknown = source.ids.filter { !known.contains($0) }.map(\.text)
    self.missing = missing
    self.columns = columns
    self.offsets = offsets
    self.clock = clock
    self.scratch = scratch
    file = try MappedFile(scratch.path)
  }

  public var rows: Int { offsets.last! }

  public func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) throws {
    file.withBytes { bytes in
      let size = columns * MemoryLayout<Float>.stride
      let part = UnsafeRawBufferPointer(rebasing: bytes[rows.lowerBound * size..<rows.upperBound * size])
      UnsafeMutableRawBufferPointer(destination).copyMemory(from: part)
    }
  }
}
