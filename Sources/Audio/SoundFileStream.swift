import CSndFile
import FileIO
import Glibc
import Synchronization

/// WAV and its kin, AIFF, CAF, AU, SPHERE, and Vorbis and Opus in Ogg, decoded by libsndfile stretch by stretch.
final class SoundFileStream: AudioStream {
  let format: AudioFormat
  let isSeekable: Bool
  private(set) var position = 0
  private(set) var decodedFrames = 0
  private let handle: OpaquePointer
  private let reader: EncodedReader
  private let name: String

  /// - Parameters:
  ///   - frames: how many there must be, where that has been found in another way.
  ///   - padding: how many of them at the end are none.
  init(_ reader: EncodedReader, name: String, frames expected: Int? = nil, padding: Int = 0) throws {
    var info = SF_INFO()
    var callbacks = SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(encoded($0).size) },
      seek: { offset, whence, client in
        let reader = encoded(client)
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? reader.position : reader.size
        let (place, isTooFar) = base.addingReportingOverflow(Int(offset))
        guard !isTooFar else { return -1 }
        reader.position = max(0, place)
        return sf_count_t(reader.position)
      },
      read: { target, count, client in sf_count_t(encoded(client).read(into: target!, count: Int(count))) },
      write: { _, _, _ in 0 },
      tell: { sf_count_t(encoded($0).position) })
    let client = Unmanaged.passUnretained(reader).toOpaque()
    // Why a file could not be opened is kept in one place for all threads.
    let handle = try opening.withLock { _ in
      guard let handle = sf_open_virtual(&callbacks, CInt(SFM_READ), &info, client) else {
        throw Failure(
          .badInput, path: name, "libsndfile cannot read it: \(String(cString: sf_strerror(nil)))",
          hint: "ffmpeg -i IN OUT.flac converts it, if it is whole")
      }
      return Handle(handle)
    }.pointer
    self.handle = handle
    self.reader = reader
    self.name = name
    let coding = Int(info.format) & Int(SF_FORMAT_SUBMASK)
    isSeekable = info.seekable != 0 && codings[coding] != nil
    format = AudioFormat(
      frames: max(0, Int(info.frames) - padding), rate: Int(info.samplerate), channels: Int(info.channels),
      bits: codings[coding],
      container: Self.containerName(info.format))
    guard expected ?? format.frames > 0, info.frames < 1 << 40 else {
      throw Failure(.badInput, path: name, "no samples")
    }
    guard expected ?? Int(info.frames) == info.frames else {
      throw Failure(
        .badInput, path: name, "\(expected!) samples are there, of which libsndfile finds \(info.frames)",
        hint: "ffmpeg -i IN OUT.flac converts it")
    }
  }

  deinit { sf_close(handle) }

  func read(_ count: Int, into samples: inout [Double]) throws {
    let frames = max(0, min(count, format.frames - position))
    var got = 0
    samples = [Double](unsafeUninitializedCapacity: frames * format.channels) { buffer, filled in
      if frames > 0 { got = Int(sf_readf_double(handle, buffer.baseAddress!, sf_count_t(frames))) }
      got = max(0, got)
      filled = got * format.channels
    }
    if let failure = reader.failure { throw asBadInput(failure) }
    position += got
    decodedFrames += got
    guard got == frames else {
      let reason = sf_error(handle) == 0 ? "" : ": \(String(cString: sf_strerror(handle)))"
      throw Failure(
        .badInput, path: name, at: "sample \(position)",
        "cut short or damaged: \(position) of the declared \(format.frames) samples are there\(reason)")
    }
    // libsndfile's full scale is 1.
    for i in samples.indices { samples[i] *= 32_768 }
  }

  func seek(to frame: Int) throws {
    if !isSeekable { return try skip(to: frame) }
    guard sf_seek(handle, sf_count_t(frame), SEEK_SET) == sf_count_t(frame) else {
      throw Failure(.badInput, path: name, at: "sample \(frame)", "damaged: this place is not found")
    }
    position = frame
  }

  func checkWhole() throws {}

  private static func containerName(_ format: CInt) -> String {
    var info = SF_FORMAT_INFO()
    info.format = format & CInt(SF_FORMAT_TYPEMASK)
    guard sf_command(nil, CInt(SFC_GET_FORMAT_INFO), &info, CInt(MemoryLayout<SF_FORMAT_INFO>.size)) == 0,
      let name = info.name
    else { return "audio" }
    return String(cString: name)
  }
}

/// Bits of a sample in the codings that keep nothing from one sample to the next.
private let codings: [Int: Int] = [
  Int(SF_FORMAT_PCM_S8): 8, Int(SF_FORMAT_PCM_U8): 8, Int(SF_FORMAT_PCM_16): 16, Int(SF_FORMAT_PCM_24): 24,
  Int(SF_FORMAT_PCM_32): 32, Int(SF_FORMAT_FLOAT): 32, Int(SF_FORMAT_DOUBLE): 64, Int(SF_FORMAT_ULAW): 8,
  Int(SF_FORMAT_ALAW): 8,
]

private func encoded(_ client: UnsafeMutableRawPointer?) -> EncodedReader {
  Unmanaged<EncodedReader>.fromOpaque(client!).takeUnretainedValue()
}

/// Lets a pointer out of a lock.
private struct Handle: @unchecked Sendable {
  let pointer: OpaquePointer
  init(_ pointer: OpaquePointer) { self.pointer = pointer }
}

private let opening = Mutex(())
