import FileIO
import Kernels

/// The frames of an item list, each of length one.
final class ItemFrames: @unchecked Sendable {
  /// Floats of a frame.
  private(set) var dimension = 0
  /// By file of the list; nil without features.
  private var buffers: [Buffer<Float>?] = []
  /// By item of the list: its frames in its file's; empty for those that are left out.
  private(set) var ranges: [Range<Int>] = []
  private let files: [Int]
  private(set) var leftOut: [LeftOutItem] = []
  private(set) var shortened = 0
  private(set) var zeroFrames = 0

  /// - Throws: What the source throws; and if features have another width than those before, or are not finite.
  init(
    of list: ItemList, from source: some FeatureSource, times: FrameTimes, rule: FrameRule, workers: Workers,
    progress: ProgressHandler
  ) throws {
    files = list.items.map(\.file)
    for (i, file) in list.files.enumerated() {
      progress(Progress(done: i, total: list.files.count, unit: "files", detail: "features"))
      guard let features = try source.features(of: file), features.count > 0 else {
        buffers.append(nil)
        continue
      }
      if dimension == 0 { dimension = features.dimension }
      guard features.dimension == dimension else {
        throw Failure(
          .badInput, path: file.text, "frames of \(features.dimension) numbers, where those before have \(dimension)")
      }
      let buffer = Buffer(features.values)
      try normalize(buffer, count: features.count, file, workers)
      buffers.append(buffer)
    }
    for (i, item) in list.items.enumerated() {
      let count = (buffers[item.file]?.count ?? 0) / max(1, dimension)
      let all = rule.frames(of: item, at: times)
      let range = all.clamped(to: 0..<count)
      ranges.append(range)
      if range.isEmpty {
        leftOut.append(
          LeftOutItem(
            index: i, reason: count == 0 ? .noFeatures : all.isEmpty ? .shorterThanFrame : .afterEndOfFeatures))
      } else if range != all {
        shortened += 1
      }
    }
  }

  /// Frames to unit length. One without length becomes the diagonal, 1/√dimension everywhere, as in Libri-Light and
  /// fastabx: somewhere among the others, and as far from itself as anything is.
  private func normalize(_ buffer: Buffer<Float>, count: Int, _ file: Name, _ workers: Workers) throws {
    let dimension = dimension
    let parts = workers.parts(of: count)
    let zeros = Buffer<Int>(count: parts.count)
    let bad = Buffer<Int>(count: parts.count)
    workers.forEach(parts.count) { part in
      for t in parts[part] {
        let frame = buffer.pointer + t * dimension
        let square = sumOfSquares(frame, count: dimension)
        if square == 0 {
          zeros[part] += 1
          frame.update(repeating: 1 / Float(dimension).squareRoot(), count: dimension)
        } else if square.isFinite {
          let factor = 1 / square.squareRoot()
          for k in 0..<dimension { frame[k] = Float(Double(frame[k]) * factor) }
        } else if bad[part] == 0 {
          bad[part] = t + 1
        }
      }
    }
    zeroFrames += zeros.array.reduce(0, +)
    if let frame = bad.array.first(where: { $0 > 0 }) {
      throw Failure(
        .badInput, path: file.text, at: "frame \(frame - 1)", "features that are no finite numbers",
        hint: "find out what made them: no distance can be taken")
    }
  }

  func count(of item: Int) -> Int { ranges[item].count }

  /// Copies the frames of an item to `target`.
  func copy(_ item: Int, to target: UnsafeMutablePointer<Float>) {
    guard let buffer = buffers[files[item]] else { return }
    target.update(from: buffer.pointer + ranges[item].lowerBound * dimension, count: ranges[item].count * dimension)
  }
}
