/// Tags that programs put before and after audio, whatever its container: ID3v1 and ID3v2 (id3.org), APEv2, Lyrics3;
/// and zero bytes between them.

/// Bytes of tags and zeros before the audio.
func leadingTags(_ reader: EncodedReader) -> Int {
  // Other formats begin with a number: fewer than four zeros are no padding.
  let head = reader.bytes(at: 0, count: 4)
  return head.first == 0 && head.contains { $0 != 0 } ? 0 : tags(reader, from: 0, to: reader.size)
}

/// Where something begins that is neither tag nor zero byte, from `offset` to the end; nil if nothing does.
func foreignBytes(_ reader: EncodedReader, from offset: Int) -> Int? {
  let end = endWithoutTags(reader, notBefore: offset)
  let place = tags(reader, from: offset, to: end)
  return place < end ? place : nil
}

/// The end without the tags that are told by their last bytes.
func endWithoutTags(_ reader: EncodedReader, notBefore start: Int) -> Int {
  var end = reader.size
  while end > start {
    var length = 0
    if isID3v1(reader.bytes(at: end - 128, count: 128)) {
      length = reader.has("TAG+", at: end - 128 - 227) ? 128 + 227 : 128
    } else if reader.has("APETAGEX", at: end - 32) {
      length = apeLength(reader.bytes(at: end - 32, count: 32))
    } else if reader.has("LYRICS200", at: end - 9) {
      let digits = String(decoding: reader.bytes(at: end - 15, count: 6), as: UTF8.self)
      length = Int(digits).map { $0 + 15 } ?? 0
    } else if reader.has("3DI", at: end - 10) {
      length = id3v2Length(Array("ID3".utf8) + reader.bytes(at: end - 7, count: 7))
    }
    guard length > 0, end - length >= start else { break }
    end -= length
  }
  return end
}

/// Goes over tags that are told by their first bytes, and over zeros.
private func tags(_ reader: EncodedReader, from start: Int, to end: Int) -> Int {
  var place = start
  while place < end {
    let head = reader.bytes(at: place, count: min(4096, end - place))
    guard let first = head.first else { break }
    if first == 0 {
      place += head.firstIndex { $0 != 0 } ?? head.count
      continue
    }
    var length = id3v2Length(head)
    if head.starts(with: "APETAGEX".utf8), head.count >= 32 { length = apeLength(head) }
    if length == 0, first == UInt8(ascii: "T"), isID3v1(Array(head.prefix(128))) { length = 128 }
    guard length > 0, place + length <= end else { break }
    place += length
  }
  return place
}

/// Bytes of the ID3v2 tag that `head` begins with; 0 if it does not. The length is four groups of seven bits.
private func id3v2Length(_ head: [UInt8]) -> Int {
  guard head.count >= 10, head.starts(with: "ID3".utf8), head[3] != 0xff, head[6..<10].allSatisfy({ $0 < 0x80 }) else {
    return 0
  }
  let hasFooter = head[3] >= 4 && head[5] & 0x10 != 0
  return 10 + head[6..<10].reduce(0) { $0 << 7 | Int($1) } + (hasFooter ? 10 : 0)
}

/// Bytes of the APEv2 tag with this header or footer.
private func apeLength(_ mark: [UInt8]) -> Int {
  let size = number(mark[12..<16], isBigEndian: false)
  let flags = number(mark[20..<24], isBigEndian: false)
  // The size counts the footer, never the header.
  let isHeader = flags & 1 << 29 != 0
  let hasHeader = isHeader || flags & 1 << 31 != 0
  return size + (hasHeader ? 32 : 0)
}

/// `TAG` and fields of text: compressed audio may hold those three letters too, but not 122 bytes without control
/// characters after them.
private func isID3v1(_ tag: [UInt8]) -> Bool {
  guard tag.count == 128, tag.starts(with: "TAG".utf8) else { return false }
  // The last bytes are the track's number and the genre's.
  return tag[3..<125].allSatisfy { $0 == 0 || $0 >= 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }
}
