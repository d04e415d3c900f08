import Glibc

/// The part of a paragraph that is looked at, with white space folded: each run of it is one space, and there is none at
/// the beginning. Knows where in the text its bytes were.
final class SentenceWindow {
  /// In bytes of UTF-8.
  let capacity: Int
  let bytes: UnsafeMutableRawBufferPointer
  let units: UnsafeMutableBufferPointer<UInt16>
  private(set) var byteCount = 0
  private(set) var unitCount = 0
  /// Where in the text the bytes from `byte` on are, as far as the next run.
  private var runs: [(byte: Int, source: Int)] = []
  /// The first run that later questions can be about.
  private var cursor = 0
  /// What is to be added to a byte's place to have its place in the text, as the last run says.
  private var shift = Int.min
  private var space: Int?
  /// Whether anything but white space has been added since the caller set this to false.
  var hasInk = false

  init(capacity: Int) {
    self.capacity = capacity
    bytes = .allocate(byteCount: capacity, alignment: 8)
    units = .allocate(capacity: capacity)
  }

  deinit {
    bytes.deallocate()
    units.deallocate()
  }

  /// As many units as bytes: nothing but ASCII, and places are the same in both.
  @inline(__always) private var isASCII: Bool { byteCount == unitCount }

  func clear() {
    (byteCount, unitCount, cursor, shift, space) = (0, 0, 0, Int.min, nil)
    runs.removeAll(keepingCapacity: true)
  }

  /// Adds valid UTF-8 that stands at `source` of the text. Where there is no room `makeRoom` is called, which removes
  /// something at the front, perhaps less than a character needs.
  func add(_ text: UnsafeRawBufferPointer, at source: Int, makeRoom: () throws -> Void) throws {
    var i = 0
    while i < text.count {
      if text[i] < 0x80 {
        if text[i] <= 0x20 || text[i] == 0x7f {
          addSpace(at: source + i)
          i += 1
        } else {
          if space != nil { try putSpace(makeRoom) }
          while byteCount == capacity { try makeRoom() }
          place(source + i)
          i += addRun(UnsafeRawBufferPointer(rebasing: text[i...]))
          hasInk = true
        }
        continue
      }
      let (scalar, width) = UTF8Scan.scalar(text, at: i)
      if Characters.isSpace(scalar) {
        addSpace(at: source + i)
      } else {
        if space != nil { try putSpace(makeRoom) }
        while byteCount + width > capacity { try makeRoom() }
        place(source + i)
        for k in 0..<width { bytes[byteCount + k] = text[i + k] }
        byteCount += width
        put(scalar)
        hasInk = true
      }
      i += width
    }
  }

  /// Adds printable ASCII, with single spaces within, as much as there is and has room; returns how much that was. The
  /// first byte is known to be printable and to have room.
  private func addRun(_ text: UnsafeRawBufferPointer) -> Int {
    let room = min(text.count, capacity - byteCount)
    let bytes = bytes.baseAddress! + byteCount
    let units = units.baseAddress! + unitCount
    func isPrintable(_ byte: UInt8) -> Bool { byte &- 0x21 < 0x5e }
    var count = 0
    while count < room {
      let byte = text[count]
      if !isPrintable(byte) {
        guard byte == 0x20, count + 1 < room, isPrintable(text[count + 1]) else { break }
      }
      bytes.storeBytes(of: byte, toByteOffset: count, as: UInt8.self)
      units[count] = UInt16(byte)
      count += 1
    }
    byteCount += count
    unitCount += count
    return count
  }

  /// White space at a place of the text, perhaps a line end.
  @inline(__always)
  func addSpace(at source: Int) { if space == nil { space = source } }

  private func putSpace(_ makeRoom: () throws -> Void) throws {
    guard let source = space else { return }
    space = nil
    guard byteCount > 0 else { return }
    while byteCount == capacity { try makeRoom() }
    place(source)
    bytes[byteCount] = 0x20
    units[unitCount] = 0x20
    byteCount += 1
    unitCount += 1
  }

  @inline(__always)
  private func place(_ source: Int) {
    if source - byteCount != shift {
      runs.append((byteCount, source))
      shift = source - byteCount
    }
  }

  @inline(__always)
  private func put(_ scalar: UInt32) {
    if scalar < 0x10000 {
      units[unitCount] = UInt16(scalar)
      unitCount += 1
    } else {
      units[unitCount] = UInt16(0xd800 + ((scalar - 0x10000) >> 10))
      units[unitCount + 1] = UInt16(0xdc00 + (scalar & 0x3ff))
      unitCount += 2
    }
  }

  /// The place in bytes that is `unit` in units, of which another such pair is known that is not after it.
  @inline(__always)
  func byte(ofUnit unit: Int, from known: WindowPlace) -> Int {
    if isASCII { return unit }
    var byte = known.byte
    for i in known.unit..<unit {
      let unit = units[i]
      // A surrogate is half of four bytes.
      byte += unit < 0x80 ? 1 : unit < 0x800 || unit & 0xf800 == 0xd800 ? 2 : 3
    }
    return byte
  }

  /// Where a byte is in the text; questions come in ascending order.
  func source(ofByte byte: Int) -> Int {
    while cursor + 1 < runs.count, runs[cursor + 1].byte <= byte { cursor += 1 }
    return runs[cursor].source + byte - runs[cursor].byte
  }

  /// Removes what is before a place.
  func removeFront(upTo place: WindowPlace) {
    guard place.byte < byteCount else {
      let after = space
      clear()
      space = after
      return
    }
    let first = source(ofByte: place.byte)
    byteCount -= place.byte
    unitCount -= place.unit
    memmove(bytes.baseAddress!, bytes.baseAddress! + place.byte, byteCount)
    memmove(units.baseAddress!, units.baseAddress! + place.unit, 2 * unitCount)
    runs.removeSubrange(...cursor)
    for i in runs.indices { runs[i].byte -= place.byte }
    runs.insert((0, first), at: 0)
    shift = runs.last!.source - runs.last!.byte
    cursor = 0
  }
}

/// A place in a window, between two characters.
struct WindowPlace {
  var byte: Int
  var unit: Int
}
