public import Archives
public import Audio
public import FileIO
public import Manifests

/// What a corpus says as it is walked once, front to back, in corpus order.
public enum CorpusEvent: Sendable {
  /// An utterance whose header is good: 16 kHz, mono, at least one sample, or what can be converted to that if the caller
  /// asked for it.
  case utterance(CorpusUtterance)
  /// A line of a manifest. Its file has not been looked for.
  case declared(DeclaredUtterance)
  /// The text of an utterance. It may come before its utterance or long after it, and also for an utterance that never
  /// comes because its audio turns out bad.
  case transcript(id: String, text: String)
  /// What SPEAKERS.TXT says.
  case speakers([Speaker])
  /// Something bad: named and left out; the walk goes on.
  case problem(InputProblem)
}

/// An utterance as a line of a manifest declares it.
public struct DeclaredUtterance: Sendable {
  public var entry: ManifestEntry
  let line: ManifestLine
  let walk: ManifestWalk

  /// Tells whether its file, or the archive that holds it, is what it was: as ``EncodedFile/stamp``.
  public var stamp: String? { walk.stamp(of: entry) }

  /// Looks for its file. An archive is read once, front to back: what has passed by then is not found.
  ///
  /// - Throws: a `Failure` of kind `badInput` that says why it cannot be had.
  public func open() throws -> CorpusUtterance {
    var utterance = try walk.open(line)
    utterance.entry = entry
    return utterance
  }
}

/// An utterance and its file, not yet decoded.
public struct CorpusUtterance: Sendable {
  public var entry: ManifestEntry
  /// The whole file, of which the utterance may be a piece.
  public var file: EncodedFile
  /// What the file's header says.
  public var format: FileFormat

  public init(entry: ManifestEntry, file: EncodedFile, format: FileFormat) {
    self.entry = entry
    self.file = file
    self.format = format
  }

  /// What of an audio file is the utterance; a `Failure` of kind `badInput` if it is something else.
  public var piece: AudioPiece {
    get throws {
      guard case .audio(let format) = format else { throw Failure(.badInput, path: file.name, "not audio") }
      return AudioPiece(file: file, format: format, range: entry.range, channel: entry.channel)
    }
  }
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
