import CSndFile
import FileIO
import Glibc

/// A WAV file of mono 16-bit samples, as bytes: written through memory, because a pipe cannot be sought in.
public func encodeWAV(_ samples: UnsafeBufferPointer<Int16>, rate: Int) throws -> [UInt8] {
  let memory = MemoryFile()
  memory.bytes.reserveCapacity(samples.count * 2 + 64)
  var info = SF_INFO()
  info.samplerate = CInt(clamping: rate)
  info.channels = 1
  info.format = CInt(SF_FORMAT_WAV) | CInt(SF_FORMAT_PCM_16)
  var callbacks = memory.callbacks
  let client = Unmanaged.passUnretained(memory).toOpaque()
  guard let handle = sf_open_virtual(&callbacks, CInt(SFM_WRITE), &info, client) else {
    throw Failure(.usage, "cannot write WAV at \(rate) Hz: \(String(cString: sf_strerror(nil)))")
  }
  let written = samples.isEmpty ? 0 : Int(sf_write_short(handle, samples.baseAddress!, sf_count_t(samples.count)))
  let reason = String(cString: sf_strerror(handle))
  guard sf_close(handle) == 0, written == samples.count else { throw Failure(.system, "cannot write WAV: \(reason)") }
  return memory.bytes
}

/// A file in memory behind libsndfile's virtual I/O.
private final class MemoryFile {
  var bytes: [UInt8] = []
  var position = 0

  var callbacks: SF_VIRTUAL_IO {
    SF_VIRTUAL_IO(
      get_filelen: { sf_count_t(memory($0).bytes.count) },
      seek: { offset, whence, client in
        let file = memory(client)
        let base = whence == SEEK_SET ? 0 : whence == SEEK_CUR ? file.position : file.bytes.count
        file.position = max(0, base + Int(offset))
        return sf_count_t(file.position)
      },
      read: { target, count, client in
        let file = memory(client)
        let available = max(0, min(Int(count), file.bytes.count - file.position))
        file.bytes.withUnsafeBytes { if available > 0 { memcpy(target!, $0.baseAddress! + file.position, available) } }
        file.position += available
        return sf_count_t(available)
      },
      write: { source, count, client in
        let file = memory(client)
        let end = file.position + Int(count)
        if file.bytes.count < end { file.bytes.append(contentsOf: repeatElement(0, count: end - file.bytes.count)) }
        file.bytes.withUnsafeMutableBytes { _ = memcpy($0.baseAddress! + file.position, source!, Int(count)) }
        file.position = end
        return count
      },
      tell: { sf_count_t(memory($0).position) })
  }
}

private func memory(_ client: UnsafeMutableRawPointer?) -> MemoryFile {
  Unmanaged<MemoryFile>.fromOpaque(client!).takeUnretainedValue()
}
