import FileIO

/// AIFF, CAF, AU and SPHERE.
extension SampleSpan {
  /// What the container of `kind` says; nil if it names no samples.
  static func find(_ kind: AudioKind, _ reader: EncodedReader, name: String) throws -> SampleSpan? {
    switch kind {
    case .riff, .rf64: riff(reader, isBigEndian: false)
    case .bigEndianRIFF: riff(reader, isBigEndian: true)
    case .wave64: wave64(reader)
    case .aiff: try aiff(reader, name: name)
    case .caf: caf(reader)
    case .au: au(reader)
    case .sphere: try sphere(reader, name: name)
    case .flac, .ogg, .mpeg, .other: nil
    }
  }

  /// Takes the declared length for what it is: a size that says nothing is one only where the file does not fit it.
  mutating func declareLength(_ size: Int, isUnknown: Bool, _ reader: EncodedReader) {
    declared = size
    guard isUnknown else { return }
    let isEmpty = size == 0 && foreign(reader, start) == nil
    let fits = size > 0 && size <= reader.size - start
    if !isEmpty, !fits { declared = nil }
  }

  /// AIFF and AIFF-C (Apple 1989, 1991). The number of samples stands twice: in COMM and in the size of SSND.
  private static func aiff(_ reader: EncodedReader, name: String) throws -> SampleSpan? {
    func value(_ bytes: ArraySlice<UInt8>) -> Int { number(bytes, isBigEndian: true) }
    var place = 12
    var common: (place: Int, frames: Int, block: Int?) = (0, 0, nil)
    while case let head = reader.bytes(at: place, count: 8), head.count == 8 {
      let size = value(head[4..<8])
      if head.starts(with: "COMM".utf8) {
        let fields = reader.bytes(at: place + 8, count: min(size, 22))
        guard fields.count >= 18 else { return nil }
        let coding = fields.count == 22 ? String(decoding: fields[18..<22], as: UTF8.self) : "NONE"
        let bytes = (value(fields[6..<8]) + 7) / 8
        let isPCM = ["none", "sowt", "twos", "raw ", "fl32", "fl64", "in24", "in32", "23ni", "42ni"]
          .contains(coding.lowercased())
        let isCompanded = ["ulaw", "alaw"].contains(coding.lowercased())
        common = (
          place + 8 + 2, value(fields[2..<6]),
          isPCM ? max(1, value(fields[0..<2]) * bytes) : isCompanded ? max(1, value(fields[0..<2])) : nil
        )
      } else if head.starts(with: "SSND".utf8) {
        let fields = reader.bytes(at: place + 8, count: 8)
        guard fields.count == 8 else { return nil }
        let offset = value(fields[0..<4])
        let sizePlace = place + 4
        let start = place + 16 + offset
        var span = SampleSpan(start: start, declared: nil, block: common.block)
        span.foreign = { reader, end in
          let chunk = { (head: [UInt8]) in
            chunkName(head[..<4]).map { ($0, value(head[4..<8]) + value(head[4..<8]) % 2) }
          }
          let padded = end + (end - start) % 2
          return foreignChunk(reader, from: padded, header: 8, read: chunk) == nil
            ? nil : foreignChunk(reader, from: end, header: 8, read: chunk)
        }
        let foreign = span.foreign
        span.chunksAfter = {
          let names = ["NAME", "AUTH", "(c) ", "ANNO", "COMT", "MARK", "INST", "ID3 ", "APPL", "AESD", "MIDI"]
          return appendedChunk($0, notBefore: $1, names: names, foreign: foreign)
        }
        span.corrections = { length in
          let sizes = [
            (4, bytes(of: reader.size - 8, count: 4, isBigEndian: true)),
            (sizePlace, bytes(of: length + 8 + offset, count: 4, isBigEndian: true)),
          ]
          guard let block = common.block else { return sizes }
          return sizes + [(common.place, bytes(of: length / block, count: 4, isBigEndian: true))]
        }
        let declared = size - 8 - offset
        span.declareLength(max(0, declared), isUnknown: isUnknown(size) || declared <= 0, reader)
        if let declared = span.declared, let block = span.block, block > 0, common.frames > 0,
          !isUnknown(common.frames * block), common.frames * block != declared
        {
          throw Failure(
            .badInput, path: name,
            "its header says \(common.frames) samples (COMM) and \(declared / block) samples (SSND)",
            hint: "ffmpeg -i IN OUT.flac converts what SSND holds")
        }
        return span
      }
      place += 8 + size + size % 2
    }
    return nil
  }

  /// Apple's Core Audio Format. The size of a last chunk with samples may be -1.
  private static func caf(_ reader: EncodedReader) -> SampleSpan? {
    func value(_ bytes: ArraySlice<UInt8>) -> Int { number(bytes, isBigEndian: true) }
    var place = 8
    var block: Int?
    while case let head = reader.bytes(at: place, count: 12), head.count == 12 {
      let size = value(head[4..<12])
      if head.starts(with: "desc".utf8), case let fields = reader.bytes(at: place + 12, count: 32), fields.count == 32 {
        // Packets of one frame have their bytes in the header, others in a table.
        block = value(fields[20..<24]) == 1 && value(fields[16..<20]) > 0 ? value(fields[16..<20]) : nil
      } else if head.starts(with: "data".utf8) {
        let sizePlace = place + 4
        // The samples follow a counter of edits.
        var span = SampleSpan(start: place + 16, declared: nil, block: block)
        span.foreign = { reader, end in
          foreignChunk(reader, from: end, header: 12) { head in chunkName(head[..<4]).map { ($0, value(head[4..<12])) }
          }
        }
        span.corrections = { [(sizePlace, bytes(of: $0 + 4, count: 8, isBigEndian: true))] }
        span.declareLength(max(4, size) - 4, isUnknown: size <= 4 || size == .max || isUnknown(size), reader)
        return span
      }
      guard size >= 0, size < 1 << 40 else { return nil }
      place += 12 + size
    }
    return nil
  }

  /// Sun's and NeXT's; those of machines that begin with the lowest byte are marked `dns.` instead of `.snd`.
  private static func au(_ reader: EncodedReader) -> SampleSpan? {
    let head = reader.bytes(at: 0, count: 24)
    guard head.count == 24 else { return nil }
    let isBigEndian = head[0] == UInt8(ascii: ".")
    func field(_ i: Int) -> Int { number(head[4 * i..<4 * i + 4], isBigEndian: isBigEndian) }
    let bytes = [1: 1, 2: 1, 3: 2, 4: 3, 5: 4, 6: 4, 7: 8, 27: 1][field(3)]
    var span = SampleSpan(start: field(1), declared: nil, block: bytes.map { max(1, $0 * field(5)) })
    span.corrections = { [(8, Audio.bytes(of: $0, count: 4, isBigEndian: isBigEndian))] }
    span.declareLength(field(2), isUnknown: isUnknown(field(2)), reader)
    return span
  }

  /// NIST SPHERE: a text header of lines `KEY -TYPE VALUE`, its own length in the second line.
  private static func sphere(_ reader: EncodedReader, name: String) throws -> SampleSpan? {
    let head = reader.bytes(at: 0, count: 1024)
    let text = String(decoding: head, as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline)
    func value(_ key: String) -> Substring? {
      lines.first { $0.hasPrefix(key + " ") }.flatMap { $0.split(separator: " ", maxSplits: 2).last }
    }
    guard lines.count > 1, let header = Int(trimmed(lines[1])), header > 0 else { return nil }
    let coding = value("sample_coding") ?? "pcm"
    for compression in ["shorten", "wavpack", "shortpack"] where coding.contains(compression) {
      throw Failure(
        .badInput, path: name, "NIST SPHERE compressed with \(compression), which is not read",
        hint: "sph2pipe -f wav IN OUT.wav converts it (LDC's sph2pipe)")
    }
    let count = value("sample_count").flatMap { Int($0) } ?? 0
    let (block, isTooFar) = (value("sample_n_bytes").flatMap { Int($0) } ?? 2)
      .multipliedReportingOverflow(by: value("channel_count").flatMap { Int($0) } ?? 1)
    guard !isTooFar, block > 0 else { return nil }
    var span = SampleSpan(start: header, declared: nil, block: block)
    span.corrections = { length in
      // The header keeps its length: what the line gains, the spaces after the end lose.
      let line = "sample_count -i \(length / block)"
      var fields = lines.prefix { $0 != "end_head" }.filter { !$0.hasPrefix("sample_count ") }.map(String.init)
      fields.append(line)
      let written = Array((fields.joined(separator: "\n") + "\nend_head\n").utf8)
      guard written.count <= header, header <= 1 << 16 else { return [] }
      return [(0, written + [UInt8](repeating: 0x20, count: header - written.count))]
    }
    let (declared, isHuge) = count.multipliedReportingOverflow(by: block)
    span.declareLength(
      isHuge || count < 0 ? 0 : declared,
      isUnknown: count <= 0 || isHuge || count >= 0x7f00_0000 || isUnknown(declared),
      reader)
    return span
  }
}
