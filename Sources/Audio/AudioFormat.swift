import FileIO

/// What the header of an audio file declares.
public struct AudioFormat: Sendable, Equatable {
  /// Samples of each channel.
  public var frames: Int
  /// Hz.
  public var rate: Int
  public var channels: Int
  /// Of each sample; nil where the coding is lossy and has none.
  public var bits: Int?
  /// For messages, for example `FLAC`.
  public var container: String

  /// FLAC with one channel of 16 bits, whose decoded samples are the result as they are.
  public var isPlainFLAC: Bool { container == Self.flac && channels == 1 && bits == 16 }

  static let flac = "FLAC"

  /// Refuses a channel that is not there.
  func check(_ channel: Channel?, name: String) throws {
    guard case .one(let number) = channel, !(1...max(1, channels)).contains(number) else { return }
    throw Failure(
      .badInput, path: name,
      channels == 1
        ? "it has one channel: there is no channel \(number)"
        : "it has \(channels) channels: there is no channel \(number)",
      hint: "they are numbered from 1")
  }

  var summary: String {
    "\(rate) Hz, \(channels) channel\(channels == 1 ? "" : "s")" + (bits.map { ", \($0) bits" } ?? "")
  }
}

/// How audio becomes mono at 16 kHz. Without either change, audio that is something else is refused.
public struct AudioConversion: Sendable, Equatable {
  /// Rates other than ``speechRate`` are resampled to it with libsoxr, quality VHQ.
  public var resamples: Bool
  /// Several channels become their mean.
  public var mixesDown: Bool

  public init(resamples: Bool = false, mixesDown: Bool = false) {
    self.resamples = resamples
    self.mixesDown = mixesDown
  }

  /// Samples at ``speechRate`` that `count` samples at `rate` become: count · 16000 / rate, halves rounded up.
  public static func length(of count: Int, rate: Int) -> Int {
    if rate == speechRate { return count }
    // A manifest may declare any two numbers.
    return Int(clamping: (2 * Int128(count) * Int128(speechRate) + Int128(rate)) / (2 * Int128(rate)))
  }

  /// The library that resamples and its version, for example `libsoxr-0.1.3`.
  public static var resamplingLibrary: String { Resampler.library }

  /// Refuses audio that would need a change that has not been asked for; the failure names the setting.
  ///
  /// - Parameter channel: what has been asked for of several channels.
  func check(_ format: AudioFormat, channel: Channel?, name: String) throws {
    var needed: [String] = []
    if format.rate != speechRate, !resamples { needed.append("\(setting: "resample") \(speechRate)") }
    if format.channels != 1, channel == nil, !mixesDown { needed.append("\(setting: "mixdown")") }
    guard !needed.isEmpty else { return }
    throw Failure(
      .badInput, path: name, "\(format.summary): \(speechRate) Hz, mono is needed",
      hint: "\(needed.joined(separator: " ")) converts it")
  }
}

/// Speech is taken at this rate (Hz); nothing is resampled silently.
public let speechRate = 16_000

/// The longest utterance that is decoded: 2.3 hours at 16 kHz.
public let maximumUtteranceSamples = 1 << 27
