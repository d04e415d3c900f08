import Archives
import Audio
import Digests
import FileIO
import Images
import Layouts
import Manifests
import OrderedJSON

/// Walks a folder or an archive.
final class CorpusWalk: Walk {
  let input: CorpusInput
  let layout: Layout
  private let rules: any LayoutRules
  private let below: String?
  private let conversion: AudioConversion?
  let channels: ChannelRule?
  private let pipe: (file: File, head: [UInt8])?
  private let digestsSources: Bool
  private var digest: FileDigester?
  let medium: any Medium
  var register = UtteranceRegister()
  var recordings = Recordings()
  /// Folders in which utterances have been found, for ``UtteranceRegister``.
  private var places: [String] = []

  private var source: (any MemberSource)?
  /// An archive in the folder that is read as a part of it, and what entries call it.
  private var nested: (source: any MemberSource, name: String)?
  private let root: String?
  var clips = ClipList()
  /// Events to be handed out before the walk goes on, last one first.
  var queue: [CorpusEvent] = []
  private var hasFinished = false
  var files = 0
  private var nestedArchives = 0
  /// The first layout that knows what this one does not.
  private var guess: Layout?
  private var layoutHint: String? { guess.map { "it looks like \(setting: "layout") \($0.rawValue)" } }
  /// Regular files of the folder and their size, counted on first use.
  private lazy var census: (files: Int, bytes: Int)? = countFiles()
  private var hasCounted = false

  /// - Parameter pipe: the input if it is a pipe that is open already, and what has been read from it.
  init(input: String, options: CorpusOptions, pipe: (file: File, head: [UInt8])?) throws {
    let root = options.root
    let below = options.below?.pieces(at: "/", omittingEmpty: true).map(String.init).filter { !isSame($0, ".") }
    guard let rules = options.layout.rules(below: below, groupsByFolder: options.groupsByFolder) else {
      throw Failure(.usage, "the layout \(options.layout.rawValue) is no arrangement of files")
    }
    if let root, Folder.kind(of: root) != .folder { throw Failure(.usage, path: root, "the root is not a folder") }
    self.root = root
    self.input = try CorpusInput(input, root: root, takesFiles: options.layout == .flat)
    layout = options.layout
    self.below = options.below
    self.rules = rules
    conversion = options.conversion
    channels = options.channels
    self.pipe = pipe
    digestsSources = options.digestsSources
    medium = try options.layout.medium(options)
  }

  func sources() throws -> [FileDigest] { try digest.map { [try $0.finish()] } ?? [] }

  func next() throws -> CorpusEvent? {
    while true {
      if let event = queue.popLast() { return event }
      if hasFinished { return nil }
      if source == nil {
        try open()
        continue
      }
      switch (nested?.source ?? source!).next() {
      case .problem(let failure, let path): return .problem(problem(failure, at: path))
      case .member(let member): if let event = try visit(member) { return event }
      case nil where nested != nil: nested = nil
      case nil:
        hasFinished = true
        queue = try problemsAtEnd().reversed().map { .problem($0) }
        if let recording = recordings.giveUp() { queue += utterances(of: recording, .success(nil)).reversed() }
      }
    }
  }

  private func open() throws {
    if layout == .commonVoice { try readTables() }
    if digestsSources, !input.isOnDisk {
      digest = try input.kind == .pipe ? FileDigester(pipe: input.label) : FileDigester(file: input.path)
    }
    source = try input.open(pipe, digest: digest, takes: medium.takes)
  }

  /// A file that cannot be used may be an utterance's audio all the same.
  private func problem(_ failure: Failure, at path: String?) -> InputProblem {
    guard let path, case .utterance(let id, _, _, _, _) = role(of: path) else {
      return InputProblem(failure)
    }
    files += 1
    register.enterBadAudio(id)
    return InputProblem(id: id, failure)
  }

  private func visit(_ member: Member) throws -> CorpusEvent? {
    let role = role(of: member.path)
    if role != .other, member.path.hasControlCharacter {
      return .problem(
        problem(Failure(.badInput, path: member.label, "the name holds a control character"), at: member.path))
    }
    switch role {
    case .utterance(let id, let group, let session, let label, let split):
      switch layout {
      case .libriLight: return recording(member, id: id, group: group, session: session)
      case .commonVoice: return try clip(member, id: id)
      default: return utterance(member, id: id, group: group, session: session, label: label, split: split)
      }
    case .transcripts(let form): return lines(of: member) { self.transcripts($0, form, member) }
    case .text(let ids, let isTimed): return lines(of: member) { self.text($0, ids, isTimed: isTimed, member) }
    case .clips(let split): return try table(member, split: split)
    case .activity(let id): return activity(of: id, member)
    case .speakers: return lines(of: member) { self.speakers($0, member) }
    case .unclear(let reason, let hint): throw Failure(.usage, path: member.label, reason, hint: hint)
    case .stray:
      note(member.path)
      return .problem(
        InputProblem(
          Failure(
            .badInput, path: member.label,
            "\(medium.kind) that does not fit the layout (\(layout.rawValue): \(rules.expectation))",
            hint: files == 0 ? layoutHint : nil)))
    case .archive where nested == nil && input.kind == .folder: return open(member)
    case .archive, .other:
      if files == 0 { note(member.path) }
      guard ArchiveMembers.isArchive(name: member.path) else { return nil }
      nestedArchives += 1
      // Beside the audio of a folder, archives mostly are what it was unpacked from.
      guard input.kind != .folder else { return nil }
      return .problem(
        InputProblem(
          Failure(
            .badInput, path: member.label, "an archive inside the archive, which is not read", hint: nestedHint)))
    }
  }

  func role(of path: String) -> FileRole { rules.role(of: corpusPath(path)) }

  private func corpusPath(_ path: String) -> CorpusPath {
    CorpusPath(
      components: path.pieces(at: "/", omittingEmpty: true).filter { !isSame($0, ".") }, context: input.context,
      input: input.name, file: input.kind == .file ? Folder.name(of: input.path) : nil)
  }

  /// Remembers a layout that would know the file, for the case that nothing of this one comes.
  private func note(_ path: String) {
    if isSame(Folder.name(of: path), "wav.scp") { guess = .kaldi }
    let path = corpusPath(path)
    for candidate in Layout.guesses.prefix(while: { $0 != guess }) where candidate != layout {
      switch candidate.rules(below: candidate == .speakerFolders ? [] : nil)?.role(of: path) {
      case .utterance where candidate != .libriLight, .activity, .archive: guess = candidate
      default: continue
      }
      return
    }
  }

  func utterance(
    _ member: Member, id: String, group: String, session: String?, label: String? = nil, split: String? = nil,
    text: String? = nil
  ) -> CorpusEvent? {
    files += 1
    do {
      // Of TIMIT some have each recording as SPHERE and again as RIFF.
      if layout == .timit, let first = register.place(of: id),
        isSame(places[first], Folder.parent(of: member.label))
      {
        return nil
      }
      let file = try member.encoded()
      let (extent, format) = try medium.examine(file)
      var entry = ManifestEntry(
        id: id, source: nested?.name ?? input.source, member: input.kind == .file ? nil : member.path, group: group,
        session: session, extent: extent, text: text, split: split)
      if let label { entry.extra[ManifestEntry.classKey] = .string(label) }
      if case .image(let format) = format, format.orientation != .upright {
        entry.extra["orientation"] = .int(format.orientation.rawValue)
      }
      if case .text(let format) = format { format.write(to: &entry) }
      guard case .audio(let audio) = format else { return try enter(entry, member, file, format) }
      let entries = entry.divided(by: channels, channels: audio.channels)
      var events = try entries.map { try enter($0, member, file, format) }
      if entries.count > 1, register.enterDividedAudio(id) || text != nil {
        events.append(.problem(InputProblem(id: id, textOfSeveral(member.label))))
      }
      queue += events.dropFirst().reversed()
      return events.first
    } catch {
      register.enterBadAudio(id)
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }

  func enter(
    _ entry: ManifestEntry, _ member: Member, _ file: EncodedFile, _ format: FileFormat
  ) throws -> CorpusEvent {
    if let earlier = register.place(of: entry.id) {
      throw Failure(
        .badInput, path: member.label, "duplicate utterance id; the first is in \(places[earlier])")
    }
    try entry.checkLength(name: file.name)
    let folder = Folder.parent(of: member.label)
    if !isSame(places.last, folder) { places.append(folder) }
    register.enterAudio(entry.id, place: places.count - 1)
    return .utterance(CorpusUtterance(entry: entry, file: file, format: format))
  }

  /// Goes on with an archive in the folder, unless what it holds lies beside it.
  private func open(_ member: Member) -> CorpusEvent? {
    guard case .disk(let path, _) = member.place else { return nil }
    let speaker = String(Folder.name(of: path).pieces(at: ".")[0])
    let unpacked = ["train", "dev", "test"].map { "\(Folder.parent(of: path))/\($0)/\(speaker)" }
    guard !unpacked.contains(where: { Folder.kind(of: $0) == .folder }) else { return nil }
    do {
      let reader = try ArchiveReader(try File.reading(path), name: path)
      nested = (ArchiveSource(reader, path: path, takes: medium.takes), sourceName(path, root: root))
      return nil
    } catch { return .problem(InputProblem(asBadInput(error))) }
  }

  private var nestedHint: String {
    if layout == .aishell || guess == .aishell {
      return "unpack it and give the folder with \(setting: "layout") aishell: the archives in that are read"
    }
    return input.kind == .folder ? "give the archives in it by name" : "unpack it, and give the archives in it by name"
  }

  private func problemsAtEnd() throws -> [InputProblem] {
    guard files > 0 || recordings.waiting != nil else {
      guard clips.unlisted == 0 else {
        throw Failure(.badInput, path: input.label, "empty corpus: of \(clips.unlisted) clips, none is in a table")
      }
      let isDataset = input.kind == .folder && Folder.kind(of: "\(input.path)/dataset.json") == .file
      throw Failure(
        .badInput, path: input.label,
        "empty corpus: no \(medium.kind) file where the layout expects one: \(rules.expectation) (\(layout.rawValue))"
          + (nestedArchives > 0 ? "; it holds \(nestedArchives) archive\(nestedArchives == 1 ? "" : "s")" : ""),
        hint: nestedArchives > 0
          ? nestedHint
          : isDataset
            ? "it is a dataset: cpc-shard select makes another of a part of it"
            : below.map { "looked for in \(setting: "below") \($0)" } ?? layoutHint)
    }
    // Elsewhere any .txt may lie among the audio, and one without audio is no fault.
    guard layout.listsUtterances else { return [] }
    var problems = register.orphans.map {
      InputProblem(id: $0.id, Failure(.badInput, path: $0.place, "a transcript without audio"))
    }
    let unnamed = register.orphanCount - problems.count
    if unnamed > 0 { problems.append(InputProblem(Failure(.badInput, "\(unnamed) more transcripts without audio"))) }
    return problems
  }

  var kind: String? { medium.kind }

  var progressUnit: ProgressUnit { input.isOnDisk ? .files : .bytes }

  var progress: (done: Int, total: Int?) {
    (source?.done ?? 0, input.isOnDisk ? hasCounted ? census?.files : nil : input.size)
  }

  var declaredUnits: Int? {
    // Pieces are known only when their recordings come; elsewhere not every recording is an utterance.
    if [.libriLight, .timit, .commonVoice, .aishell].contains(layout) || channels == .each { return nil }
    return input.declaredUnits(until: monotonicSeconds() + 2, medium: medium, isUtterance: isUtterance)
  }

  /// FLAC of speech is about half as large as what it decodes to; texts and an archive's headers are small: 7/8 of the
  /// size is left as a bound.
  var minimumUnits: Int? {
    hasCounted = true
    guard layout == .librispeech, conversion == AudioConversion() else { return declaredUnits }
    return (input.isOnDisk ? census?.bytes : input.size).map { $0 / 8 * 7 / MemoryLayout<Int16>.size }
  }

  var utterancesWithoutTranscript: Int { register.withoutTranscript }
  var unlisted: Int { clips.unlisted }

  private func isUtterance(_ path: String) -> Bool { if case .utterance = role(of: path) { true } else { false } }

  private func countFiles() -> (files: Int, bytes: Int)? {
    input.census(until: monotonicSeconds() + 2, isUtterance: isUtterance)
  }
}
