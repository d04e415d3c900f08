import Audio
import FileIO
import Glibc

/// What planning needs of a manifest line, read without making anything of the rest.
///
/// Only plain lines are read this way: one flat object, printable ASCII without escapes, whole numbers, each key once.
/// Of all others, and of all that might be refused, nil is returned, and ``ManifestEntry/init(parsing:)`` decides.
package struct ManifestGlance {
  package var idKey: SIMD2<UInt64>
  /// Where the group's name stands in the line.
  package var group: Range<Int>
  /// Samples of the piece at ``speechRate``.
  package var samples: Int

  package init?(_ line: UnsafeRawBufferPointer) {
    var scanner = Scanner(line: line)
    guard let members = scanner.members() else { return nil }
    guard let id = members.id, let source = members.source, let group = members.group, let samples = members.samples,
      let rate = members.rate, !id.isEmpty, !group.isEmpty, samples > 0, rate > 0, members.split?.isEmpty != true,
      !(source.count == 1 && line[source.lowerBound] == UInt8(ascii: "-"))
    else { return nil }
    let first = members.offset ?? 0
    let length = members.length ?? samples - first
    guard first < samples, length > 0, length <= samples - first, length <= maximumUtteranceSamples else { return nil }
    let converted = AudioConversion.length(of: length, rate: rate)
    guard (1...maximumUtteranceSamples).contains(converted) else { return nil }
    idKey = XXH3.key128(UnsafeRawBufferPointer(rebasing: line[id]))
    self.group = group
    self.samples = converted
  }
}

private struct Members {
  var id: Range<Int>?
  var source: Range<Int>?
  var group: Range<Int>?
  var split: Range<Int>?
  var samples: Int?
  var rate: Int?
  var offset: Int?
  var length: Int?
}

private struct Scanner {
  let line: UnsafeRawBufferPointer
  private var place = 0

  init(line: UnsafeRawBufferPointer) { self.line = line }

  /// The members of the object that the line is.
  mutating func members() -> Members? {
    var members = Members()
    var keys = Keys()
    guard take("{") else { return nil }
    repeat {
      guard take("\""), let key = string(), keys.insert(line, key), take(":") else { return nil }
      skipSpace()
      if peek == UInt8(ascii: "\"") {
        place += 1
        guard let value = string() else { return nil }
        if isKey(key, "id") {
          members.id = value
        } else if isKey(key, "source") {
          members.source = value
        } else if isKey(key, "group") {
          members.group = value
        } else if isKey(key, "split") {
          members.split = value
        } else if isKey(key, "samples") || isKey(key, "rate") || isKey(key, "offset") || isKey(key, "length")
          || isKey(key, "phones") || isKey(key, "channel")
        {
          return nil
        }
      } else {
        guard let value = wholeNumber() else { return nil }
        if isKey(key, "samples") {
          members.samples = value
        } else if isKey(key, "rate") {
          members.rate = value
        } else if isKey(key, "offset") {
          members.offset = value
        } else if isKey(key, "length") {
          members.length = value
        } else if isKnownText(key) || isKey(key, "channel") && value == 0 {
          return nil
        }
      }
    } while take(",")
    guard take("}") else { return nil }
    skipSpace()
    return place == line.count ? members : nil
  }

  private func isKnownText(_ key: Range<Int>) -> Bool {
    for name: StaticString in ["id", "source", "member", "group", "session", "text", "split", "phones"]
    where isKey(key, name) { return true }
    return false
  }

  private func isKey(_ key: Range<Int>, _ name: StaticString) -> Bool {
    key.count == name.utf8CodeUnitCount && memcmp(line.baseAddress! + key.lowerBound, name.utf8Start, key.count) == 0
  }

  private var peek: UInt8? { place < line.count ? line[place] : nil }

  private mutating func skipSpace() { while peek == 0x20 || peek == 0x09 { place += 1 } }

  private mutating func take(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard peek == UInt8(ascii: character) else { return false }
    place += 1
    return true
  }

  /// Up to the closing quote, which is passed.
  private mutating func string() -> Range<Int>? {
    let start = place
    guard let end = memchr(line.baseAddress! + start, CInt(UInt8(ascii: "\"")), line.count - start) else { return nil }
    place = line.baseAddress!.distance(to: end)
    let range = start..<place
    place += 1
    var isPlain = true
    for i in range {
      let byte = line[i]
      isPlain = isPlain && byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\")
    }
    return isPlain ? range : nil
  }

  private mutating func wholeNumber() -> Int? {
    let start = place
    var value = 0
    while let byte = peek, 0x30...0x39 ~= byte {
      value = 10 * value + Int(byte - 0x30)
      place += 1
      guard place - start <= 15 else { return nil }
    }
    guard place > start, place - start == 1 || line[start] != 0x30 else { return nil }
    return value
  }
}

/// The keys of an object so far; few, so comparing all is fast.
private struct Keys {
  private var seen: (first: SIMD32<UInt64>, count: Int) = (.zero, 0)

  /// False for a key that may have been there before, and for too many.
  mutating func insert(_ line: UnsafeRawBufferPointer, _ key: Range<Int>) -> Bool {
    let hash = XXH3.hash64(UnsafeRawBufferPointer(rebasing: line[key]))
    guard seen.count < 32 else { return false }
    for i in 0..<seen.count where seen.first[i] == hash { return false }
    seen.first[seen.count] = hash
    seen.count += 1
    return true
  }
}
