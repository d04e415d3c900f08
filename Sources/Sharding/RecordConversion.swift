/// Makes records of another kind from those of a dataset, utterance by utterance: as many, in the same order, of cells of
/// the same extent, so that labels, added planes, splits and list of the dataset hold for them, too.
public protocol RecordConversion: Sendable {
  /// Units that an utterance of so many of the source's units has. Full records stay full.
  func units(of units: Int) -> Int
  /// Memory that the units of an utterance take on their way, in bytes.
  func cost(units: Int) -> Int
  /// Called once for each utterance that is converted at a time.
  ///
  /// - Parameter threads: how many the worker may use. What comes out does not depend on it.
  func makeWorker(threads: Int) throws -> any ConversionWorker
}

/// Converts utterances, one after the other.
public protocol ConversionWorker: AnyObject {
  /// All units of an utterance in each plane of the new payload, in memory that `owner` keeps.
  ///
  /// - Parameter payload: all units in each plane of the source's payload.
  func convert(_ payload: [UnsafeRawBufferPointer]) throws -> ConvertedPayload
}

/// What ``Shards/UtteranceRecords`` are made of.
public struct ConvertedPayload {
  public var planes: [UnsafeRawBufferPointer]
  public var owner: any AnyObject & Sendable

  public init(_ planes: [UnsafeRawBufferPointer], owner: any AnyObject & Sendable) {
    self.planes = planes
    self.owner = owner
  }
}
