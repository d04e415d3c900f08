import CICU
import FileIO

/// Any other encoding by a converter of ICU, which stops at what is invalid.
final class ConvertingDecoder: TextDecoder {
  private let encoding: TextEncoding
  private let converter: OpaquePointer
  private var path = ""
  /// Bytes are given to the converter in blocks of this size, whatever the pieces in which they come: what it says about
  /// an invalid sequence does not depend on them then, and no character of UTF-16 and UTF-32 lies across.
  private static let blockSize = 1 << 14
  private var block: [UInt8] = []
  private var units = [UInt16](repeating: 0, count: blockSize)
  private var text: [UInt8] = []
  private var lead: UInt16 = 0
  private var isAtStart = true
  private var passed = 0

  init(_ encoding: TextEncoding) throws {
    var status: Int32 = 0
    guard let converter = cpc_icu_converter_open(encoding.name, &status), status <= 0 else {
      throw Failure(.system, "ICU cannot open its converter '\(encoding)'")
    }
    self.encoding = encoding
    self.converter = converter
    block.reserveCapacity(Self.blockSize)
  }

  deinit { cpc_icu_converter_close(converter) }

  func begin(path: String) {
    self.path = path
    cpc_icu_converter_reset(converter)
    block.removeAll(keepingCapacity: true)
    (lead, isAtStart, passed) = (0, true, 0)
  }

  func decode(_ bytes: UnsafeRawBufferPointer, isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    var rest = bytes
    repeat {
      let piece = rest.prefix(Self.blockSize - block.count)
      block.append(contentsOf: piece)
      rest = UnsafeRawBufferPointer(rebasing: rest[piece.count...])
      if block.count == Self.blockSize { try convert(isLast: false, body) }
    } while !rest.isEmpty
    if isLast { try convert(isLast: true, body) }
  }

  private func convert(isLast: Bool, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    try block.withUnsafeBytes { raw in
      let bytes = raw.bindMemory(to: CChar.self)
      let empty: [CChar] = [0]
      try empty.withUnsafeBufferPointer { nothing in
        let base = bytes.baseAddress ?? nothing.baseAddress!
        var source: UnsafePointer<CChar>? = base
        var status = icuNeedsRoom
        while status == icuNeedsRoom {
          let before = source! - base
          let count = units.withUnsafeMutableBufferPointer { room in
            var out = room.baseAddress
            cpc_icu_decode(
              converter, &out, room.baseAddress! + room.count, &source, base + bytes.count, isLast ? 1 : 0, &status)
            return out! - room.baseAddress!
          }
          try pass(count, from: before, body)
        }
        if status > 0 { throw invalid(upTo: passed + (source! - base), status) }
      }
    }
    passed += block.count
    block.removeAll(keepingCapacity: true)
  }

  /// Writes units as UTF-8.
  private func pass(_ count: Int, from start: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) throws {
    text.removeAll(keepingCapacity: true)
    for unit in units[..<count] {
      if isAtStart {
        isAtStart = false
        if unit == 0xfeff { continue }
      }
      if unit == 0 {
        try text.withUnsafeBytes(body)

        throw badText(path, at: passed + start + zeroPlace(from: start), zeroByte)
      }
      if UTF16.isLeadSurrogate(unit) {
        lead = unit
        continue
      }
      var scalar = UInt32(unit)
      if UTF16.isTrailSurrogate(unit) { scalar = 0x10000 + (UInt32(lead & 0x3ff) << 10 | UInt32(unit & 0x3ff)) }
      guard let scalar = Unicode.Scalar(scalar) else {
        throw badText(path, at: passed + start, "half a surrogate pair")
      }
      text.append(contentsOf: UTF8.encode(scalar)!)
    }
    try text.withUnsafeBytes(body)
  }

  /// Where the first character 0 after `start` is in the block: a run of as many zeros as a unit is wide, aligned.
  private func zeroPlace(from start: Int) -> Int {
    let name = encoding.name.asciiLowercased
    let width = name.begins(with: "utf-16") ? 2 : name.begins(with: "utf-32") ? 4 : 1
    var i = start
    while i + width <= block.count {
      if block[i..<i + width].allSatisfy({ $0 == 0 }) { return i - start }
      i += width
    }
    return 0
  }

  private func invalid(upTo end: Int, _ status: Int32) -> Failure {
    var bytes = [CChar](repeating: 0, count: 32)
    let count = Int(cpc_icu_invalid(converter, &bytes))
    let found = hexadecimal(bytes.prefix(count).map { UInt8(bitPattern: $0) })
    return badText(
      path, at: max(0, end - count), "not \(encoding) (\(count == 0 ? String(cString: cpc_icu_error(status)) : found))")
  }
}
