/// WAV and its kin: RIFF and RIFX (Microsoft/IBM 1991), RF64 and BW64 (EBU Tech 3306, ITU-R BS.2088), Sony Wave64.
extension SampleSpan {
  /// Nil if no chunk with samples comes.
  static func riff(_ reader: EncodedReader, isBigEndian: Bool) -> SampleSpan? {
    func value(_ bytes: ArraySlice<UInt8>) -> Int { number(bytes, isBigEndian: isBigEndian) }
    var place = 12
    var coding = WaveCoding()
    var large: (place: Int, size: Int)?
    var disguises: [(offset: Int, bytes: [UInt8])] = []
    while case let head = reader.bytes(at: place, count: 8), head.count == 8 {
      let size = value(head[4..<8])
      let content = place + 8
      if head.starts(with: "ds64".utf8), case let sizes = reader.bytes(at: content, count: 16), sizes.count == 16 {
        large = (content, number(sizes[8...], isBigEndian: false))
      } else if head.starts(with: "fmt ".utf8) {
        coding = WaveCoding(reader.bytes(at: content, count: min(size, 26)), isBigEndian: isBigEndian) ?? coding
      } else if head.starts(with: "data".utf8),
        size > 0 || !hasSamplesLater(reader, from: content, isBigEndian: isBigEndian)
      {
        let isLarge = large != nil && size == 0xffff_ffff
        let declared = isLarge ? large!.size : size
        var span = SampleSpan(
          reader, start: content, declared: declared, coding: coding,
          isUnknown: isUnknown(declared) || isLarge && declared < 0, isBigEndian: isBigEndian
        ) { length in
          var fields = [
            (offset: place + 4, bytes: bytes(of: isLarge ? 0xffff_ffff : length, count: 4, isBigEndian: isBigEndian))
          ]
          if let large {
            // The sizes of the file and of the samples, and how many samples of a channel there are.
            let sizes = [reader.size - 8, length, length / max(1, coding.block)]
            fields.append((large.place, sizes.flatMap { bytes(of: $0, count: 8, isBigEndian: false) }))
          } else {
            fields.append((4, bytes(of: reader.size - 8, count: 4, isBigEndian: isBigEndian)))
          }
          // Larger sizes have no place here.
          return isLarge || reader.size < 0xffff_ffff ? fields : []
        }
        span.disguises = disguises
        return span
      } else if head.starts(with: "data".utf8) {
        // An empty one before that with the samples.
        disguises.append((place, Array("JUNK".utf8)))
      }
      place = content + size + size % 2
    }
    return nil
  }

  /// Sony's, with GUIDs that begin with the names of RIFF and sizes of 64 bits that count their own header.
  static func wave64(_ reader: EncodedReader) -> SampleSpan? {
    var place = 40
    var coding = WaveCoding()
    while case let head = reader.bytes(at: place, count: 24), head.count == 24 {
      let size = number(head[16...], isBigEndian: false)
      if head.starts(with: "fmt ".utf8) {
        coding = WaveCoding(reader.bytes(at: place + 24, count: 26), isBigEndian: false) ?? coding
      } else if head.starts(with: "data".utf8) {
        let field = place + 16
        return SampleSpan(
          reader, start: place + 24, declared: max(0, size) - 24, coding: coding,
          isUnknown: size <= 24 || size >= 1 << 62,
          align: 8
        ) { length in
          [
            (16, bytes(of: reader.size, count: 8, isBigEndian: false)),
            (field, bytes(of: length + 24, count: 8, isBigEndian: false)),
          ]
        }
      }
      guard size >= 24, size < 1 << 40 else { return nil }
      place += (size + 7) / 8 * 8
    }
    return nil
  }

  private init(
    _ reader: EncodedReader, start: Int, declared: Int, coding: WaveCoding, isUnknown: Bool, align: Int = 2,
    isBigEndian: Bool = false,
    corrections: @escaping (Int) -> [(offset: Int, bytes: [UInt8])]
  ) {
    self.start = start
    isMPEG = coding.tag == 0x50 || coding.tag == 0x55
    block = coding.isPlain ? coding.block : nil
    doubt = coding.doubt
    adaptive = coding.adaptive
    self.corrections = corrections
    foreign = { reader, end in
      func next(from place: Int) -> Int? {
        foreignChunk(reader, from: place, header: align == 2 ? 8 : 24) { head in
          guard let name = chunkName(head[..<4]) else { return nil }
          let size = number(align == 2 ? head[4..<8] : head[16..<24], isBigEndian: isBigEndian)
          guard size < 1 << 60 else { return nil }
          return align == 2 ? (name, size + size % 2) : (name, (size + 7) / 8 * 8 - 24)
        }
      }
      // Some writers leave the padding out.
      let padded = (end - start + align - 1) / align * align + start
      return next(from: padded) == nil ? nil : next(from: end)
    }
    let foreign = foreign
    chunksAfter = { Self.appendedChunk($0, notBefore: $1, names: Self.appended, foreign: foreign) }
    declareLength(declared, isUnknown: isUnknown, reader)
    // GSM 6.10 has blocks of an odd length, and some writers count the padding.
    if coding.tag == 0x31, coding.block > 1, let declared = self.declared {
      let length = declared % coding.block == 1 ? declared - 1 : declared
      self.declared = length
      isPadded = length % 2 == 1
    }
  }

  /// Chunks that programs write after the samples.
  private static let appended = [
    "LIST", "id3 ", "ID3 ", "bext", "iXML", "cue ", "smpl", "inst", "PEAK", "fact", "JUNK", "afsp", "acid", "list",
  ]

  /// Whether chunks go on from `offset` to another one with samples, after an empty one.
  private static func hasSamplesLater(_ reader: EncodedReader, from offset: Int, isBigEndian: Bool) -> Bool {
    var place = offset
    while case let head = reader.bytes(at: place, count: 8), head.count == 8, let name = chunkName(head[..<4]) {
      let size = number(head[4..<8], isBigEndian: isBigEndian)
      if name == "data", size > 0 { return true }
      place += 8 + size + size % 2
    }
    return false
  }
}

/// What a `fmt ` chunk says.
struct WaveCoding {
  private(set) var tag = 0
  /// Bytes of a block: of a sample of all channels where samples are not packed.
  private(set) var block = 1
  private var channels = 1
  private var bits = 0
  /// Of a block, where samples are packed.
  private var samples = 0

  init() {}

  init?(_ bytes: [UInt8], isBigEndian: Bool) {
    guard bytes.count >= 16 else { return nil }
    func field(_ offset: Int) -> Int { number(bytes[offset..<offset + 2], isBigEndian: isBigEndian) }
    tag = field(0)
    channels = max(1, field(2))
    block = max(1, field(12))
    bits = field(14)
    if bytes.count >= 20 { samples = field(18) }
    // The extensible format has the tag at the beginning of a GUID.
    if tag == 0xfffe, bytes.count == 26 { tag = field(24) }
  }

  /// PCM, floating point, A-law and mu-law.
  var isPlain: Bool { [1, 3, 6, 7].contains(tag) }

  /// Blocks that are not as long as their samples.
  var doubt: String? {
    let right = channels * ((bits + 7) / 8)
    guard isPlain, block != right else { return nil }
    return "its header says \(block) bytes for a sample of all channels (block align), where \(channels) "
      + "\(channels == 1 ? "channel" : "channels") of \(bits) bits \(channels == 1 ? "takes" : "take") \(right)"
  }

  var adaptive: AdaptiveBlocks? {
    // Microsoft's has two samples in the head of a block, that of IMA one, and packs eight of each channel at a time.
    let head = tag == 0x02 ? 7 * channels : 4 * channels
    guard tag == 0x02 || tag == 0x11, block > head else { return nil }
    var blocks = AdaptiveBlocks(bytes: block, head: head, isMicrosoft: tag == 0x02, channels: channels)
    let most = blocks.samples(in: block)
    blocks.most = samples > 0 ? min(samples, most) : most
    return blocks
  }
}

/// The blocks of ADPCM in WAV. The last one may be shorter than the others, which libsndfile does not know.
struct AdaptiveBlocks {
  var bytes: Int
  var head: Int
  var isMicrosoft: Bool
  var channels: Int
  /// Samples of each channel in a whole block.
  var most = Int.max

  /// What lacks of the last block.
  func rest(of length: Int) -> Int { length % bytes == 0 ? 0 : bytes - length % bytes }

  /// Samples of each channel that lack in the last block.
  func missing(of length: Int) -> Int { length % bytes == 0 ? 0 : most - samples(in: length % bytes) }

  func samples(in part: Int) -> Int {
    guard part >= head else { return 0 }
    let codes = part - head
    return min(most, isMicrosoft ? 2 + 2 * codes / channels : 1 + codes / (4 * channels) * 8)
  }
}
