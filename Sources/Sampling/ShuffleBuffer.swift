import Kernels

/// Which windows of a bounded buffer make the next batch, for data that is read once.
///
/// It keeps no windows, only the speaker of each slot 0..<``count``; its owner moves windows in step: appends one, or
/// after each ``draw()`` replaces or removes it. Mixed batches draw any window. A batch of one speaker takes the speaker
/// of a window drawn from those whose speaker has enough for a batch, so speakers come as often as they have windows.
public struct ShuffleBuffer: Sendable {
  public let batch: Int
  public let oneSpeaker: Bool
  private let random: RandomStream
  private var draws: UInt64 = 0
  /// Speaker of each slot, and the slot's place in ``slots`` of that speaker.
  private var speakers: [Int32] = []
  private var places: [Int32] = []
  private var slots: [Int32: [Int32]] = [:]
  /// Windows whose speaker has enough for a batch.
  private var ready = 0
  private var current: Int32 = 0

  public init(batch: Int, oneSpeaker: Bool, seed: UInt64) {
    precondition(batch > 0)
    self.batch = batch
    self.oneSpeaker = oneSpeaker
    random = RandomStream(seed: seed, purpose: .shuffleBuffer)
  }

  public var count: Int { speakers.count }
  /// Whether a batch can be drawn.
  public var hasBatch: Bool { oneSpeaker ? ready > 0 : count >= batch }

  /// Chooses the speaker of the batch whose windows ``draw()`` then gives.
  public mutating func startBatch() {
    precondition(hasBatch)
    guard oneSpeaker else { return }
    repeat { current = speakers[any(of: count)] } while slots[current]!.count < batch
  }

  /// The slot of the next window of a batch. It has to be replaced or removed before the next draw.
  public mutating func draw() -> Int {
    guard oneSpeaker else { return any(of: count) }
    let own = any(of: slots[current]!.count)
    return Int(slots[current]![own])
  }

  /// Any slot: the one to give up where no speaker has enough windows.
  public mutating func drawAny() -> Int { any(of: count) }

  public mutating func append(speaker: Int32) {
    speakers.append(speaker)
    places.append(0)
    enter(count - 1, speaker)
  }

  public mutating func replace(_ slot: Int, speaker: Int32) {
    leave(slot)
    speakers[slot] = speaker
    enter(slot, speaker)
  }

  /// The last slot takes the place of the removed one.
  public mutating func remove(_ slot: Int) {
    leave(slot)
    let last = count - 1
    if slot != last {
      let speaker = speakers[last]
      speakers[slot] = speaker
      places[slot] = places[last]
      slots[speaker]?[Int(places[slot])] = Int32(slot)
    }
    speakers.removeLast()
    places.removeLast()
  }

  private mutating func any(of count: Int) -> Int {
    draws += 1
    return random.integer(draws - 1, below: count)
  }

  private mutating func enter(_ slot: Int, _ speaker: Int32) {
    places[slot] = Int32(slots[speaker]?.count ?? 0)
    slots[speaker, default: []].append(Int32(slot))
    let now = slots[speaker]!.count
    if now >= batch { ready += now == batch ? batch : 1 }
  }

  private mutating func leave(_ slot: Int) {
    let speaker = speakers[slot]
    let last = slots[speaker]!.removeLast()
    if last != slot {
      slots[speaker]![Int(places[slot])] = last
      places[Int(last)] = places[slot]
    }
    let now = slots[speaker]!.count
    if now >= batch - 1 { ready -= now == batch - 1 ? batch : 1 }
    if now == 0 { slots[speaker] = nil }
  }
}
