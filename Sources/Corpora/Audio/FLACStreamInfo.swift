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

/// Bytes of an ID3v2 tag at the beginning; its length is four groups of seven bits.
func tagLength(_ bytes: [UInt8]) -> Int {
  guard bytes.count >= 10, bytes.starts(with: "ID3".utf8) else { return 0 }
  return 10 + bytes[6..<10].reduce(0) { $0 << 7 | Int($1 & 0x7f) }
}

/// What bytes that should be FLAC are instead; nil if they begin like FLAC.
func whatInsteadOfFLAC(_ bytes: [UInt8]) -> String? {
  func has(_ signature: String, at offset: Int = 0) -> Bool { bytes.dropFirst(offset).starts(with: signature.utf8) }
  if bytes.isEmpty { return "the file is empty" }
  if has("fLaC") { return nil }
  if has("ID3"), bytes.count >= 10 {
    // An ID3v2 tag may precede FLAC too.
    let length = tagLength(bytes)
    return has("fLaC", at: length) || length >= bytes.count - 4 && bytes.count >= headerBytes ? nil : "MP3, not FLAC"
  }
  if bytes.count > 2, bytes[0] == 0xff, bytes[1] & 0xe0 == 0xe0, bytes[1] & 0x06 != 0 { return "MP3, not FLAC" }
  if has("RIFF") || has("RF64") { return "WAV, not FLAC" }
  if has("OggS") { return "Ogg, not FLAC" }
  if has("FORM") { return "AIFF, not FLAC" }
  if has("NIST_1A") { return "NIST SPHERE, not FLAC" }
  if has("ftyp", at: 4) { return "MPEG-4, not FLAC" }
  if bytes.count < 4, Array("fLaC".utf8).starts(with: bytes) { return "cut short inside its header" }
  if bytes.prefix(4096).allSatisfy({ $0 == 0 }) { return "zero bytes, not FLAC" }
  if bytes.prefix(4096).allSatisfy({ $0 >= 0x20 || $0 == 0x0a || $0 == 0x0d || $0 == 0x09 }) {
    return "text, not FLAC"
  }
  return "not FLAC"
}
