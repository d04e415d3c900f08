import CZlib
import FileIO

/// Undoes gzip (RFC 1952), one member after the other. libarchive can do that too, but passes over the checksum and the
/// length that stand at the end of each member, and takes what follows a member and is none for the end.
final class Gunzip {
  static let magic: [UInt8] = [0x1f, 0x8b]

  private enum Place { case between, inside, end }

  private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
  private let output = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 4096)
  private let upstream: () throws -> UnsafeRawBufferPointer
  private var place = Place.between
  /// Bytes that have come from upstream.
  private var received = 0
  /// Where the member begins that is being read, or was read last.
  private var start = 0
  private var members = 0
  /// Why nothing more comes, though the end has not been reached. What could be read before has been handed out.
  private(set) var damage: Failure?

  /// - Parameter upstream: gives the next block of what is compressed, which stays until the next call; an empty one is
  ///   the end.
  init(_ upstream: @escaping () throws -> UnsafeRawBufferPointer) throws {
    self.upstream = upstream
    stream.initialize(to: z_stream())
    // 15 is the largest window, 16 asks for gzip.
    let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, CInt(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw Failure(.system, "no memory to undo gzip") }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
    output.deallocate()
  }

  /// The next block, which stays until the next call; empty at the end, and at what is damaged: see ``damage``.
  func next() throws -> UnsafeRawBufferPointer {
    stream.pointee.next_out = output.bindMemory(to: UInt8.self).baseAddress
    stream.pointee.avail_out = UInt32(output.count)
    while place != .end, stream.pointee.avail_out > 0 {
      if stream.pointee.avail_in == 0 {
        // What is there goes out before more is waited for.
        if Int(stream.pointee.avail_out) < output.count { break }
        try receive()
      } else if place == .between {
        skipZeros()
      } else {
        inflateSome()
      }
    }
    return UnsafeRawBufferPointer(rebasing: output[..<(output.count - Int(stream.pointee.avail_out))])
  }

  private func receive() throws {
    let block = try upstream()
    received += block.count
    stream.pointee.next_in = UnsafeMutablePointer(mutating: block.bindMemory(to: UInt8.self).baseAddress)
    stream.pointee.avail_in = UInt32(block.count)
    guard block.isEmpty else { return }
    if place == .inside { damage = Failure(.badInput, "truncated gzip input") }
    place = .end
  }

  /// Goes to where the next member begins. Tapes are filled up with zero bytes, and some programs do it too.
  private func skipZeros() {
    while stream.pointee.avail_in > 0, stream.pointee.next_in.pointee == 0 {
      stream.pointee.next_in += 1
      stream.pointee.avail_in -= 1
    }
    guard stream.pointee.avail_in > 0 else { return }
    start = consumed
    guard stream.pointee.next_in.pointee == Self.magic[0] else {
      place = .end
      damage = foreign
      return
    }
    inflateReset(stream)
    place = .inside
  }

  private func inflateSome() {
    switch inflate(stream, Z_NO_FLUSH) {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END:
      members += 1
      place = .between
    case let status:
      place = .end
      damage = failure(status)
    }
  }

  private var consumed: Int { received - Int(stream.pointee.avail_in) }

  /// Another member may have stood there.
  private var foreign: Failure {
    Failure(
      .badInput, "what follows the end of gzip's data at byte \(start) is neither gzip nor zero bytes",
      hint: "remove it if it does not belong to the file")
  }

  private func failure(_ status: CInt) -> Failure {
    guard status != Z_MEM_ERROR else { return Failure(.system, "no memory to undo gzip") }
    let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
    let damaged = "what bytes \(start) to \(consumed) hold is not what was compressed"
    let hint = "what was read of it may be wrong: get the file again, or compress the original again"
    switch reason {
    case "incorrect data check": return Failure(.badInput, "gzip's checksum says that \(damaged)", hint: hint)
    case "incorrect length check": return Failure(.badInput, "gzip's length says that \(damaged)", hint: hint)
    case "incorrect header check" where members > 0: return foreign
    default: return Failure(.badInput, "gzip's data cannot be undone at byte \(consumed): \(reason)")
    }
  }
}
