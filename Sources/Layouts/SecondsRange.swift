package import Audio
package import FileIO

/// Finds the samples of intervals in seconds: both ends to the nearest sample, and up to half a second after the file's
/// end cut off, as Kaldi's extract-segments does, and counted.
package struct SecondsRanges {
  private var late = 0
  private var mostFrames = (count: 0, rate: 1)

  package init() {}

  /// - Parameter failure: makes an error of a reason.
  package mutating func range(
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
    if stop > last {
      late += 1
      if (stop - last) * mostFrames.rate > mostFrames.count * format.rate { mostFrames = (stop - last, format.rate) }
    }
    return first..<last
  }

  /// What was cut off; nil if nothing was.
  package var note: String? {
    guard late > 0 else { return nil }
    let milliseconds = (Double(mostFrames.count * 1000) / Double(mostFrames.rate)).rounded(.up)
    return "\(late) \(late == 1 ? "piece goes" : "pieces go") on after the end of the audio, by up to "
      + "\(Int(milliseconds)) ms: cut there"
  }
}
