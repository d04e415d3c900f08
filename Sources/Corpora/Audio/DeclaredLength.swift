/// What the header of a WAV, AIFF, AU, SPHERE or Ogg file promises and the file does not hold: libsndfile takes a file
/// that was cut short for a shorter one. Nil if all is there, or if the format promises nothing.
func whatIsMissing(_ reader: EncodedReader) -> String? {
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
    return hasLastOggPage(reader) ? nil : "cut short: its last Ogg page is missing"
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
  let (bytes, overflow) = count.multipliedReportingOverflow(
    by: (value("sample_n_bytes") ?? 2) * (value("channel_count") ?? 1))
  return overflow ? nil : header.addingReportingOverflow(bytes).partialValue
}

/// Whether the last page of an Ogg file is whole and marked as the end of a stream (RFC 3533, section 6).
private func hasLastOggPage(_ reader: EncodedReader) -> Bool {
  let tail = reader.bytes(at: max(0, reader.size - (1 << 17)), count: 1 << 17)
  let signature = Array("OggS".utf8)
  for start in tail.indices.reversed() where tail[start] == signature[0] && tail[start...].starts(with: signature) {
    guard start + 27 <= tail.count else { return false }
    let segments = start + 27..<start + 27 + Int(tail[start + 26])
    guard segments.upperBound <= tail.count else { return false }
    let end = segments.upperBound + tail[segments].reduce(0) { $0 + Int($1) }
    return end <= tail.count && tail[start + 5] & 4 != 0
  }
  return false
}
