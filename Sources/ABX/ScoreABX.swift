public import FileIO
public import Kernels
import Synchronization

/// The ABX errors of features within and across speakers (Schatz et al. 2013; triphones as in ZeroSpeech 2021): how often
/// X, a phone in a context, is nearer to B, another phone in the same context, than to A, the same phone.
///
/// Within: A, B and X are of one speaker, A and X two items. Across: X is of another speaker than A and B. The distance of
/// two items is the mean angle, arccos of the cosine over π, along their dynamic time warping path; ties count one
/// half. Means over cells are those of Libri-Light and fastabx. The result is the same at any number of threads.
///
/// - Parameters:
///   - times: When the source's frames are.
/// - Throws: What the source throws; `badInput` if features are of different widths or not finite, with their file.
public func scoreABX(
  _ list: ItemList, from source: some FeatureSource, times: FrameTimes, settings: ABXSettings = ABXSettings(),
  workers: Workers = Workers(), progress: @escaping ProgressHandler = { _ in }
) throws -> ABXResult {
  let frames = try ItemFrames(
    of: list, from: source, times: times, rule: settings.rule, workers: workers, progress: progress)
  let groups = Groups(list, settings) { !frames.ranges[$0].isEmpty }
  let pairs = (0..<workers.count).map { _ in SpeakerPair(groups, frames) }
  let tasks = SpeakerTasks(groups, progress)
  workers.forEach(workers.count) { tasks.run(pairs[$0]) }
  var within = CellMeans()
  var across = CellMeans()
  for cell in tasks.cells.joined() { if cell.isWithin { within.add(cell) } else { across.add(cell) } }
  let used = list.items.indices.count { item in pairs.contains { $0.isUsed[item] } }
  return ABXResult(
    within: within.score, across: across.score, settings: settings, items: list.count, used: used,
    leftOut: frames.leftOut, undrawn: groups.undrawn, duplicates: list.duplicateCount, shortened: frames.shortened,
    zeroFrames: frames.zeroFrames)
}

/// The work by speakers of contexts, each with itself and with those after it; threads take the largest first.
private final class SpeakerTasks: Sendable {
  private struct State {
    var taken = 0
    var done = 0
    var cells: [[Cell]]
  }

  private let groups: Groups
  private let order: [Int]
  private let state: Mutex<State>
  private let progress: ProgressHandler

  init(_ groups: Groups, _ progress: @escaping ProgressHandler) {
    self.groups = groups
    self.progress = progress
    func items(_ speakers: Range<Int>) -> Int {
      let groups = groups.groups[
        groups.speakers[speakers.first!].groups.lowerBound..<groups.speakers[speakers.last!].groups.upperBound]
      return groups.last!.items.upperBound - groups.first!.items.lowerBound
    }
    let sizes = groups.speakers.enumerated().map { i, speaker in
      items(i..<i + 1) * items(i..<speaker.context.upperBound)
    }
    order = sizes.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
    state = Mutex(State(cells: [[Cell]](repeating: [], count: sizes.count)))
  }

  /// In the order of the speakers.
  var cells: [[Cell]] { state.withLock { $0.cells } }

  func run(_ pair: SpeakerPair) {
    while let speaker = next() {
      var cells: [Cell] = []
      pair.within(speaker, into: &cells)
      for other in speaker + 1..<max(speaker + 1, groups.speakers[speaker].context.upperBound) {
        pair.across(speaker, other, into: &cells)
      }
      let done = state.withLock { state in
        state.cells[speaker] = cells
        state.done += 1
        return state.done
      }
      progress(Progress(done: done, total: order.count, unit: "speakers", detail: "comparing"))
    }
  }

  private func next() -> Int? {
    state.withLock { state in
      guard state.taken < order.count else { return nil }
      state.taken += 1
      return order[state.taken - 1]
    }
  }
}
