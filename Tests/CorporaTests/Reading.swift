import Audio
import Corpora
import FileIO
import Manifests
import TestSupport
import Testing

/// What becomes of a file that is a corpus's only audio, listed as cpc-scan does it and then decoded.
enum Reading: Equatable, CustomStringConvertible {
  case samples([Int16])
  /// Where it is refused at last.
  case refused(String)

  init(_ bytes: [UInt8], type: String, conversion: AudioConversion = AudioConversion()) throws {
    let folder = try TemporaryFolder()
    try Folder.create(folder("corpus/s"))
    try write(bytes, to: folder("corpus/s/a.\(type)"))
    var options = CorpusOptions(layout: .speakerFolders, conversion: conversion)
    options.decodesLossy = true
    do {
      let walked = try Walked(try Corpus.opening([folder("corpus")], options: options).corpus)
      if let problem = walked.problems.first { throw problem.failure }
      let utterance = try #require(walked.utterances.first)
      let buffer = SampleBuffer()
      let outcome = try AudioDecoder().decode(utterance.piece, into: buffer)
      #expect(buffer.count == utterance.entry.units)
      if let md5 = outcome.md5 {
        #expect(MD5.digests(of: [UnsafeRawBufferPointer(buffer.samples)]) == [md5])
      }
      self = .samples(Array(buffer.samples))
    } catch let failure as Failure {
      #expect(failure.kind == .badInput, "\(failure)")
      self = .refused(failure.reason)
    }
  }

  var samples: [Int16]? { if case .samples(let samples) = self { samples } else { nil } }
  var reason: String? { if case .refused(let reason) = self { reason } else { nil } }

  var description: String {
    switch self {
    case .samples(let samples): "\(samples.count) samples"
    case .refused(let reason): "refused: \(reason)"
    }
  }
}

extension [UInt8] {
  /// With `bytes` in place of those from `offset` on.
  func replacing(at offset: Int, _ bytes: [UInt8]) -> [UInt8] {
    var changed = self
    changed.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
    return changed
  }

  /// The first place of `text`.
  func place(of text: String) throws -> Int {
    let text = Array(text.utf8)
    return try #require(indices.first { self[$0...].starts(with: text) })
  }
}

/// A whole number as a header has it.
func field(_ value: Int, _ count: Int, isBigEndian: Bool) -> [UInt8] {
  let bytes = (0..<count).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  return isBigEndian ? bytes.reversed() : bytes
}

/// Tags that players pass over.
enum Tag {
  static let id3v2 =
    Array("ID3".utf8) + [4, 0, 0, 0, 0, 2, 44] + Array("TIT2".utf8) + [UInt8](repeating: 0, count: 296)
  static let id3v1 = Array("TAG".utf8) + Array("A title".utf8) + [UInt8](repeating: 0, count: 118)
  static let ape = ape(isHeader: true) + item + ape(isHeader: false)
  static let lyrics = Array("LYRICSBEGININD0000200000021LYRICS200".utf8)

  private static let item: [UInt8] = [4, 0, 0, 0, 0, 0, 0, 0] + Array("Title".utf8) + [0] + Array("some".utf8)

  private static func ape(isHeader: Bool) -> [UInt8] {
    Array("APETAGEX".utf8) + field(2000, 4, isBigEndian: false) + field(item.count + 32, 4, isBigEndian: false)
      + field(1, 4, isBigEndian: false) + [0, 0, 0, isHeader ? 0xa0 : 0x80] + [UInt8](repeating: 0, count: 8)
  }
}

/// The bytes of an Ogg file with the last page's granule position changed and its checksum made right.
func withLastGranule(_ bytes: [UInt8], _ granule: Int) throws -> [UInt8] {
  let mark = Array("OggS".utf8)
  let place = try #require(bytes.indices.last { bytes[$0...].starts(with: mark) })
  var page = Array(bytes[place...]).replacing(at: 6, field(granule, 8, isBigEndian: false))
    .replacing(at: 22, [0, 0, 0, 0])
  page = page.replacing(at: 22, field(Int(oggChecksum(page)), 4, isBigEndian: false))
  return Array(bytes[..<place]) + page
}

/// Bit by bit, as RFC 3533 has it.
private func oggChecksum(_ bytes: [UInt8]) -> UInt32 {
  bytes.reduce(0 as UInt32) { sum, byte in
    (0..<8).reduce(sum ^ UInt32(byte) << 24) { value, _ in
      value & 1 << 31 != 0 ? value << 1 ^ 0x04c1_1db7 : value << 1
    }
  }
}

/// Where each frame of a mono FLAC file with blocks of one size begins, and where the last one ends.
func flacFrames(_ bytes: [UInt8]) throws -> [Int] {
  var place = 4
  var isLast = false
  while !isLast {
    isLast = bytes[place] & 0x80 != 0
    place += 4 + bytes[place + 1..<place + 4].reduce(0) { $0 << 8 | Int($1) }
  }
  var frames = [place]
  // The sync code, what all frames have alike, and the number, which is below 128 here.
  let start = Array(bytes[place..<place + 4])
  for next in (place + 1)..<(bytes.count - 5)
  where bytes[next] == 0xff && bytes[next + 1] == start[1] && Int(bytes[next + 4]) == frames.count
    && bytes[next + 3] == start[3] && isHeaderIntact(Array(bytes[next...].prefix(8)))
  { frames.append(next) }
  return frames + [bytes.count]
}

/// Compares the CRC-8 that a frame's header ends with; the header of a last, shorter block has one or two bytes more.
private func isHeaderIntact(_ header: [UInt8]) -> Bool {
  (5...7).contains { count in
    header[..<count].reduce(0 as UInt8) { sum, byte in
      (0..<8).reduce(sum ^ byte) { value, _ in value & 0x80 != 0 ? value << 1 ^ 0x07 : value << 1 }
    } == header[count]
  }
}
