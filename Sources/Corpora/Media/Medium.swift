import Archives
public import Audio
import FileIO
public import Images
import Manifests

/// What a file of a corpus is, as its header says.
public enum FileFormat: Sendable {
  case audio(AudioFormat)
  case image(ImageFormat)
  case text(TextFormat)
}

/// A kind of file that corpora are made of, looked at without decoding it. For one caller at a time.
protocol Medium: AnyObject {
  /// ``Extent/kind`` of its files.
  var kind: String { get }
  /// Whether a file of this name may be one.
  func takes(_ name: String) -> Bool
  /// What a file holds; a `Failure` of kind `badInput` says why it cannot be used.
  ///
  /// - Parameters:
  ///   - file: comes back in memory if all of it had to be read, so that nobody reads it again.
  ///   - declared: what a manifest says of it, taken at its word where only decoding tells.
  ///   - channel: what a manifest says is wanted of several channels.
  func examine(
    _ file: inout EncodedFile, declared: Extent?, channel: Channel?
  ) throws -> (extent: Extent, format: FileFormat)
}

extension Medium {
  func examine(_ file: inout EncodedFile) throws -> (extent: Extent, format: FileFormat) {
    try examine(&file, declared: nil, channel: nil)
  }
}

final class AudioMedium: Medium {
  let kind = "audio"
  private let check: HeaderCheck
  private let channels: ChannelRule?

  init(_ options: CorpusOptions) throws {
    channels = options.channels
    check = try HeaderCheck(options.conversion, decodesLossy: options.decodesLossy)
  }

  func takes(_ name: String) -> Bool { isAudioName(name) }

  func examine(
    _ file: inout EncodedFile, declared: Extent?, channel: Channel?
  ) throws -> (extent: Extent, format: FileFormat) {
    let format = try check.format(of: file) { _ in channel ?? channels?.channel }
    return (.audio(samples: format.frames, rate: format.rate), .audio(format))
  }
}

extension ManifestEntry {
  /// Bytes of an id, a group or a class.
  static let maximumName = 4096

  /// Sentences of a document that can be held as records at once.
  static let maximumSentences = 1 << 24

  /// Refuses pieces that are too long to be held, or too short.
  func checkLength(name: String) throws {
    for (key, value) in [("id", id), ("group", group), (Self.classKey, classLabel ?? "")]
    where value.utf8.count > Self.maximumName {
      throw Failure(
        .badInput, path: name, "its \(key) has \(value.utf8.count) bytes: a name has \(Self.maximumName) at most")
    }
    switch extent {
    case .audio(_, let rate): try HeaderCheck.checkLength(of: range.count, rate: rate, name: name)
    case .image: break
    case .text(let sentences):
      guard sentences <= Self.maximumSentences else {
        throw Failure(
          .badInput, path: name, "\(sentences) sentences: one document may have \(Self.maximumSentences) at most",
          hint: "divide it into several files")
      }
    }
  }
}
