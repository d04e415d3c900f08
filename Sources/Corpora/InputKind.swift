import Archives
public import FileIO
import Layouts
import Manifests
import Members
import OrderedJSON

/// What an input is: told from what stands at its path, else from its first bytes.
public enum InputKind: Sendable, Equatable {
  /// JSON Lines.
  case manifest
  case archive
  case folder

  private static let space: Set<UInt8> = [0x20, 0x09, 0x0a, 0x0d]

  /// A manifest begins with `{`, after white space if any; everything else is taken for an archive.
  public init(head: [UInt8]) {
    let text = head.starts(with: byteOrderMark) ? head.dropFirst(byteOrderMark.count) : head[...]
    self = text.first { !Self.space.contains($0) } == UInt8(ascii: "{") ? .manifest : .archive
  }

  /// What an open file or pipe is, and what has been read of it, to be handed on with it. Something compressed is looked
  /// into: it may be a manifest.
  public static func of(_ file: File) throws -> (kind: InputKind, head: [UInt8]) {
    let head = try head(of: file)
    guard CompressedText.isCompressed(head) else { return (InputKind(head: head), head) }
    let (text, read) = CompressedText.peek(file, head: head)
    return (InputKind(head: text), read)
  }

  /// Whether the first line of JSON Lines, if it is whole, is an object without what an entry of a manifest has.
  fileprivate static func looksLikeDocument(_ head: [UInt8]) -> Bool {
    guard let object = (try? JSON(parsing: Array(head.prefix { $0 != 0x0a })))?.objectValue else { return false }
    return object["source"] == nil
  }

  /// Whether a file of JSON Lines begins like a manifest, not with a document.
  static func beginsWithEntry(_ path: String) -> Bool {
    guard let lines = try? manifestLines(of: File.reading(path)), let line = try? lines.next() else { return false }
    return (try? ManifestEntry(parsing: line)) != nil
  }

  /// Whether a file is one of lhotse's manifests, or a folder has some.
  public static func isLhotse(_ input: String) -> Bool { LhotseWalk.takes(input) }

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
  /// Opens what a user names, any number of corpora and manifests; `-` is standard input, either of them. The kind is
  /// that of the only input; `manifest` if there is one among several.
  public static func opening(
    _ inputs: [String], options: CorpusOptions
  ) throws -> (corpus: Corpus, kind: InputKind) {
    guard options.below == nil || options.layout.hasBelow else {
      throw Failure(
        .usage,
        "\(setting: "below") is for \(setting: "layout") \(Layout.speakerFolders.rawValue), or images or texts")
    }
    guard options.layout != .imageTable || inputs.count == 1 else {
      throw Failure(.usage, "a table belongs to one folder or archive", hint: "give the others on their own")
    }
    guard !inputs.isEmpty else { throw Failure(.usage, "no corpus given") }
    if options.layout == .lhotse {
      guard !options.prefixesGroups else {
        throw Failure(
          .usage, "\(setting: "prefix_groups") is not for \(setting: "layout") lhotse, whose inputs are one corpus")
      }
      return (Corpus(try LhotseWalk(inputs, options: options)), .folder)
    }
    // What is read from a pipe is gone from it, and a pipe that has been closed is gone as a whole.
    var pipe: (file: File, head: [UInt8])?
    var manifests: [Int: (file: File, head: [UInt8])] = [:]
    for (i, input) in inputs.enumerated() where isSame(input, "-") || Folder.kind(of: input) != .folder {
      let isPipe = isSame(input, "-") || Folder.kind(of: input) == .other
      if isPipe, pipe != nil || manifests.contains(where: { $0.value.file.descriptor == 0 }) {
        throw Failure(.usage, "only one input can be standard input or another pipe")
      }
      let file = try File.reading(input)
      let (kind, head) = try InputKind.of(file)
      if isPipe, kind == .manifest, options.layout.isText, InputKind.looksLikeDocument(head) {
        throw Failure(
          .usage, path: file.path, "JSON Lines of documents are read from files, not from a pipe", hint: "name the file"
        )
      }
      let isDocuments =
        options.layout.isText && JSONDocuments.takes(input) && !InputKind.beginsWithEntry(input)
      if kind == .manifest, !isDocuments { manifests[i] = (file, head) } else if isPipe { pipe = (file, head) }
    }
    guard manifests.isEmpty || options.channels == nil else {
      throw Failure(
        .usage, "\(setting: "channel") is for a corpus: the lines of a manifest say what of several channels they are",
        hint: "give it to cpc-scan")
    }
    let isFolder = inputs.count == 1 && Folder.kind(of: inputs[0]) == .folder
    let kind: InputKind = !manifests.isEmpty ? .manifest : isFolder ? .folder : .archive
    let parts = try inputs.enumerated().map { i, input in
      let walk: any Walk =
        if let (file, head) = manifests[i] {
          try ManifestWalk(manifest: file, head: head, options: options)
        } else if options.layout == .kaldi {
          try KaldiWalk(folder: withoutTrailingSlash(input), options: options)
        } else {
          try CorpusWalk(input: input, options: options, pipe: pipe)
        }
      return JoinedWalk.Part(label: input, prefix: options.prefixesGroups ? corpusName(input) : nil, walk: walk)
    }
    let joined: any Walk = parts.count == 1 && parts[0].prefix == nil ? parts[0].walk : try JoinedWalk(parts)
    return (Corpus(joined), kind)
  }
}
