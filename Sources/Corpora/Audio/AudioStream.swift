import FileIO

/// Decodes audio front to back, a stretch at a time. For one user at a time.
protocol AudioStream: AnyObject {
  var format: AudioFormat { get }
  /// The frame that is read next.
  var position: Int { get }
  /// Whether ``seek(to:)`` gives the same samples as decoding from the beginning. Lossy codings carry state from block to
  /// block, and are never sought in.
  var isSeekable: Bool { get }
  /// Frames decoded so far, also those that nobody read.
  var decodedFrames: Int { get }

  /// Up to `count` frames, channels interleaved, in units of a 16-bit sample: full scale is ±32768. Fewer than `count`
  /// only at the end. A `Failure` of kind `badInput` names what is damaged, and the frame.
  func read(_ count: Int, into samples: inout [Double]) throws
  /// Goes to any frame, or only forward if the stream is not seekable.
  func seek(to frame: Int) throws
  /// Called after the last frame, if none was left out: throws if a checksum of all samples does not match.
  func checkWhole() throws
}

/// Opens audio: FLAC with libFLAC, which checks its checksums, everything else with libsndfile. What is named `.flac`
/// must be FLAC. `checkingMD5` is for whole files.
func openAudio(_ audio: EncodedAudio, checkingMD5: Bool = false) throws -> any AudioStream {
  let reader = try EncodedReader(audio)
  let head = reader.bytes(at: 0, count: headerBytes)
  let isFLAC = reader.bytes(at: tagLength(head), count: 4) == Array("fLaC".utf8)
  if let failure = reader.failure { throw asBadInput(failure) }
  if isFLAC { return try FLACStream(reader, name: audio.name, checkingMD5: checkingMD5) }
  guard !head.isEmpty, !audio.name.lowercased().hasSuffix(".flac") else {
    throw Failure(.badInput, path: audio.name, whatInsteadOfFLAC(head) ?? "not FLAC")
  }
  return try SoundFileStream(reader, name: audio.name)
}
