public import FileIO

/// What a corpus says as it is walked once, front to back, in corpus order.
public enum CorpusEvent: Sendable {
  /// An utterance whose header is good: 16 kHz, mono, at least one sample, or what can be converted to that if the caller
  /// asked for it.
  case utterance(CorpusUtterance)
  /// A line of a manifest. Its audio has not been looked for: ``Corpus/find(_:)`` does that.
  case declared(ManifestEntry)
  /// The text of an utterance. It may come before its utterance or long after it, and also for an utterance that never
  /// comes because its audio turns out bad.
  case transcript(id: String, text: String)
  /// What SPEAKERS.TXT says.
  case speakers([Speaker])
  /// Something bad: named and left out; the walk goes on.
  case problem(InputProblem)
}

/// An utterance and its audio, not yet decoded.
public struct CorpusUtterance: Sendable {
  public var entry: ManifestEntry
  /// The whole file, of which the utterance may be a piece.
  public var audio: EncodedAudio
  /// What the file's header says.
  public var format: AudioFormat

  public init(entry: ManifestEntry, audio: EncodedAudio, format: AudioFormat) {
    self.entry = entry
    self.audio = audio
    self.format = format
  }

  /// Samples once it is decoded and at ``speechRate``.
  public var samples: Int { entry.convertedSamples }

  /// Whether it is the whole file.
  public var isWhole: Bool { entry.range == 0..<format.frames }
}

/// A reader of the corpus.
public struct Speaker: Sendable, Equatable {
  public var id: String
  /// As written, for example `F`.
  public var sex: String
  /// For example `train-clean-100`.
  public var subset: String
  /// Minutes of speech in the corpus.
  public var minutes: Double
  public var name: String
}

/// Encoded audio, in memory (from an archive) or still on disk (from a folder): any thread may load it.
public struct EncodedAudio: Sendable {
  enum Storage: Sendable {
    case bytes([UInt8])
    case file(path: String, size: Int)
  }

  /// For messages: `a.tar.gz: LibriSpeech/…/x.flac`, or the path of the file.
  public var name: String
  let storage: Storage

  init(name: String, storage: Storage) {
    self.name = name
    self.storage = storage
  }

  /// Encoded bytes in memory.
  public init(name: String, bytes: [UInt8]) { self.init(name: name, storage: .bytes(bytes)) }

  /// Whether `other` is the same file, held in the same place.
  public func isSame(as other: EncodedAudio) -> Bool {
    switch (storage, other.storage) {
    case (.bytes(let a), .bytes(let b)):
      FileIO.isSame(name, other.name)
        && a.withUnsafeBytes { a in b.withUnsafeBytes { a.baseAddress == $0.baseAddress } }
    case (.file(let a, _), .file(let b, _)): FileIO.isSame(a, b)
    default: false
    }
  }

  /// Encoded bytes that are held in memory.
  public var heldBytes: Int { if case .bytes(let bytes) = storage { bytes.count } else { 0 } }

  public var byteCount: Int {
    switch storage {
    case .bytes(let bytes): bytes.count
    case .file(_, let size): size
    }
  }

  /// The whole encoded file.
  public func load() throws -> [UInt8] {
    switch storage {
    case .bytes(let bytes): return bytes
    case .file(let path, _):
      return try EncodedAudio.naming(name) { try File.reading(path).remainder(limit: memberLimit) }
    }
  }

  /// The first bytes, enough to tell what the file is.
  func head() throws -> [UInt8] {
    guard case .file(let path, let size) = storage else { return try load() }
    return try EncodedAudio.naming(name) {
      let file = try File.reading(path)
      let wanted = min(size, headerBytes)
      return try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
        count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
      }
    }
  }

  /// A file that cannot be read is a bad input like any other: named and left out.
  static func naming<T>(_ name: String, _ body: () throws -> T) throws -> T {
    do { return try body() } catch var failure as Failure {
      failure.kind = .badInput
      failure.path = name
      throw failure
    }
  }
}

/// Nothing larger is read into memory: one utterance of 2²⁷ samples has 256 MiB.
let memberLimit = 1 << 30
/// Enough for FLAC's metadata as encoders write it, padding of 8 KiB included, and the header of the first frame.
let headerBytes = 3 << 12
