import CMpg123
import FileIO
import Glibc

/// MPEG audio (MP3 and layers I and II) that one encoder wrote, decoded with libmpg123: libsndfile, which does the same
/// inside, believes the length that a file declares or else guesses it, and lets libmpg123 write to standard error.
final class MPEGStream: AudioStream {
  let format: AudioFormat
  private(set) var position = 0
  // Frames keep bits and overlaps of those before them.
  let isSeekable = false
  var decodedFrames: Int { position }
  private let handle: OpaquePointer
  private let reader: EncodedReader
  private let name: String
  private var values: [Float] = []

  init(_ reader: EncodedReader, name: String) throws {
    self.reader = reader
    self.name = name
    guard let handle = mpg123_new(nil, nil) else { throw Failure(.system, "no memory for an MP3 decoder") }
    self.handle = handle
    func failure() -> Failure {
      reader.failure.map(asBadInput)
        ?? Failure(.badInput, path: name, "libmpg123 cannot read it: \(String(cString: mpg123_strerror(handle)))")
    }
    let flags =
      MPG123_QUIET.rawValue | MPG123_GAPLESS.rawValue | MPG123_FORCE_FLOAT.rawValue
      | MPG123_SKIP_ID3V2.rawValue | MPG123_NO_FRANKENSTEIN.rawValue
    mpg123_param2(handle, CInt(MPG123_REMOVE_FLAGS.rawValue), CLong(MPG123_AUTO_RESAMPLE.rawValue), 0)
    mpg123_param2(handle, CInt(MPG123_ADD_FLAGS.rawValue), CLong(flags), 0)
    mpg123_replace_reader_handle(
      handle,
      { client, target, count in encoded(client).read(into: target!, count: count) },
      { client, offset, whence in
        let reader = encoded(client)
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? reader.position : reader.size
        let (place, isTooFar) = base.addingReportingOverflow(Int(offset))
        guard !isTooFar, place >= 0 else { return -1 }
        reader.position = place
        return off_t(place)
      }, nil)
    var rate: CLong = 0
    var (channels, encoding): (CInt, CInt) = (0, 0)
    // A full scan of all frames gives the length that decoding gives.
    guard mpg123_open_handle(handle, Unmanaged.passUnretained(reader).toOpaque()) == MPG123_OK.rawValue,
      mpg123_getformat(handle, &rate, &channels, &encoding) == MPG123_OK.rawValue,
      encoding == MPG123_ENC_FLOAT_32.rawValue, mpg123_scan(handle) == MPG123_OK.rawValue,
      case let frames = Int(mpg123_length(handle)), frames >= 0
    else {
      // With all properties set, deinit deletes the handle.
      format = AudioFormat(frames: 0, rate: 0, channels: 0, bits: nil, container: "MP3")
      throw failure()
    }
    format = AudioFormat(
      frames: frames, rate: rate, channels: Int(channels), bits: nil, container: "MP3")
  }

  deinit { mpg123_delete(handle) }

  func read(_ count: Int, into samples: inout [Double]) throws {
    let frames = max(0, min(count, format.frames - position))
    let wanted = frames * format.channels
    var got = 0
    if values.count < wanted { values = [Float](repeating: 0, count: wanted) }
    while got < wanted {
      var bytes = 0
      let status = values.withUnsafeMutableBytes { buffer in
        mpg123_read(
          handle, buffer.baseAddress! + got * MemoryLayout<Float>.size, (wanted - got) * MemoryLayout<Float>.size,
          &bytes)
      }
      got += bytes / MemoryLayout<Float>.size
      guard status == MPG123_OK.rawValue || status == MPG123_NEW_FORMAT.rawValue && bytes > 0 else { break }
    }
    if let failure = reader.failure { throw asBadInput(failure) }
    position += got / format.channels
    guard got == wanted else {
      throw Failure(
        .badInput, path: name, at: "sample \(position)",
        "damaged: \(position) of the \(format.frames) samples of its MPEG frames can be decoded")
    }
    // Full scale is 1.
    samples = values[..<wanted].map { Double($0) * 32_768 }
  }

  func seek(to frame: Int) throws { try skip(to: frame) }

  func checkWhole() throws {}
}

private func encoded(_ client: UnsafeMutableRawPointer?) -> EncodedReader {
  Unmanaged<EncodedReader>.fromOpaque(client!).takeUnretainedValue()
}
