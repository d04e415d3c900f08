/// The four bytes that every frame of MPEG audio begins with (ISO/IEC 11172-3, 2.4.1.3; 13818-3 for lower rates).
struct MPEGFrameHeader {
  /// 1 to 3.
  var layer: Int
  /// Hz.
  var rate: Int
  var channels: Int
  /// Samples of each channel.
  var samples: Int
  /// Bytes of the frame with its header; 0 where the bit rate is free and the header does not say.
  var length: Int
  /// Of layer III: bytes of side information after the header.
  private var sideBytes: Int

  /// Nil if these bytes are none.
  init?(_ bytes: ArraySlice<UInt8>) {
    let bytes = Array(bytes.prefix(4))
    guard bytes.count == 4, bytes[0] == 0xff, bytes[1] & 0xe0 == 0xe0 else { return nil }
    let version = bytes[1] >> 3 & 3
    let layerBits = bytes[1] >> 1 & 3
    let rateIndex = Int(bytes[2] >> 4)
    let frequencyIndex = Int(bytes[2] >> 2 & 3)
    guard version != 1, layerBits != 0, rateIndex != 15, frequencyIndex != 3 else { return nil }
    let isLow = version != 3
    layer = 4 - Int(layerBits)
    rate = [44_100, 48_000, 32_000][frequencyIndex] >> (version == 3 ? 0 : version == 2 ? 1 : 2)
    channels = bytes[3] >> 6 == 3 ? 1 : 2
    sideBytes = isLow ? (channels == 1 ? 9 : 17) : (channels == 1 ? 17 : 32)
    samples = layer == 1 ? 384 : layer == 3 && isLow ? 576 : 1152
    let kilobits = isLow ? Self.lowRates[layer == 1 ? 0 : 1] : Self.rates[layer - 1]
    guard rateIndex > 0 else {
      length = 0
      return
    }
    let padding = Int(bytes[2] >> 1 & 1)
    let slots = samples / 8 * kilobits[rateIndex - 1] * 1000 / rate
    length = layer == 1 ? (slots / 4 + padding) * 4 : slots + padding
  }

  /// Whether frames of one stream may have both headers.
  func agrees(with other: MPEGFrameHeader) -> Bool {
    layer == other.layer && rate == other.rate && channels == other.channels && samples == other.samples
  }

  var summary: String { "layer \(layer), \(rate) Hz, \(channels) channel\(channels == 1 ? "" : "s")" }

  /// Where in the frame the mark of a frame stands that holds no audio but the stream's length: that of Xing and LAME.
  var xingPlace: Int { 4 + sideBytes }
  /// That of Fraunhofer.
  static let vbriPlace = 4 + 32

  private static let rates = [
    [32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448],
    [32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384],
    [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320],
  ]
  private static let lowRates = [
    [32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256],
    [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
  ]
}
