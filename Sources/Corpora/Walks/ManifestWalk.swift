import Archives
import Audio
import Digests
import FileIO
import Glibc
import Layouts
import Manifests
import Members
import OrderedJSON

/// Serves the lines of a manifest from the archives, folders and files that they name.
///
/// For one caller at a time, from any thread, as ``Corpus`` is.
final class ManifestWalk: Walk, @unchecked Sendable {
  private let lines: ManifestLines
  private let root: String
  /// One for each kind of entries, that of the layout last, which may be a program's own.
  private let media: [any Medium]
  /// Files of JSON Lines, the one used last at the end.
  private var documents: [JSONDocuments] = []
  /// What was wrong with files of JSON Lines as a whole.
  private var finished: [Failure] = []
  private var register = UtteranceRegister()
  /// Open archives, the one used last at the end: lines may go to and fro between a few.
  private var cursors: [ArchiveCursor] = []
  private static let maximumCursors = 8
  /// The source of the last line and what stands there.
  private var lastSource: (source: String, kind: Folder.Kind?)?
  /// The manifest, if it can be opened a second time.
  private let file: String?
  private let lineTotal: Int?
  private var served = 0
  private var withoutText = 0
  /// The line that was declared last.
  private var current: ManifestLine?
  private let digestsSources: Bool
  /// Of archives, by first appearance.
  private var digests: [FileDigester] = []
  /// Sources that have been looked at for that.
  private var noted: (last: String, all: Set<SIMD2<UInt64>>) = ("", [])

  init(manifest: File, head: [UInt8], options: CorpusOptions) throws {
    let root = options.root
    digestsSources = options.digestsSources
    lines = ManifestLines(try manifestLines(of: manifest, head: head), path: manifest.path)
    media = [try AudioMedium(options), ImageMedium(), TextMedium(options), try options.layout.medium(options)]
    let isRegular = try manifest.status().st_mode & S_IFMT == S_IFREG
    file = isRegular && manifest.descriptor != STDIN_FILENO ? manifest.path : nil
    self.root = root ?? file.map(Folder.parent(of:)) ?? "."
    lineTotal = try file.map(countLines(of:))
    if let root, Folder.kind(of: root) != .folder { throw Failure(.usage, path: root, "the root is not a folder") }
  }

  /// From one of the utterances of a survey on.
  init(manifest path: String, _ survey: ManifestSurvey, from utterance: Int, options: CorpusOptions) throws {
    let start = survey.utterances[utterance]
    digestsSources = options.digestsSources
    lines = ManifestLines(
      try survey.lines(of: path, from: start.offset), path: path, passed: (Int(start.line) - 1, start.offset),
      skipped: survey.repeated)
    media = [try AudioMedium(options), ImageMedium(), TextMedium(options), try options.layout.medium(options)]
    file = path
    root = options.root ?? Folder.parent(of: path)
    lineTotal = nil
    if let root = options.root, Folder.kind(of: root) != .folder {
      throw Failure(.usage, path: root, "the root is not a folder")
    }
  }

  func next() throws -> CorpusEvent? {
    guard let item = try lines.next() else {
      finished += documents.compactMap { $0.finish() }
      documents = []
      if let failure = finished.popLast() { return .problem(InputProblem(failure)) }
      guard served > 0 else { throw Failure(.badInput, path: lines.path, "empty corpus: the manifest has no line") }
      return nil
    }
    served += 1
    switch item {
    case .broken(let failure): return .problem(InputProblem(failure))
    case .line(let line):
      do {
        try enter(line)
        current = line
        note(line.entry)
        return .declared(DeclaredUtterance(entry: line.entry, line: line, walk: self))
      } catch let failure as Failure where failure.kind == .badInput {
        return .problem(InputProblem(id: line.entry.id, failure))
      }
    }
  }

  /// Refuses what the entry alone shows to be wrong.
  static func accept(_ entry: ManifestEntry) throws {
    guard !isSame(entry.source, "-") else {
      throw Failure(
        .usage, "the source is '-': standard input is gone",
        hint: "scan a corpus that is a file or a folder, or give it to this tool directly")
    }
    try entry.checkLength(name: entry.source)
  }

  private func enter(_ line: ManifestLine) throws {
    let entry = line.entry
    do { try Self.accept(entry) } catch var failure as Failure {
      // A manifest that begins so has nothing else.
      if current != nil { failure.kind = .badInput }
      failure.path = lines.path
      failure.position = "line \(line.number)"
      throw failure
    }
    if let earlier = register.place(of: entry.id) {
      throw atLine(line, "duplicate utterance id; the first is in line \(earlier)", hint: duplicateHint)
    }
    register.enterAudio(entry.id, place: line.number)
    if entry.text == nil { withoutText += 1 }
  }

  /// Archives get their digest also if nobody asks for their audio, because an earlier run has written the shards.
  private func note(_ entry: ManifestEntry) {
    guard digestsSources, entry.member != nil, !isSame(entry.source, noted.last) else { return }
    noted.last = entry.source
    guard noted.all.insert(XXH3.key128(entry.source)).inserted else { return }
    let path = resolve(entry.source, root: root)
    if Folder.kind(of: path) == .file { digests.append(FileDigester(file: path)) }
  }

  /// Those that can be read: of others, every utterance is a problem.
  func sources() throws -> [FileDigest] { digests.compactMap { try? $0.finish() } }

  func stamp(of entry: ManifestEntry) -> String? {
    let path = resolve(entry.source, root: root)
    guard let member = entry.member, Folder.kind(of: path) == .folder else { return File.stamp(of: path) }
    return File.stamp(of: "\(withoutTrailingSlash(path))/\(member)")
  }

  func open(_ line: ManifestLine) throws -> CorpusUtterance {
    let entry = line.entry
    var file = try document(line, in: encoded(line))
    let (extent, format) = try medium(of: entry).examine(
      &file, declared: entry.extent, channel: entry.channel)
    guard extent == entry.extent else {
      throw atLine(line, "it declares \(entry.extent.description), but \(file.name) has \(extent.description)")
    }
    return CorpusUtterance(entry: entry, file: file, format: format)
  }

  /// The file, or the document of it that the line names.
  private func document(_ line: ManifestLine, in file: EncodedFile) throws -> EncodedFile {
    guard case .text = line.entry.extent, let number = line.entry.extra[JSONDocuments.lineKey] else { return file }
    let value = line.entry.extra[JSONDocuments.textKey] ?? .string(JSONDocuments.usualTextKey)
    guard let key = value.stringValue else { throw atLine(line, "'\(JSONDocuments.textKey)' is not a text") }
    guard let number = number.intValue, number > 0 else {
      throw atLine(line, "'\(JSONDocuments.lineKey)' is not a line number")
    }
    if let document = try documents(of: file, key, for: number).document(line: number) {
      return documents.last!.encoded(document)
    }
    throw atLine(line, "\(file.name) has no document with '\(key)' in its line \(number)")
  }

  /// The file's documents, with that of a line still to come: lines mostly have the file's order, and may go to and fro
  /// between a few files.
  private func documents(of file: EncodedFile, _ key: String, for line: Int) throws -> JSONDocuments {
    let place = documents.firstIndex { $0.file.isSame(as: file) && isSame($0.key, key) }
    var known = place.map { documents.remove(at: $0) }
    if known?.isAhead(line) != true { known = try JSONDocuments(file, key: key, keepsAll: known != nil) }
    if documents.count == Self.maximumCursors { finished += [documents.removeFirst().finish()].compactMap { $0 } }
    documents.append(known!)
    return known!
  }

  private func medium(of entry: ManifestEntry) throws -> any Medium {
    let kind = entry.extent.kind
    guard let medium = media.first(where: { isSame($0.kind, kind) }) else {
      throw Failure(.badInput, path: entry.source, "files of kind '\(kind)' are not known here")
    }
    return medium
  }

  private func encoded(_ line: ManifestLine) throws -> EncodedFile {
    let entry = line.entry
    let path = resolve(entry.source, root: root)
    if lastSource.map({ isSame($0.source, entry.source) }) != true {
      lastSource = (entry.source, Folder.kind(of: path))
    }
    switch (lastSource?.kind, entry.member) {
    case (nil, _):
      let reason = access(path, F_OK) == 0 ? "" : ": \(String(cString: strerror(errno)))"
      var failure = atLine(
        line, "the source \(path) cannot be opened\(reason)",
        hint: "relative sources are looked for in \(root); \(setting: "root") DIR names another folder")
      failure.isOfSystem = true
      throw failure
    case (.folder?, let member?): return try audioFile("\(withoutTrailingSlash(path))/\(member)")
    case (.folder?, nil): throw atLine(line, "the source \(path) is a folder, and no 'member' says which file in it")
    case (_, nil): return try audioFile(path)
    case (_, let member?):
      do { return try encoded(member, in: entry.source, path) } catch var failure as Failure {
        failure.reason = "line \(line.number) of \(lines.path): \(failure.reason)"
        throw failure
      }
    }
  }

  private func encoded(_ member: String, in source: String, _ path: String) throws -> EncodedFile {
    func take(_ cursor: ArchiveCursor) throws -> EncodedFile {
      if cursors.last !== cursor { cursors.last?.rest() }
      cursors.removeAll { isSame($0.source, source) }
      if cursors.count == Self.maximumCursors { cursors.removeFirst() }
      cursors.append(cursor)
      return try cursor.audio(of: member) { try lines.isWantedLater($0, source: source) }
    }
    func open() throws -> ArchiveCursor {
      do { return try ArchiveCursor(source: source, path: path) } catch { throw asBadInput(error) }
    }
    guard let known = cursors.first(where: { isSame($0.source, source) }) else { return try take(open()) }
    let isLast = known === cursors.last
    do { return try take(known) } catch  where !isLast {
      // Lines that come back to an archive may want what it has passed.
      return try take(open())
    }
  }

  private func atLine(_ line: ManifestLine, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: lines.path, at: "line \(line.number)", reason, hint: hint)
  }

  var manifestLine: (path: String, number: Int)? { current.map { (lines.path, $0.number) } }
  let progressUnit = ProgressUnit.lines
  var progress: (done: Int, total: Int?) { (served, lineTotal) }
  var utterancesWithoutTranscript: Int { withoutText }

  private(set) lazy var declaredUnits: Int? = file.flatMap { path in
    guard let lines = try? manifestLines(of: File.reading(path)) else { return nil }
    var total = 0
    while let line = try? lines.next() {
      // Lines that claim more than any utterance may have are named when their turn comes.
      if let entry = try? ManifestEntry(parsing: line), entry.range.count <= maximumUtteranceSamples {
        total += min(entry.units, maximumUtteranceSamples)
      }
    }
    return total
  }

}

/// Lines that are not empty.
private func countLines(of path: String) throws -> Int {
  let lines = try manifestLines(of: File.reading(path))
  var count = 0
  while let line = try lines.next() { if !isBlank(line) { count += 1 } }
  return count
}
