import Kernels

/// Which windows of a bounded buffer make the next batch, for data that is read once.
///
/// It keeps no windows, only the group of each slot 0..<``count``; its owner moves windows in step: appends one, or
/// after each ``draw()`` replaces or removes it. Mixed batches draw any window. A batch of one group takes the group
/// of a window drawn from those whose group has enough for a batch, so groups come as often as they have windows.
public struct ShuffleBuffer: Sendable {
  public let batch: Int
  public let oneGroup: Bool
  private let random: RandomStream
  private var draws: UInt64 = 0
  /// Group of each slot, and the slot's place in ``slots`` of that group.
  private var groups: [Int32] = []
  private var places: [Int32] = []
  private var slots: [Int32: [Int32]] = [:]
  /// Windows whose group has enough for a batch.
  private var ready = 0
  private var current: Int32 = 0

  public init(batch: Int, oneGroup: Bool, seed: UInt64) {
    precondition(batch > 0)
    self.batch = batch
    self.oneGroup = oneGroup
    random = RandomStream(seed: seed, purpose: .shuffleBuffer)
  }

  public var count: Int { groups.count }
  /// Whether a batch can be drawn.
  public var hasBatch: Bool { oneGroup ? ready > 0 : count >= batch }

  /// Chooses the group of the batch whose windows ``draw()`` then gives.
  public mutating func startBatch() {
    precondition(hasBatch)
    guard oneGroup else { return }
    repeat { current = groups[any(of: count)] } while slots[current]!.count < batch
  }

  /// The slot of the next window of a batch. It has to be replaced or removed before the next draw.
  public mutating func draw() -> Int {
    guard oneGroup else { return any(of: count) }
    let own = any(of: slots[current]!.count)
    return Int(slots[current]![own])
  }

  /// Any slot: the one to give up where no group has enough windows.
  public mutating func drawAny() -> Int { any(of: count) }

  public mutating func append(group: Int32) {
    groups.append(group)
    places.append(0)
    enter(count - 1, group)
  }

  public mutating func replace(_ slot: Int, group: Int32) {
    leave(slot)
    groups[slot] = group
    enter(slot, group)
  }

  /// The last slot takes the place of the removed one.
  public mutating func remove(_ slot: Int) {
    leave(slot)
    let last = count - 1
    if slot != last {
      let group = groups[last]
      groups[slot] = group
      places[slot] = places[last]
      slots[group]?[Int(places[slot])] = Int32(slot)
    }
    groups.removeLast()
    places.removeLast()
  }

  private mutating func any(of count: Int) -> Int {
    draws += 1
    return random.integer(draws - 1, below: count)
  }

  private mutating func enter(_ slot: Int, _ group: Int32) {
    places[slot] = Int32(slots[group]?.count ?? 0)
    slots[group, default: []].append(Int32(slot))
    let now = slots[group]!.count
    if now >= batch { ready += now == batch ? batch : 1 }
  }

  private mutating func leave(_ slot: Int) {
    let group = groups[slot]
    let last = slots[group]!.removeLast()
    if last != slot {
      slots[group]![Int(places[slot])] = last
      places[Int(last)] = places[slot]
    }
    let now = slots[group]!.count
    if now >= batch - 1 { ready -= now == batch - 1 ? batch : 1 }
    if now == 0 { slots[group] = nil }
  }
}
