import FileIO
import Labels
import Manifests
import Sharding

/// The class of each picture: classes are numbered by first appearance.
final class ClassLabels: UtteranceLabels {
  private(set) var classes: [String] = []
  private var indices: [SIMD2<UInt64>: UInt16] = [:]
  private(set) var unlabelled = 0
  let problems: [InputProblem] = []
  let unknownIDs = 0
  let mends = LabelMends()

  /// - Parameter classes: those that are known already.
  init(_ classes: [String]) { for name in classes { _ = try? index(name) } }

  func labels(of entry: ManifestEntry) throws -> [UInt8]? {
    guard let name = entry.classLabel else {
      unlabelled += 1
      return nil
    }
    return withUnsafeBytes(of: try index(name).littleEndian) { Array($0) }
  }

  private func index(_ name: String) throws -> UInt16 {
    let key = XXH3.key128(name)
    if let index = indices[key] { return index }
    // The greatest number stands for none.
    guard classes.count < Int(UInt16.max) else {
      throw Failure(.badInput, "its class \"\(name)\" is one too many: a plane holds \(UInt16.max)")
    }
    indices[key] = UInt16(classes.count)
    classes.append(name)
    return UInt16(classes.count - 1)
  }
}
