import Archives
import Audio
import Digests
import FileIO
import Images
import Layouts
import Manifests
import Members
import OrderedJSON

/// Walks a folder or an archive.
final class CorpusWalk: Walk {
  let input: CorpusInput
  let layout: Layout
  private let rules: any LayoutRules
  let below: String?
  private let conversion: AudioConversion?
  let channels: ChannelRule?
  private let pipe: (file: File, head: [UInt8])?
  private let digestsSources: Bool
  private var digest: FileDigester?
  let medium: any Medium
  var register = UtteranceRegister()
  var recordings = Recordings()
  /// Folders in which utterances have been found, for ``UtteranceRegister``.
  var places: [String] = []

  private var source: (any MemberSource)?
  var nested: NestedArchive?
  /// A file of JSON Lines whose documents are being handed out.
  var documents: DocumentList?
  /// Keys of the texts of such files and of their groups.
  let textKey: String
  let groupKey: String?
  let root: String?
  var clips = ClipList()
  let tableOptions: TableOptions
  var images = ListedImages()
  /// The one whose files are coming.
  var sample: Sample?
  var leftOut: LeftOut
  /// Of long recordings.
  var pieces = SecondsRanges()
  /// Events to be handed out before the walk goes on, last one first.
  var queue: [CorpusEvent] = []
  private var hasFinished = false
  var files = 0
  private var nestedArchives = 0
  /// The first layout that knows what this one does not.
  private var guess: Layout?
  private var layoutHint: String? { guess.map { "it looks like \(setting: "layout") \($0.rawValue)" } }
  /// Regular files of the folder and their size, counted on first use.
  private lazy var census: (files: Int, utterances: Int, bytes: Int)? = countFiles()
  private var hasCounted = false

  /// - Parameter pipe: the input if it is a pipe that is open already, and what has been read from it.
  init(input: String, options: CorpusOptions, pipe: (file: File, head: [UInt8])?) throws {
    let root = options.root
    let below = options.below?.pieces(at: "/", omittingEmpty: true).map(String.init).filter { !isSame($0, ".") }
    guard let rules = options.layout.rules?(below, options.groupsByFolder) else {
      throw Failure(.usage, "the layout \(options.layout.rawValue) is no arrangement of files")
    }
    if let root, Folder.kind(of: root) != .folder { throw Failure(.usage, path: root, "the root is not a folder") }
    self.root = root
    (textKey, groupKey) = (options.textKey, options.groupKey)
    self.input = try CorpusInput(input, root: root, takesFiles: options.layout.takesFiles)
    layout = options.layout
    self.below = options.below
    self.rules = rules
    conversion = options.conversion
    tableOptions = options.table
    channels = options.channels
    self.pipe = pipe
    digestsSources = options.digestsSources
    medium = try options.layout.medium(options)
    leftOut = LeftOut(kind: medium.kind)
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
      if let list = documents {
        if let event = next(list) { return event }
        documents = nil
      }
      switch (nested?.source ?? source!).next() {
      case .problem(let failure, let path): return .problem(problem(failure, at: path))
      case .member(let member): if let event = try visit(member) { return event }
      case nil where nested != nil:
        queue = endSample()
        nested = nil
      case nil:
        let last = endSample()
        hasFinished = true
        queue = try problemsAtEnd().reversed().map { .problem($0) } + last
        if let recording = recordings.giveUp() { queue += utterances(of: recording, .success(nil)).reversed() }
      }
    }
  }

  private func open() throws {
    if layout == .commonVoice { try readTables() }
    if layout == .imageTable { try readImageTable() }
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
      case .imageTable: return listed(member, id: id)
      default: return utterance(member, id: id, group: group, session: session, label: label, split: split)
      }
    case .transcripts(let form): return lines(of: member) { self.transcripts($0, form, member) }
    case .text(let ids, let isTimed): return lines(of: member) { self.text($0, ids, isTimed: isTimed, member) }
    case .clips(let split): return try table(member, split: split)
    case .activity(let id): return activity(of: id, member)
    case .sample(let key, let part):
      take(member, key: key, part)
      return nil
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
    case .archive where nested == nil && !isUnpacked(member):
      let last = endSample()
      queue = [open(member)].compactMap { $0 } + last
      return nil
    case .archive, .other:
      if files == 0 { note(member.path) }
      guard ArchiveMembers.isArchive(name: member.path) else {
        leftOut.add(member.path)
        return nil
      }
      nestedArchives += 1
      // Beside the files of a folder, archives mostly are what it was unpacked from.
      guard input.kind != .folder || nested != nil else { return nil }
      return .problem(
        InputProblem(
          Failure(
            .badInput, path: member.label, "an archive inside the archive, which is not read", hint: nestedHint)))
    }
  }

  func role(of path: String) -> FileRole { rules.role(of: corpusPath(path)) }

  private func corpusPath(_ path: String) -> CorpusPath {
    let path = layout.unpacksArchives ? nested.map { "\($0.folder)/\(path)" } ?? path : path
    return CorpusPath(
      components: path.pieces(at: "/", omittingEmpty: true).filter { !isSame($0, ".") }, context: input.context,
      input: input.name, file: input.kind == .file ? Folder.name(of: input.path) : nil)
  }

  /// Remembers a layout that would know the file, for the case that nothing of this one comes.
  private func note(_ path: String) {
    if isSame(Folder.name(of: path), "wav.scp") { guess = .kaldi }
    let path = corpusPath(path)
    for candidate in Layout.guesses.prefix(while: { $0 != guess }) where candidate != layout {
      switch candidate.rules?(candidate == .speakerFolders ? [] : nil, false).role(of: path) {
      case .utterance where candidate != .libriLight, .activity, .archive, .sample(_, .label): guess = candidate
      default: continue
      }
      return
    }
  }

  /// Files of JSON Lines look like documents by their names.
  private var emptyHint: String? {
    let isLhotse = guess?.isText == true && input.kind == .folder && InputKind.isLhotse(input.path)
    return isLhotse ? "it looks like \(setting: "layout") lhotse" : layoutHint
  }

  private var nestedHint: String {
    let general =
      input.kind == .folder ? "give the archives in it by name" : "unpack it, and give the archives in it by name"
    return guess == .aishell ? "\(setting: "layout") aishell reads the archives of AISHELL; else \(general)" : general
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
          + (nestedArchives > 0 ? "; it holds \(nestedArchives) archive\(nestedArchives == 1 ? "" : "s")" : "")
          + (leftOut.note().map { "; \($0)" } ?? ""),
        hint: nestedArchives > 0
          ? nestedHint
          : isDataset
            ? "it is a dataset: cpc-shard select makes another of a part of it"
            : below.map { "looked for in \(setting: "below") \($0)" } ?? emptyHint)
    }
    if layout == .imageTable { return unlistedRows() }
    // Elsewhere any .txt may lie among the audio, and one without audio is no fault.
    guard layout.listsUtterances else { return [] }
    let problems = register.orphans.map {
      InputProblem(id: $0.id, Failure(.badInput, path: $0.place, "a transcript without audio"), isWarning: true)
    }
    let unnamed = register.orphanCount - problems.count
    let more = Failure(.badInput, "\(unnamed) more transcripts without audio")
    return unnamed > 0 ? problems + [InputProblem(more, isWarning: true)] : problems
  }

  var kind: String? { medium.kind }

  var progressUnit: ProgressUnit { input.isOnDisk ? .files : .bytes }

  var progress: (done: Int, total: Int?) {
    (source?.done ?? 0, input.isOnDisk ? hasCounted ? census?.files : nil : input.size)
  }

  var declaredUnits: Int? {
    // Pieces are known only when their recordings come; elsewhere not every recording is an utterance.
    let uncounted: [Layout] = [.libriLight, .timit, .commonVoice, .aishell, .imageTable, .webdataset]
    if uncounted.contains(layout) || channels == .each { return nil }
    return input.declaredUnits(until: monotonicSeconds() + 2, medium: medium, isUtterance: isUtterance)
  }

  var minimumUnits: Int? {
    hasCounted = true
    switch layout {
    // FLAC of speech is about half as large as what it decodes to; texts and an archive's headers are small: 7/8 of the
    // size is left as a bound.
    case .librispeech where conversion == AudioConversion():
      return (input.isOnDisk ? census?.bytes : input.size).map { $0 / 8 * 7 / MemoryLayout<Int16>.size }
    // A picture is one, and few are bad.
    case .classFolders where input.isOnDisk: return census?.utterances
    default: return declaredUnits
    }
  }

  var utterancesWithoutTranscript: Int { register.withoutTranscript }
  var notes: [String] {
    [leftOut.note(archives: input.kind == .folder ? nestedArchives : 0, clips: clips.unlisted), pieces.note].compactMap
    { $0 }
  }

  private func isUtterance(_ path: String) -> Bool { if case .utterance = role(of: path) { true } else { false } }

  private func countFiles() -> (files: Int, utterances: Int, bytes: Int)? {
    input.census(until: monotonicSeconds() + 2, isUtterance: isUtterance)
  }
}
