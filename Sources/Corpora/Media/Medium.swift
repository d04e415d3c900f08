package import Archives
public import Audio
import FileIO
public import Images
package import Manifests

/// What a file of a corpus is, as its header says.
public enum FileFormat: Sendable {
  case audio(AudioFormat)
  case image(ImageFormat)
  case text(TextFormat)
  /// Of another kind of records, whose maker reads it.
  case other
}

/// A kind of file that corpora are made of, looked at without decoding it. For one caller at a time.
package protocol Medium: AnyObject {
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
