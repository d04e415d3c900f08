public import FileIO

/// Features of a file: frame i is `values[i · dimension ..< (i + 1) · dimension]`.
public struct FeatureFrames: Sendable {
  public var values: [Float]
  public var dimension: Int
  public var count: Int { values.count / dimension }

  /// - Parameter values: [frames, dimension].
  public init(_ values: [Float], dimension: Int) {
    precondition(dimension > 0 && values.count.isMultiple(of: dimension))
    (self.values, self.dimension) = (values, dimension)
  }
}

/// Where the features of an item list's files come from: a folder, a dataset, a network.
public protocol FeatureSource {
  /// Called once for each file of the list, in the list's order; nil if there are no features of it, so that its items
  /// are left out and named.
  func features(of file: Name) throws -> FeatureFrames?
}
