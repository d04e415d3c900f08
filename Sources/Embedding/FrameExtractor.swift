public import Models
public import OrderedJSON
public import Shards

/// Makes features of the utterances of a dataset, rows of numbers: of speech one for each frame, which is a cell of 160
/// samples (10 ms), the cell that a label is of; else one for each picture or sentence.
public protocol FrameExtractor: Sendable {
  /// Numbers of a row.
  var dimension: Int { get }
  var grid: FeatureGrid { get }
  /// What a dataset's card says of the features.
  var facts: JSONObject { get }
  /// Throws unless the records of a dataset are those that these features are made of.
  func check(_ dataset: Dataset) throws
  /// Files that a dataset of the features of `dataset` has beside its records, by name.
  func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])]
  /// Floats that a worker takes for an utterance of so many rows, beside the features.
  func scratch(rows: Int) -> Int
  /// Called once for each utterance that is worked on at a time.
  ///
  /// - Parameter threads: how many a worker may use, where what it does can be shared. The features are the same.
  func makeWorker(threads: Int) throws -> any FrameWorker
}

extension FrameExtractor {
  public func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])] { [] }
  public func scratch(rows: Int) -> Int { 0 }
}

/// What the rows of features are of.
public enum FeatureGrid: Sendable, Equatable {
  /// Frames of speech; row t is of the samples from ``Shards/AudioRecords/cell`` · t on, centred at this one of them.
  case frames(centre: Int)
  /// Units of the records: a picture or a sentence each.
  case units

  /// Rows of an utterance of so many units; of speech, the cells that hold a sample.
  public func count(units: Int) -> Int {
    switch self {
    case .frames: (units + AudioRecords.cell - 1) / AudioRecords.cell
    case .units: units
    }
  }
}

/// Makes the features of utterances, one after the other.
public protocol FrameWorker: AnyObject {
  /// Writes the features of an utterance as rows [rows, dimension].
  ///
  /// - Parameters:
  ///   - payload: all its units in each plane of the records' payload. The result depends on these alone.
  ///   - units: how many these are.
  func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) throws
}
