import FileIO

/// Finds things by ids that may be paths: by the whole of the path, or by what stands after some of its folders, where
/// only one of them ends so. Ids are compared by their bytes and kept as 128-bit hashes.
public struct IDIndex: Sendable {
  public enum Found: Equatable, Sendable {
    case none
    case one(Int)
    /// Several paths end so; the first two.
    case several(Int, Int)
  }

  private struct Place {
    var first: Int32
    /// -1 if there is none.
    var second: Int32 = -1
    var isWhole: Bool
  }

  private var places: [SIMD2<UInt64>: Place] = [:]

  public init() {}

  /// Keeps a number under ids of which one or more are whole and the others are ends of a path. Returns the number that
  /// has one of the whole ids already; then nothing is kept.
  public mutating func insert(_ value: Int, whole: [String], ends: [String] = []) -> Int? {
    let keys = whole.map { XXH3.key128($0) }
    for key in keys { if let place = places[key], place.isWhole { return Int(place.first) } }
    for key in keys { places[key] = Place(first: Int32(value), isWhole: true) }
    for end in ends {
      let key = XXH3.key128(end)
      guard var place = places[key] else {
        places[key] = Place(first: Int32(value), isWhole: false)
        continue
      }
      guard !place.isWhole, place.first != Int32(value), place.second < 0 else { continue }
      place.second = Int32(value)
      places[key] = place
    }
    return nil
  }

  /// - Parameter isWhole: passes over ends of paths.
  public func find(_ id: String, isWhole: Bool = false) -> Found {
    guard let place = places[XXH3.key128(id)], place.isWhole || !isWhole else { return .none }
    return place.second < 0 ? .one(Int(place.first)) : .several(Int(place.first), Int(place.second))
  }

  /// The ids after the folders of a path, the longest first: `b/c` and `c` of `a/b/c`.
  public static func ends(of path: String) -> [String] {
    path.utf8.indices.filter { path.utf8[$0] == UInt8(ascii: "/") }
      .map { String(path[path.utf8.index(after: $0)...]) }.filter { !$0.isEmpty }
  }
}
