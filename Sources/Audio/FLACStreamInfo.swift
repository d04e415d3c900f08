import CFLAC
public import FileIO

/// What a FLAC stream declares in its STREAMINFO block (RFC 9639, section 8.2).
public struct FLACStreamInfo: Sendable, Equatable {
  /// Hz.
  public var sampleRate: Int
  public var channels: Int
  public var bitsPerSample: Int
  /// Samples per channel; 0 is unknown.
  public var totalSamples: Int
  /// Samples of each channel in the longest block.
  public var maximumBlock: Int
  /// MD5 of all samples, which for mono with 16 bits is that of their little-endian bytes; nil if the encoder left it out.
  public var md5: SIMD16<UInt8>?

  init(_ block: FLAC__StreamMetadata_StreamInfo) {
    sampleRate = Int(block.sample_rate)
    channels = Int(block.channels)
    bitsPerSample = Int(block.bits_per_sample)
    totalSamples = Int(clamping: block.total_samples)
    maximumBlock = Int(block.max_blocksize)
    let md5 = withUnsafeBytes(of: block.md5sum) { SIMD16(UnsafeRawBufferPointer($0)) }
    self.md5 = md5 == .zero ? nil : md5
  }

  /// Reads the header from the first bytes of a stream: 4 KiB, or all of a shorter one.
  public init(header: [UInt8], name: String) throws {
    self = try FLACDecoder().readHeader(header, name: name)
  }

  /// What to say where the samples do not have the declared MD5.
  public static func wrongMD5(name: String) -> Failure {
    Failure(.badInput, path: name, "the MD5 of the decoded samples is not the one that the file declares")
  }

  /// Refuses what is not mono with 16 bits, which is all that we decode.
  func requireMono16(name: String) throws {
    guard channels == 1, bitsPerSample == 16 else {
      throw Failure(.badInput, path: name, "\(summary): mono with 16 bits is needed")
    }
  }

  var summary: String { "\(sampleRate) Hz, \(channels) channel\(channels == 1 ? "" : "s"), \(bitsPerSample) bits" }
}

/// Number of the first sample in the first frame of a stream: not 0 in what was cut out of a longer one, as by
/// `ffmpeg -f segment`. Nil if the frame is not within `bytes`, or is damaged.
func firstSample(ofStream bytes: [UInt8], _ info: FLACStreamInfo) -> Int? {
  var place = 4
  var isLast = false
  while !isLast, place + 4 <= bytes.count {
    isLast = bytes[place] & 0x80 != 0
    place += 4 + number(bytes[place + 1..<place + 4], isBigEndian: true)
  }
  guard isLast, place < bytes.count else { return nil }
  return firstSample(ofFrame: Array(bytes[place...].prefix(16)), info)
}

/// Number of the first sample in a frame (RFC 9639, section 9.1); nil if it is none.
func firstSample(ofFrame bytes: [UInt8], _ info: FLACStreamInfo) -> Int? {
  guard bytes.count >= 12, bytes[0] == 0xff, bytes[1] & 0xfe == 0xf8 else { return nil }
  // Coded like UTF-8, up to 36 bits: the ones that the first byte begins with count the bytes, none is one.
  let ones = (~bytes[4]).leadingZeroBitCount
  guard ones != 1, ones < 8 else { return nil }
  var value = Int(bytes[4]) & (1 << max(0, 7 - ones) - 1)
  if ones > 1 { for byte in bytes[5..<(4 + ones)] { value = value << 6 | Int(byte & 0x3f) } }
  let countsSamples = bytes[1] & 1 != 0
  return countsSamples ? value : value * info.maximumBlock
}
