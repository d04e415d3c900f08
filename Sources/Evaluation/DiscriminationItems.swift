public import ABX
public import FileIO
import Probes
public import Shards

/// Triphones of a dataset's utterances, from its labels.
public struct DiscriminationItems: Sendable {
  public private(set) var list = ItemList()
  public private(set) var counts = TriphoneCounts()

  /// - Parameters:
  ///   - target: labels of cells; classes that are no phones (``silences``) make no items.
  ///   - isMeant: of each utterance.
  public init(_ dataset: Dataset, _ target: ProbeTarget, isMeant: [Bool]) throws {
    let names = target.classes.map { Name($0) }
    let excluded = Set(names.indices.filter { Self.silences.contains(Name(target.classes[$0].asciiLowercased)) })
    let lines = try dataset.utterances()
    var utterance = 0
    while let line = try lines.next(), utterance < isMeant.count {
      defer { utterance += 1 }
      guard isMeant[utterance], !dataset.records(ofUtterance: utterance).isEmpty else { continue }
      let cells = try target.cells(ofUtterance: utterance).map { Int($0) }
      let more = list.appendTriphones(
        of: PhoneInterval.runs(of: cells, none: Int(ProbeTarget.none)), file: Name(line.id), speaker: Name(line.group),
        names: names, excluding: excluded, hop: AudioRecords.cell, rate: AudioRecords.rate)
      counts.items += more.items
      counts.withoutNeighbour += more.withoutNeighbour
      counts.excluded += more.excluded
    }
  }

  /// Names of silence, noise and unknown words.
  private static let silences: Set<Name> = Set(
    ["sil", "spn", "sp", "nsn", "noise", "pau", "h#", "epi", "q", "<eps>", "<unk>"].map { Name($0) })
}

/// The features that ABX asks for, file by file: those of the utterance of this id.
public struct FeaturesOfFiles: ABX.FeatureSource {
  private let frames: any UtteranceFrames
  private let places: [Name: Int]

  public init(_ frames: any UtteranceFrames, of dataset: Dataset) throws {
    self.frames = frames
    places = Dictionary(
      try dataset.utteranceIDs().enumerated().map { (Name($1), $0) }, uniquingKeysWith: { first, _ in first })
  }

  public func features(of file: Name) throws -> FeatureFrames? {
    guard let place = places[file] else { return nil }
    let rows = frames.offsets[place]..<frames.offsets[place + 1]
    guard !rows.isEmpty else { return nil }
    var values = [Float](repeating: 0, count: rows.count * frames.columns)
    try values.withUnsafeMutableBufferPointer { try frames.read(rows, into: $0) }
    return FeatureFrames(values, dimension: frames.columns)
  }
}

extension FrameClock {
  /// When the frames are, for ABX. Those of cells of 10 ms stand for their cells.
  public var times: FrameTimes {
    FrameTimes(
      hop: hop, rate: AudioRecords.rate, centre: hop == AudioRecords.cell && cell(ofFrame: 0) == 0 ? nil : centre)
  }
}
