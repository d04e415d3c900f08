import FileIO
import Glibc

/// Different byte strings, numbered in the order in which they were added: open addressing with linear steps over one
/// buffer of bytes.
struct WordTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where each word ends in ``bytes``.
  private var ends: [Int] = []
  /// The word's number and 1 in the low half, its hash in the high one; 0 is free. A power of two of them, at most five
  /// eighths in use.
  private var slots = [UInt64](repeating: 0, count: 1 << 10)

  var count: Int { ends.count }

  /// What these words need, whatever has been reserved: a function of the words alone.
  var byteCount: Int { bytes.count + (count + slots.count) * 8 }

  func withWord<Result>(_ index: Int, _ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try bytes.withUnsafeBytes { raw in
      try body(UnsafeRawBufferPointer(rebasing: raw[(index == 0 ? 0 : ends[index - 1])..<ends[index]]))
    }
  }

  func word(_ index: Int) -> ArraySlice<UInt8> { bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]] }

  func find(_ word: UnsafeRawBufferPointer) -> Int? {
    let number = slots[place(word, Self.hash(word))] & Self.low
    return number == 0 ? nil : Int(number) - 1
  }

  /// The number of a word, new or not.
  mutating func insert(_ word: UnsafeRawBufferPointer) -> (index: Int, isNew: Bool) {
    let hash = Self.hash(word)
    let slot = place(word, hash)
    let number = slots[slot] & Self.low
    if number != 0 { return (Int(number) - 1, false) }
    precondition(count < Int(Self.low) - 1)
    bytes.append(contentsOf: word)
    ends.append(bytes.count)
    slots[slot] = hash | UInt64(count)
    if count * 8 > slots.count * 5 { grow() }
    return (count - 1, true)
  }

  private static let low: UInt64 = 0xffff_ffff

  /// The high half alone.
  private static func hash(_ word: UnsafeRawBufferPointer) -> UInt64 { XXH3.hash64(word) & ~low }

  /// The slot of a word, or the free one where it belongs.
  private func place(_ word: UnsafeRawBufferPointer, _ hash: UInt64) -> Int {
    slots.withUnsafeBufferPointer { slots in
      let mask = slots.count - 1
      var slot = Int(hash >> 32) & mask
      while slots[slot] != 0 {
        if slots[slot] & ~Self.low == hash, isWord(Int(slots[slot] & Self.low) - 1, word) { return slot }
        slot = (slot + 1) & mask
      }
      return slot
    }
  }

  private func isWord(_ index: Int, _ word: UnsafeRawBufferPointer) -> Bool {
    withWord(index) { other in
      guard other.count == word.count, let a = other.baseAddress, let b = word.baseAddress else { return false }
      return memcmp(a, b, word.count) == 0
    }
  }

  private mutating func grow() {
    var larger = [UInt64](repeating: 0, count: 2 * slots.count)
    for entry in slots where entry != 0 {
      var slot = Int(entry >> 32) & (larger.count - 1)
      while larger[slot] != 0 { slot = (slot + 1) & (larger.count - 1) }
      larger[slot] = entry
    }
    slots = larger
  }
}
