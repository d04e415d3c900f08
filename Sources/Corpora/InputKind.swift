public import FileIO

/// What an input is: told from what stands at its path, else from its first bytes.
public enum InputKind: Sendable, Equatable {
  /// JSON Lines.
  case manifest
  case archive
  case folder

  private static let space: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]

  /// A manifest begins with `{`, after white space if any; everything else is taken for an archive.
  public init(head: [UInt8]) {
    self = head.first { !Self.space.contains($0) } == UInt8(ascii: "{") ? .manifest : .archive
  }

  /// The first bytes of a file or pipe, to be handed on with it: they are gone from a pipe.
  public static func head(of file: File) throws -> [UInt8] {
    var head: [UInt8] = []
    // White space alone tells nothing yet.
    repeat {
      let more = try [UInt8](unsafeUninitializedCapacity: 4096) { buffer, count in
        count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      }
      if more.isEmpty { break }
      head += more
    } while head.count < 1 << 16 && head.allSatisfy(space.contains)
    return head
  }
}

extension Corpus {
  /// Opens what a user names, be it one manifest or any number of corpora; `-` is standard input, either of them.
  public static func opening(
    _ inputs: [String], layout: Layout?, root: String?
  ) throws -> (corpus: Corpus, kind: InputKind) {
    // What is read from a pipe is gone from it, and a pipe that has been closed is gone as a whole.
    var pipe: (file: File, head: [UInt8])?
    for input in inputs where input == "-" || Folder.kind(of: input) != .folder {
      let file = try File.reading(input)
      let first = try InputKind.head(of: file)
      if InputKind(head: first) == .manifest {
        guard inputs.count == 1 else { throw Failure(.usage, path: input, "a manifest must be the only input") }
        return (try Corpus(manifest: file, head: first, root: root), .manifest)
      }
      if input == "-" || Folder.kind(of: input) == .other { pipe = (file, first) }
    }
    let kind: InputKind = inputs.count == 1 && Folder.kind(of: inputs[0]) == .folder ? .folder : .archive
    return (try Corpus(inputs: inputs, layout: layout, root: root, pipe: pipe), kind)
  }
}
