import FileIO

/// Where the samples of a file lie whose container says how many bytes they take, and the fields that say so.
///
/// Libraries believe these fields, or cut them down to the file without a word. Here they are compared with what is there:
/// a file that was cut short is refused; one whose writer did not know the length, because it wrote into a pipe or died,
/// gets it from the end of the file; and what follows the samples must be what may follow them.
struct SampleSpan {
  /// First byte.
  var start: Int
  /// Bytes as declared; nil if the writer did not know.
  var declared: Int?
  /// Bytes of one sample of all channels; nil where they are packed in another way.
  var block: Int?
  /// Bytes that the file has instead of others once ``length`` is known.
  var corrections: (_ length: Int) -> [(offset: Int, bytes: [UInt8])] = { _ in [] }
  /// Bytes that are read in place of others whatever the length: what a library would take for the samples.
  var disguises: [(offset: Int, bytes: [UInt8])] = []
  /// Where something begins after the samples that may not stand there, from an offset on; nil if nothing does.
  var foreign: (EncodedReader, Int) -> Int? = foreignBytes
  /// Where chunks follow the samples, if nobody says how many there are; nil if none do.
  var chunksAfter: (EncodedReader, _ start: Int) -> Int? = { _, _ in nil }
  /// The coding in the container is MPEG audio.
  var isMPEG = false
  /// What the header says that cannot be, if the samples are not as it says.
  var doubt: String?
  /// Blocks of samples that are packed.
  var adaptive: AdaptiveBlocks?
  /// A byte of padding follows the samples, which libsndfile takes for a block of them.
  var isPadded = false

  /// Written by programs that did not know the length: 0; ffmpeg's and others' all ones, at times less a header; sox's
  /// 0x7ffff000 rounded down to blocks and 0x7f000000 plus what is counted with the samples; arecord's 0x80000000.
  static func isUnknown(_ size: Int) -> Bool {
    size == 0 || (0xffff_f000...0xffff_ffff).contains(size) || (0x7fff_0000...0x7fff_ffff).contains(size)
      || (0x7f00_0000...0x7f00_0fff).contains(size) || (0x8000_0000...0x8000_00ff).contains(size)
  }

  /// The samples' bytes as they are in the file. A `Failure` of kind `badInput` says what the header says and what is
  /// there.
  func measured(_ reader: EncodedReader, name: String) throws -> Range<Int> {
    func failure(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: name, reason, hint: hint)
    }
    let block = block ?? 1
    guard let declared else {
      guard reader.size - start < 4 || reader.bytes(at: start, count: 4) != reader.bytes(at: 0, count: 4) else {
        throw failure(
          "its header stands twice and does not say how many samples there are, as sox writes it into a pipe",
          hint: "sox -t wav writes what can be read, into a pipe too")
      }
      if let place = headerOfAnother(reader, from: start) {
        throw failure(
          "its header does not say how many samples there are, and at byte \(place) another file begins: joined files",
          hint: "convert each by itself, then join them with sox")
      }
      let end = chunksAfter(reader, start) ?? max(start, endWithoutTags(reader, notBefore: start))
      let rest = (end - start) % block
      guard rest == 0 else {
        throw failure(
          "its header does not say how many samples there are, and the \(end - start) bytes after it are no whole number "
            + "of \(block) bytes: cut short inside a sample, or something follows the samples",
          hint: "ffmpeg -i IN OUT.flac converts what is there")
      }
      return start..<end
    }
    let (end, isTooFar) = start.addingReportingOverflow(declared)
    guard !isTooFar, end <= reader.size else {
      throw failure(
        "cut short: its header says \(declared) bytes of samples, \(max(0, reader.size - start)) are there")
    }
    guard declared % block == 0 else {
      throw failure("its header says \(declared) bytes of samples, which is no whole number of \(block) bytes")
    }
    if let place = foreign(reader, end) {
      let isWrapped = reader.size - start >= 1 << 32
      throw failure(
        "its header says \(declared) bytes of samples, but \(reader.size - place) bytes follow from byte \(place) on that "
          + "are no part of the container" + (isWrapped ? ": sizes in it wrap round at 4 GiB" : ""),
        hint: "if they are samples, sox --ignore-length IN OUT.flac takes them")
    }
    let rest = reader.bytes(at: end, count: Self.mostPadding)
    guard rest.count < Self.mostPadding || rest.contains(where: { $0 != 0 }) else {
      throw failure(
        "its header says \(declared) bytes of samples, but \(reader.size - end) bytes follow, which begin with "
          + "\(Self.mostPadding) zeros: padding, or silence that the header does not count",
        hint: "if they are samples, sox --ignore-length IN OUT.flac takes them")
    }
    return start..<end
  }

  /// Where the last chunks of a file begin, of those that programs append who do not know the length of the samples.
  static func appendedChunk(
    _ reader: EncodedReader, notBefore start: Int, names: [String], foreign: (EncodedReader, Int) -> Int?
  ) -> Int? {
    let names = names.map { Array($0.utf8) }
    let first = max(start, reader.size - (1 << 16))
    let tail = reader.bytes(at: first, count: reader.size - first)
    return tail.indices.dropLast(8).first { i in
      names.contains { tail[i...].starts(with: $0) } && foreign(reader, first + i) == nil
    }.map { first + $0 }
  }

  /// Zeros after the samples that are taken for padding.
  private static let mostPadding = 1 << 16
}

/// Goes over the chunks from `offset` to the end of the file.
///
/// - Parameters:
///   - header: bytes of a chunk's header.
///   - read: the name of a chunk and the bytes of its content, padding included, from its header.
/// - Returns: where something begins that is no chunk, or that begins another file.
func foreignChunk(
  _ reader: EncodedReader, from offset: Int, header: Int, read: ([UInt8]) -> (name: String, size: Int)?
) -> Int? {
  var place = offset
  while place < reader.size {
    let head = reader.bytes(at: place, count: header)
    guard head.count == header, let (name, size) = read(head), size >= 0, !samples.contains(name) else {
      return foreignBytes(reader, from: place)
    }
    let (next, isTooFar) = (place + header).addingReportingOverflow(size)
    // The padding byte of a last chunk is at times left out.
    guard !isTooFar, next <= reader.size + 1 else { return foreignBytes(reader, from: place) }
    place = next
  }
  return nil
}

/// Chunks that hold samples or whole files.
private let samples: Set<String> = [
  "data", "SSND", "RIFF", "RIFX", "RF64", "BW64", "FORM", "caff", "fLaC", "OggS", "riff",
]

/// A chunk's name of four printable characters; nil if it is none.
func chunkName(_ bytes: ArraySlice<UInt8>) -> String? {
  bytes.allSatisfy { (0x20...0x7e).contains($0) } ? String(decoding: bytes, as: UTF8.self) : nil
}
