import Archives
import Dispatch
public import FileIO
import Glibc
import Manifests
import Members
import Synchronization

/// The utterances of a manifest as its lines declare them, found without looking at any audio: what ``Corpus`` will hand
/// out for the same manifest, in the same order.
public struct ManifestSurvey: Sendable {
  /// An utterance, in few bytes: there may be millions.
  public struct Utterance: Sendable {
    /// Where its line begins, in bytes.
    public var offset: Int
    /// As ``ManifestEntry/units``.
    public var units: Int32
    /// Index into ``groups``.
    public var group: Int32
    /// Index into ``classes``, -1 for none.
    public var label: Int32
    /// The number of its line, from 1.
    public var line: Int32
  }

  public private(set) var utterances: [Utterance] = []
  /// Names of the groups, by first appearance.
  public private(set) var groups: [String] = []
  /// Names of the classes that lines have under ``ManifestEntry/classKey``, by first appearance.
  public private(set) var classes: [String] = []
  /// Offsets of lines whose id an earlier line has.
  public private(set) var repeated: Set<Int> = []
  private var isCompressed: Bool

  /// Reads the manifest with all cores.
  ///
  /// - Parameter prefixesGroups: as ``CorpusOptions/prefixesGroups``.
  public init(manifest path: String, prefixesGroups: Bool = false, progress: @escaping ProgressHandler = { _ in })
    throws
  {
    let file = try File.reading(path)
    guard try file.status().st_mode & S_IFMT == S_IFREG else {
      throw Failure(.usage, path: path, "a part needs the whole manifest: a file, not a pipe")
    }
    let size = try file.size()
    isCompressed = CompressedText.isCompressed(try InputKind.head(of: file))
    let count = isCompressed ? 1 : max(1, min(64, size >> 20))
    let isCompressed = isCompressed
    let bounds = (0...count).map { size * $0 / count }
    let pieces = Mutex([Result<Piece, any Error>?](repeating: nil, count: count))
    let done = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: count) { i in
      let piece = Result { try isCompressed ? Piece(compressed: path) : Piece(path, bounds[i]..<bounds[i + 1]) }
      pieces.withLock { $0[i] = piece }
      let read = done.wrappingAdd(1, ordering: .relaxed).newValue
      progress(Progress(done: bounds[read] >> 20, total: size >> 20, unit: "MiB", detail: "planning"))
    }
    try join(pieces.withLock { $0 }.map { try $0!.get() })
    if prefixesGroups { groups = groups.map { "\(corpusName(path))/\($0)" } }
  }

  /// The lines from one that begins at `offset` on.
  func lines(of path: String, from offset: Int) throws -> LineReader {
    let file = try File.reading(path)
    guard isCompressed else {
      try file.seek(to: offset)
      return LineReader(file)
    }
    let text = try CompressedText(file)
    try text.skip(offset)
    return LineReader(text)
  }

  private mutating func join(_ pieces: [Piece]) throws {
    utterances.reserveCapacity(pieces.reduce(0) { $0 + $1.utterances.count })
    var (groups, classes) = (Names(), Names())
    var ids = Set<SIMD2<UInt64>>(minimumCapacity: pieces.reduce(0) { $0 + $1.ids.count })
    var line: Int32 = 0
    for piece in pieces {
      let group = piece.groups.names.map { groups.index($0) }
      let label = piece.classes.names.map { classes.index($0) }
      for (var utterance, id) in zip(piece.utterances, piece.ids) {
        guard ids.insert(id).inserted else {
          repeated.insert(utterance.offset)
          continue
        }
        utterance.group = group[Int(utterance.group)]
        if utterance.label >= 0 { utterance.label = label[Int(utterance.label)] }
        utterance.line += line
        utterances.append(utterance)
      }
      line += Int32(piece.lines)
    }
    (self.groups, self.classes) = (groups.names, classes.names)
    guard !repeated.isEmpty else { return }
    // What only repeated lines name is nothing.
    self.groups = keepNames(self.groups, \.group)
    self.classes = keepNames(self.classes, \.label)
  }

  /// Numbers names anew by the utterances that there are.
  private mutating func keepNames(_ names: [String], _ place: WritableKeyPath<Utterance, Int32>) -> [String] {
    var indices = [Int32](repeating: -1, count: names.count)
    var kept: [String] = []
    for i in utterances.indices where utterances[i][keyPath: place] >= 0 {
      let name = Int(utterances[i][keyPath: place])
      if indices[name] < 0 {
        indices[name] = Int32(kept.count)
        kept.append(names[name])
      }
      utterances[i][keyPath: place] = indices[name]
    }
    return kept
  }
}

/// Names by first appearance.
private struct Names: Sendable {
  private(set) var names: [String] = []
  private var indices: [SIMD2<UInt64>: Int32] = [:]

  mutating func index(_ name: String) -> Int32 { index(XXH3.key128(name)) { name } }

  mutating func index(_ key: SIMD2<UInt64>, name: () -> String) -> Int32 {
    if let index = indices[key] { return index }
    let index = Int32(names.count)
    indices[key] = index
    names.append(name())
    return index
  }
}

/// The lines of a manifest that begin in a range of bytes.
private struct Piece: Sendable {
  var utterances: [ManifestSurvey.Utterance] = []
  var ids: [SIMD2<UInt64>] = []
  var groups = Names()
  var classes = Names()
  private(set) var lines = 0

  init(_ path: String, _ range: Range<Int>) throws {
    let file = try File.reading(path)
    // The line that the byte before belongs to is the piece's before.
    let start = max(0, range.lowerBound - 1)
    try file.seek(to: start)
    let reader = LineReader(file)
    if range.lowerBound > 0 { _ = try reader.next() }
    try read(reader, from: start, to: range.upperBound)
  }

  /// The whole of a compressed manifest.
  init(compressed path: String) throws { try read(LineReader(CompressedText(File.reading(path))), from: 0, to: .max) }

  private mutating func read(_ reader: LineReader, from start: Int, to end: Int) throws {
    let first = reader.line
    while start + reader.offset < end, let line = try reader.next() {
      try add(line, offset: start + reader.lineOffset, number: reader.line - first)
    }
    lines = reader.line - first
  }

  private mutating func add(_ line: [UInt8], offset: Int, number: Int) throws {
    let isPlain = line.withUnsafeBytes { bytes in
      guard let glance = ManifestGlance(bytes) else { return false }
      let name = UnsafeRawBufferPointer(rebasing: bytes[glance.group])
      let group = groups.index(XXH3.key128(name)) { String(decoding: name, as: UTF8.self) }
      append(glance.idKey, group, label: -1, units: glance.samples, offset, number)
      return true
    }
    guard !isPlain, !isBlank(line), let entry = try? ManifestEntry(parsing: line),
      (try? ManifestWalk.accept(entry)) != nil
    else { return }
    let label = entry.classLabel.map { classes.index($0) } ?? -1
    append(XXH3.key128(entry.id), groups.index(entry.group), label: label, units: entry.units, offset, number)
  }

  private mutating func append(
    _ id: SIMD2<UInt64>, _ group: Int32, label: Int32, units: Int, _ offset: Int, _ line: Int
  ) {
    ids.append(id)
    utterances.append(
      ManifestSurvey.Utterance(offset: offset, units: Int32(units), group: group, label: label, line: Int32(line)))
  }
}
