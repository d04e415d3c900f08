import FileIO

/// Streams of one rate and channel count that stand one after the other in a file, decoded as one: Ogg files and MP3 files
/// that were joined.
final class ChainedStream: AudioStream {
  let format: AudioFormat
  private(set) var position = 0
  let isSeekable = false
  var decodedFrames: Int { finishedFrames + (current?.decodedFrames ?? 0) }
  private var finishedFrames = 0
  private let open: (Int) throws -> any AudioStream
  /// Frames of each link.
  private let lengths: [Int]
  private var link = 0
  private var current: (any AudioStream)?

  /// - Parameter open: opens one of `count` links; each is opened once here and again to be decoded.
  init(count: Int, name: String, open: @escaping (Int) throws -> any AudioStream) throws {
    self.open = open
    var format: AudioFormat?
    var lengths: [Int] = []
    for link in 0..<count {
      let stream = try open(link)
      var next = stream.format
      if next.frames == 0 { next.frames = try stream.countFrames() }
      if let first = format, next.rate != first.rate || next.channels != first.channels {
        throw Failure(
          .badInput, path: name,
          "\(count) streams one after the other that do not fit together: the first has \(first.summary), "
            + "number \(link + 1) has \(next.summary)",
          hint: "ffmpeg -i IN OUT.flac converts each, if they are cut apart")
      }
      format = format ?? next
      lengths.append(next.frames)
    }
    self.lengths = lengths
    self.format = AudioFormat(
      frames: lengths.reduce(0, +), rate: format?.rate ?? 0, channels: format?.channels ?? 0, bits: format?.bits,
      container: format?.container ?? "")
  }

  func read(_ count: Int, into samples: inout [Double]) throws {
    samples.removeAll(keepingCapacity: true)
    var missing = count
    var stretch: [Double] = []
    while missing > 0, link < lengths.count {
      let stream = try current ?? open(link)
      current = stream
      let wanted = min(missing, lengths[link] - stream.position)
      try stream.read(wanted, into: &stretch)
      samples += stretch
      missing -= wanted
      position += wanted
      guard stream.position == lengths[link] else { continue }
      try stream.checkWhole()
      finishedFrames += stream.decodedFrames
      current = nil
      link += 1
    }
  }

  func seek(to frame: Int) throws { try skip(to: frame) }

  func checkWhole() throws {}
}
