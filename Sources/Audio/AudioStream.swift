import FileIO

/// Decodes audio front to back, a stretch at a time. For one user at a time.
package protocol AudioStream: AnyObject {
  /// Its frames are 0 if only decoding tells how many there are.
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

extension AudioStream {
  /// Decodes to the end; the frames up to there.
  package func countFrames() throws -> Int {
    var stretch: [Double] = []
    repeat { try read(1 << 13, into: &stretch) } while !stretch.isEmpty
    return position
  }

  /// Decodes forward to `frame`.
  func skip(to frame: Int) throws {
    var skipped: [Double] = []
    while position < frame {
      try read(min(1 << 13, frame - position), into: &skipped)
      if skipped.isEmpty { return }
    }
  }
}
