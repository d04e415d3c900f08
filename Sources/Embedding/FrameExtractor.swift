import FileIO
public import OrderedJSON
public import Shards

/// Makes features of speech: a row of numbers for each frame, which is a cell of 160 samples (10 ms), the cell that a
/// label is of.
public protocol FrameExtractor: Sendable {
  /// Numbers of a frame.
  var dimension: Int { get }
  /// The sample of a frame's cell that the frame is centred at.
  var centre: Int { get }
  /// What a dataset's card says of the features.
  var facts: JSONObject { get }
  /// Files that a dataset of the features of `dataset` has beside its records, by name.
  func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])]
  /// Floats that a worker takes for an utterance of so many frames, beside the features.
  func scratch(frames: Int) -> Int
  /// Called once by each thread.
  func makeWorker() throws -> any FrameWorker
}

extension FrameExtractor {
  public func files(for dataset: Dataset) throws -> [(name: String, bytes: [UInt8])] { [] }
}

/// Makes the features of utterances on one thread.
public protocol FrameWorker: AnyObject {
  /// Writes the features of an utterance as rows [frames, dimension]; frame t is of the samples from
  /// ``Shards/AudioRecords/cell`` · t on. The result depends on these samples alone.
  func extract(_ samples: UnsafeBufferPointer<Int16>, into output: UnsafeMutablePointer<Float>)
}

public enum FrameGrid {
  /// Frames of an utterance: the cells that hold a sample.
  public static func count(samples: Int) -> Int { (samples + AudioRecords.cell - 1) / AudioRecords.cell }
}

/// Throws unless the records are those that features are made of.
func requireAudio(_ dataset: Dataset) throws {
  guard dataset.schema == .audio else {
    throw Failure(
      .badInput, path: dataset.folder, "records of the kind \"\(dataset.schema.kind)\": features are made of audio")
  }
}
