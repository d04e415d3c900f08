import Archives
import Audio
import Corpora
import FileIO
import Manifests
import OrderedJSON
import Safetensors
import Shards

func readJSON(_ bytes: [UInt8]) throws {
  let value = try JSON(parsing: bytes)
  var written: [UInt8] = []
  value.write(to: &written)
  precondition((try? JSON(parsing: written)) == value, "written and read again, it is another value")
  _ = (value.intValue, value.doubleValue, value.lines)
}

func readHeader(_ bytes: [UInt8]) throws {
  let header = try bytes.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: "fuzz") }
  var end = header.dataStart
  for tensor in header.tensors {
    precondition(tensor.range.lowerBound == end && tensor.range.count == tensor.shape.reduce(tensor.type.size, *))
    end = tensor.range.upperBound
  }
  precondition(end == header.fileSize)
  guard end < 1 << 60 else { return }
  let again = SafetensorsHeader(
    tensors: header.tensors.map { ($0.name, $0.type, $0.shape) }, metadata: header.metadata)
  let read = try again.encoded.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: "again") }
  precondition(read.tensors == again.tensors && read.fileSize == again.fileSize)
  precondition(read.metadata.elementsEqual(header.metadata) { $0 == $1 })
}

/// Lines that name an utterance, at least one. A path that leads out of the folder is refused, so that a fuzzer opens
/// nothing but its own files.
func goodLines(_ bytes: [UInt8]) throws -> Int {
  var good = 0
  for line in bytes.split(separator: UInt8(ascii: "\n")) {
    guard let entry = try? ManifestEntry(parsing: Array(line)) else { continue }
    good += 1
    var written: [UInt8] = []
    entry.write(to: &written)
    precondition((try? ManifestEntry(parsing: written)) == entry, "written and read again, it is another line")
    precondition(entry.range.upperBound <= entry.extent.count && !entry.range.isEmpty)
    for path in [entry.source, entry.member ?? ""] {
      guard !path.hasPrefix("/"), !path.contains("..") else { throw Failure(.badInput, "a path that leads elsewhere") }
    }
  }
  guard good > 0 else { throw Failure(.badInput, "no line names an utterance") }
  return good
}

func readStream(_ file: File) throws {
  let reader = RecordStreamReader(file)
  while let piece = try reader.next() {
    for row in 0..<piece.records.count {
      precondition(piece.utterances[piece.records.utterance(row)] != nil)
      precondition(piece.groups[piece.records.group(row)] != nil)
      let rest = piece.records.withSamples(row) { $0[piece.records.valid(row)...].reduce(0) { $0 | $1 } }
      _ = (rest, piece.records.plane("phones"))
    }
  }
}

/// Opens audio and decodes it, but for hours that a few bytes can claim.
func readAudio(_ bytes: [UInt8], into stretch: inout [Double]) throws {
  let stream = try openAudio(EncodedFile(name: "fuzz", bytes: bytes))
  let format = stream.format
  precondition(format.frames >= 0 && format.channels > 0)
  while stream.position < 1 << 16 {
    let position = stream.position
    try stream.read(1 << 12, into: &stretch)
    precondition(stretch.count % format.channels == 0)
    precondition(stream.position == position + stretch.count / format.channels, "the position is not what was read")
    if stretch.isEmpty {
      precondition(format.frames == 0 || format.frames == position, "not as many frames as the format says")
      if position == 0 { throw Failure(.badInput, "no samples") }
      return
    }
  }
}

/// The bytes with the checksum of every tar header made right: a fuzzer does not find it, and every reader looks at it
/// first.
func withTarChecksums(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
  var bytes = Array(bytes)
  for start in stride(from: 0, to: bytes.count - 511, by: 512)
  where bytes[start + 257..<start + 262].elementsEqual("ustar".utf8) {
    bytes.replaceSubrange(start + 148..<start + 156, with: repeatElement(UInt8(ascii: " "), count: 8))
    let sum = String(bytes[start..<start + 512].reduce(0) { $0 + Int($1) }, radix: 8)
    let field = String(repeating: "0", count: 6 - sum.count) + sum + "\0 "
    bytes.replaceSubrange(start + 148..<start + 156, with: field.utf8)
  }
  return bytes
}
