public import FileIO
import Glibc

/// What an input is: told from what stands at its path, else from its first bytes.
public enum InputKind: Sendable, Equatable {
  /// JSON Lines.
  case manifest
  case archive
  case folder

  /// A manifest begins with `{`, after white space if any; everything else is taken for an archive.
  public init(head: [UInt8]) {
    let space: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]
    self = head.first { !space.contains($0) } == UInt8(ascii: "{") ? .manifest : .archive
  }

  /// The first bytes of a file or pipe, to be handed on with it: they are gone from a pipe.
  public static func head(of file: File) throws -> [UInt8] {
    try [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
      count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
    }
  }
}
