import CSndFile
import FileIO

/// Encodes audio for tests with libsndfile, which encodes FLAC with libFLAC.
public enum AudioFile {
  public enum Format: Sendable {
    case flac
    case flac24
    case mp3
    case wav
    case wavFloat
    case aiff
    case au
    case sphere
    case vorbis
    case rifx
    case rf64
    case wave64
    case aiffFloat
    case caf
    case opus

    fileprivate var code: CInt {
      switch self {
      case .flac: CInt(SF_FORMAT_FLAC) | CInt(SF_FORMAT_PCM_16)
      case .flac24: CInt(SF_FORMAT_FLAC) | CInt(SF_FORMAT_PCM_24)
      case .mp3: CInt(SF_FORMAT_MPEG) | CInt(SF_FORMAT_MPEG_LAYER_III)
      case .wav: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_PCM_16)
      case .wavFloat: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_FLOAT)
      case .aiff: CInt(SF_FORMAT_AIFF) | CInt(SF_FORMAT_PCM_16)
      case .au: CInt(SF_FORMAT_AU) | CInt(SF_FORMAT_PCM_16)
      case .sphere: CInt(SF_FORMAT_NIST) | CInt(SF_FORMAT_PCM_16)
      case .vorbis: CInt(SF_FORMAT_OGG) | CInt(SF_FORMAT_VORBIS)
      case .rifx: CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_PCM_16) | CInt(SF_ENDIAN_BIG)
      case .rf64: CInt(SF_FORMAT_RF64) | CInt(SF_FORMAT_PCM_16)
      case .wave64: CInt(SF_FORMAT_W64) | CInt(SF_FORMAT_PCM_16)
      case .aiffFloat: CInt(SF_FORMAT_AIFF) | CInt(SF_FORMAT_FLOAT)
      case .caf: CInt(SF_FORMAT_CAF) | CInt(SF_FORMAT_PCM_16)
      case .opus: CInt(SF_FORMAT_OGG) | CInt(SF_FORMAT_OPUS)
      }
    }
  }

  /// Writes interleaved samples to `path`.
  public static func write(
    _ samples: [Int16], to path: String, format: Format = .flac, rate: Int = 16_000, channels: Int = 1
  ) throws {
    var info = SF_INFO()
    info.samplerate = CInt(rate)
    info.channels = CInt(channels)
    info.format = format.code
    guard let handle = sf_open(path, CInt(SFM_WRITE), &info) else {
      throw Failure(.system, path: path, "cannot encode: \(String(cString: sf_strerror(nil)))")
    }
    // Full scale is 1 in floating point.
    sf_command(handle, CInt(SFC_SET_SCALE_INT_FLOAT_WRITE), nil, 1)
    let written = sf_write_short(handle, samples, sf_count_t(samples.count))
    guard sf_close(handle) == 0, written == samples.count else {
      throw Failure(.system, path: path, "cannot encode all samples")
    }
  }

  /// The bytes that ``write(_:to:format:rate:channels:)`` writes.
  public static func encode(
    _ samples: [Int16], format: Format = .flac, rate: Int = 16_000, channels: Int = 1
  ) throws -> [UInt8] {
    let folder = try TemporaryFolder()
    try write(samples, to: folder("audio"), format: format, rate: rate, channels: channels)
    return try File.contents(of: folder("audio"))
  }

  /// All samples of a file that libsndfile can read, interleaved.
  public static func read(_ path: String) throws -> (samples: [Int16], rate: Int, channels: Int) {
    var info = SF_INFO()
    guard let handle = sf_open(path, CInt(SFM_READ), &info) else {
      throw Failure(.system, path: path, "cannot decode: \(String(cString: sf_strerror(nil)))")
    }
    defer { sf_close(handle) }
    var samples = [Int16](repeating: 0, count: Int(info.frames) * Int(info.channels))
    let count = sf_read_short(handle, &samples, sf_count_t(samples.count))
    return (Array(samples[..<Int(count)]), Int(info.samplerate), Int(info.channels))
  }
}
