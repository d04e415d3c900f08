import Sampling
import Testing

/// A buffer with its owner: windows are numbers, their speaker is known.
private struct Buffered {
  var buffer: ShuffleBuffer
  var windows: [Int] = []
  var stream: ArraySlice<Int>
  let speaker: (Int) -> Int32
  var givenUp = 0

  init(_ buffer: ShuffleBuffer, capacity: Int, stream: [Int], speaker: @escaping (Int) -> Int32) {
    self.buffer = buffer
    self.speaker = speaker
    self.stream = stream.dropFirst(capacity)
    for window in stream.prefix(capacity) {
      windows.append(window)
      self.buffer.append(group: speaker(window))
    }
  }

  private mutating func refill(_ slot: Int) {
    if let next = stream.popFirst() {
      windows[slot] = next
      buffer.replace(slot, group: speaker(next))
    } else {
      windows[slot] = windows.last!
      windows.removeLast()
      buffer.remove(slot)
    }
  }

  /// Nil at the end.
  mutating func next() -> [Int]? {
    while !buffer.hasBatch {
      if stream.isEmpty { return nil }
      refill(buffer.drawAny())
      givenUp += 1
    }
    buffer.startBatch()
    return (0..<buffer.batch).map { _ in
      let slot = buffer.draw()
      defer { refill(slot) }
      return windows[slot]
    }
  }
}

@Suite struct ShuffleBufferTests {
  @Test(arguments: [false, true], 0..<25)
  func everyWindowComesOnce(oneGroup: Bool, seed: Int) {
    var dice = Dice(seed)
    let (count, batch) = (dice.roll(1...400), dice.roll(1...8))
    // Runs of one speaker, as corpora have them.
    let (run, modulus) = (dice.roll(1...40), dice.roll(1...9))
    let speaker = { (window: Int) in Int32(window / run % modulus) }
    var owner = Buffered(
      ShuffleBuffer(batch: batch, oneGroup: oneGroup, seed: UInt64(seed)), capacity: dice.roll(batch...64),
      stream: Array(0..<count), speaker: speaker)
    var seen = Set<Int>()
    while let members = owner.next() {
      #expect(members.count == batch && Set(members).count == batch)
      #expect(seen.isDisjoint(with: members), "read once")
      seen.formUnion(members)
      if oneGroup { #expect(Set(members.map(speaker)).count == 1) }
      #expect(owner.buffer.count == owner.windows.count)
    }
    #expect(seen.count + owner.givenUp + owner.windows.count == count)
    #expect(oneGroup || owner.givenUp == 0 && owner.windows.count < batch)
    // What is left is less than a batch of each speaker.
    for left in Set(owner.windows.map(speaker)) where oneGroup {
      #expect(owner.windows.count { speaker($0) == left } < batch)
    }
  }

  /// From a full buffer, every window of a speaker that has enough is as likely as any other to be in the next batch.
  @Test func drawsAreUniform() {
    let sizes = [5, 3, 12, 4, 8]
    let speakers = sizes.enumerated().flatMap { [Int](repeating: $0, count: $1) }
    var counts = [Int](repeating: 0, count: speakers.count)
    let trials = 20_000
    for seed in 0..<trials {
      var buffer = ShuffleBuffer(batch: 4, oneGroup: true, seed: UInt64(seed))
      for speaker in speakers { buffer.append(group: Int32(speaker)) }
      buffer.startBatch()
      counts[buffer.draw()] += 1
    }
    let ready = counts.indices.filter { sizes[speakers[$0]] >= 4 }
    #expect(counts.reduce(0, +) == ready.reduce(0) { $0 + counts[$1] })
    #expect((8...58).contains(chiSquare(ready.map { counts[$0] })), "28 degrees of freedom: \(counts)")
  }

  @Test func isAPureFunctionOfTheSeed() {
    func all(_ seed: UInt64) -> [[Int]] {
      var owner = Buffered(
        ShuffleBuffer(batch: 4, oneGroup: true, seed: seed), capacity: 30, stream: Array(0..<200),
        speaker: { Int32($0 / 20) })
      var batches: [[Int]] = []
      while let next = owner.next() { batches.append(next) }
      return batches
    }
    #expect(all(1) == all(1))
    #expect(all(1) != all(2))
  }
}
