import FileIO
import Glibc

extension WordVectors {
  /// Reads lines of a word and its numbers.
  ///
  /// - Returns: how many lines are no blank ones.
  mutating func readText(
    _ source: any ByteSource, _ start: VectorFileStart, _ isWanted: (ArraySlice<UInt8>) -> Bool
  ) throws -> Int {
    let reader = LineReader(source, head: start.bytes)
    if start.count != nil { _ = try reader.next() }
    var found = 0
    var vector = [Float](repeating: 0, count: dimensions)
    while let line = try reader.next() {
      let position = "line \(reader.line)"
      let fields = Fields(line[...]).ranges
      guard let first = fields.first else {
        problems.add(.blank, source.path, at: position, "a blank line")
        continue
      }
      found += 1
      // A line that begins with white space has no word.
      guard fields.count == dimensions + 1, first.lowerBound == 0 else {
        problems.add(
          .malformed, source.path, at: position,
          "'\(shown(line.prefix(24)))…' is not a word and \(dimensions) numbers")
        continue
      }
      guard isWanted(line[first]) else {
        passedOver += 1
        continue
      }
      let wrong = fields.dropFirst().enumerated().first { i, range in
        guard let number = Self.number(line[range]) else { return true }
        vector[i] = number
        return false
      }
      guard wrong == nil else {
        problems.add(
          .malformed, source.path, at: position, "'\(shown(line[wrong!.element].prefix(24)))' is not a number")
        continue
      }
      append(line[first], vector, source.path, at: position)
    }
    return found
  }

  /// Decimal digits, a sign, a point, an exponent: as C writes numbers. What is too large is infinite; also `nan` and
  /// `inf`, which are read to be refused.
  private static func number(_ text: ArraySlice<UInt8>) -> Float? {
    let words = ["nan", "-nan", "+nan", "inf", "-inf", "+inf"]
    let isNumeric = text.allSatisfy { 0x30...0x39 ~= $0 || "+-.eE".utf8.contains($0) }
    guard isNumeric || words.contains(where: { $0.utf8.elementsEqual(text.map { $0 | 0x20 }) }) else { return nil }
    guard isNumeric else { return .nan }
    var bytes = text.map { CChar(bitPattern: $0) }
    bytes.append(0)
    return bytes.withUnsafeBufferPointer { bytes -> Float? in
      var end: UnsafeMutablePointer<CChar>?
      let value = strtof(bytes.baseAddress!, &end)
      return end.map { UnsafePointer($0) } == bytes.baseAddress! + bytes.count - 1 ? value : nil
    }
  }
}
