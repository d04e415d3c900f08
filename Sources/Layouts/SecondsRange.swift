package import Audio
package import FileIO

/// Samples of an interval in seconds: both ends to the nearest sample, and up to half a second after the file's end cut
/// off, as Kaldi's extract-segments does; `failure` makes an error of a reason.
package func range(
  _ begin: Double, _ end: Double?, _ format: AudioFormat, failure: (String) -> Failure
) throws -> Range<Int> {
  let rate = Double(format.rate)
  // No audio is that long, and larger numbers are no Int.
  func frame(_ seconds: Double) -> Int { Int(min((seconds * rate).rounded(), 1e15)) }
  let first = frame(begin)
  let stop = end.map(frame) ?? format.frames
  guard stop <= format.frames + format.rate / 2 else {
    throw failure("ends at \(end ?? 0) s, after the end of the audio (\(Double(format.frames) / rate) s)")
  }
  let last = min(stop, format.frames)
  guard first < last else { throw failure("an empty piece: it begins at \(begin) s") }
  return first..<last
}
