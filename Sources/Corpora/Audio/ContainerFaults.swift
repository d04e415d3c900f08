/// What the header of a WAV, AIFF, AU or SPHERE file promises and the file does not hold, or what is wrong with the pages
/// of an Ogg file: libsndfile takes a file that was cut short for a shorter one. Nil if all is there, or if the format
/// promises nothing (MP3).
func faultOfContainer(_ reader: EncodedReader) -> String? {
  let head = reader.bytes(at: 0, count: 1024)
  func has(_ signature: String) -> Bool { head.starts(with: signature.utf8) }
  var end: Int?
  if has("RIFF") || has("RIFX") {
    end = chunkEnd(reader, named: "data", from: 12, isBigEndian: has("RIFX"))
  } else if has("FORM") {
    end = chunkEnd(reader, named: "SSND", from: 12, isBigEndian: true)
  } else if has(".snd"), head.count >= 24 {
    let (offset, size) = (number(head[4..<8], isBigEndian: true), number(head[8..<12], isBigEndian: true))
    end = size == unknownSize ? nil : offset + size
  } else if has("NIST_1A") {
    end = sphereEnd(head)
  } else if has("OggS") {
    return faultOfOggPages(reader)
  }
  guard let end, end > reader.size else { return nil }
  return "cut short: \(reader.size) of the declared \(end) bytes are there"
}

/// Written by programs that did not know the length, because they wrote into a pipe.
private let unknownSize = 0xffff_ffff

private func number(_ bytes: ArraySlice<UInt8>, isBigEndian: Bool) -> Int {
  (isBigEndian ? Array(bytes) : bytes.reversed()).reduce(0) { $0 << 8 | Int($1) }
}

/// Where a RIFF or IFF chunk ends; nil if there is none or its length is unknown.
private func chunkEnd(_ reader: EncodedReader, named name: String, from start: Int, isBigEndian: Bool) -> Int? {
  var position = start
  // A file has a dozen chunks; a damaged one must not be followed for ever.
  for _ in 0..<1000 {
    let header = reader.bytes(at: position, count: 8)
    guard header.count == 8 else { return nil }
    let size = number(header[4..<8], isBigEndian: isBigEndian)
    if header.starts(with: name.utf8) {
      // sox and ffmpeg write these into pipes.
      return size >= 0x7fff_f000 || size == 0 ? nil : position + 8 + size
    }
    position += 8 + size + size % 2
  }
  return nil
}

/// NIST SPHERE: a text header of lines `KEY -TYPE VALUE`, its own length in the second line.
private func sphereEnd(_ head: [UInt8]) -> Int? {
  let lines = String(decoding: head, as: UTF8.self).split(whereSeparator: \.isNewline)
  func value(_ key: String) -> Int? {
    lines.first { $0.hasPrefix(key + " ") }.flatMap { Int($0.split(separator: " ").last ?? "") }
  }
  guard lines.count > 1, let header = Int(trimmed(lines[1])), let count = value("sample_count"),
    !lines.contains(where: { $0.contains("shorten") })
  else { return nil }
  let bytes = Int128(value("sample_n_bytes") ?? 2) * Int128(value("channel_count") ?? 1)
  let (end, overflow) = bytes.multipliedReportingOverflow(by: Int128(count))
  return overflow ? nil : Int(clamping: end.addingReportingOverflow(Int128(header)).partialValue)
}

/// What is wrong with the pages of an Ogg file (RFC 3533, section 6): libsndfile passes over damaged ones.
private func faultOfOggPages(_ reader: EncodedReader) -> String? {
  var position = 0
  var hasEnded = false
  while position < reader.size {
    let header = reader.bytes(at: position, count: 27 + 255)
    guard header.starts(with: "OggS".utf8), header.count >= 27 else {
      // Behind the end other programs may have put tags.
      return hasEnded ? nil : "damaged: no Ogg page at byte \(position)"
    }
    let segments = header.dropFirst(27).prefix(Int(header[26]))
    let length = 27 + Int(header[26]) + segments.reduce(0) { $0 + Int($1) }
    var page = reader.bytes(at: position, count: length)
    guard page.count == length else { return "cut short: its last Ogg page is not whole" }
    let declared = number(page[22..<26], isBigEndian: false)
    for i in 22..<26 { page[i] = 0 }
    guard oggChecksum(page) == declared else {
      return "damaged: bad checksum (CRC) of the Ogg page at byte \(position)"
    }
    hasEnded = header[5] & 4 != 0
    position += length
  }
  return hasEnded ? nil : "cut short: its last Ogg page is missing"
}

/// CRC-32 with the polynomial 0x04c11db7, not reflected, beginning with 0.
private func oggChecksum(_ bytes: [UInt8]) -> Int {
  Int(bytes.reduce(0 as UInt32) { $0 << 8 ^ oggTable[Int(UInt8($0 >> 24) ^ $1)] })
}

private let oggTable: [UInt32] = (0..<256).map { byte in
  (0..<8).reduce(UInt32(byte) << 24) { value, _ in value & 1 << 31 != 0 ? value << 1 ^ 0x04c1_1db7 : value << 1 }
}
