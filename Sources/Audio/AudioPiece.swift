public import Archives

/// A stretch of an audio file, or all of it, not yet decoded.
public struct AudioPiece: Sendable {
  /// The whole file.
  public var file: EncodedFile
  /// What its header says.
  public var format: AudioFormat
  /// The frames of the file that are the piece.
  public var range: Range<Int>
  /// Nil is the mean of all that there are.
  public var channel: Channel?

  public init(file: EncodedFile, format: AudioFormat, range: Range<Int>, channel: Channel? = nil) {
    self.file = file
    self.format = format
    self.range = range
    self.channel = channel
  }

  /// Samples once it is decoded and at ``speechRate``.
  public var samples: Int { AudioConversion.length(of: range.count, rate: format.rate) }

  /// Whether it is the whole file.
  public var isWhole: Bool { range == 0..<format.frames }
}
