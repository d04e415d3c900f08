import FileIO

/// Walks folders and archives one after the other.
final class CorpusWalk: Walk {
  private let inputs: [CorpusInput]
  private var layout: Layout?
  private let pipe: (file: File, head: [UInt8])?
  private let check: HeaderCheck
  private var register = UtteranceRegister()
  /// Folders in which utterances have been found, for ``UtteranceRegister``.
  private var places: [String] = []

  private var nextInput = 0
  private var source: (any MemberSource)?
  private var doneBefore = 0
  /// Events to be handed out before the walk goes on, last one first.
  private var queue: [CorpusEvent] = []
  private var hasFinished = false
  private var audioFiles = 0
  /// Regular files of all folders and their size, counted on first use.
  private lazy var census: (files: Int, bytes: Int)? = countFiles()
  private var hasCounted = false

  init(inputs: [String], layout: Layout?, root: String?, pipe: (file: File, head: [UInt8])?) throws {
    guard !inputs.isEmpty else { throw Failure(.usage, "no corpus given") }
    if let root, Folder.kind(of: root) != .folder { throw Failure(.usage, path: root, "the root is not a folder") }
    self.inputs = try inputs.map { try CorpusInput($0, root: root) }
    guard self.inputs.filter({ $0.kind == .pipe }).count <= 1 else {
      throw Failure(.usage, "only one input can be standard input or another pipe")
    }
    self.layout = layout
    self.pipe = pipe
    check = try HeaderCheck()
  }

  func next() throws -> CorpusEvent? {
    while true {
      if let event = queue.popLast() { return event }
      if hasFinished { return nil }
      guard let source = try currentSource() else {
        try finish()
        continue
      }
      switch source.next() {
      case .problem(let failure, let path): return .problem(problem(failure, at: path))
      case .member(let member): if let event = visit(member) { return event }
      case nil:
        if (inputs[nextInput - 1].kind == .folder) == (progressUnit == .files) { doneBefore += source.done }
        self.source = nil
      }
    }
  }

  private func currentSource() throws -> (any MemberSource)? {
    if source == nil, nextInput < inputs.count {
      source = try inputs[nextInput].open(pipe)
      nextInput += 1
    }
    return source
  }

  /// A file that cannot be used may be an utterance's audio all the same.
  private func problem(_ failure: Failure, at path: String?) -> InputProblem {
    guard let path, case .audio(let id, _, _) = role(of: path, in: inputs[nextInput - 1]) else {
      return InputProblem(failure)
    }
    audioFiles += 1
    register.enterBadAudio(id)
    return InputProblem(id: id, failure)
  }

  private func visit(_ member: Member) -> CorpusEvent? {
    switch role(of: member.path, in: inputs[nextInput - 1]) {
    case .audio(let id, let group, let session): return utterance(member, id: id, group: group, session: session)
    case .transcripts: return lines(of: member) { self.transcripts($0, member) }
    case .speakers: return lines(of: member) { self.speakers($0, member) }
    case .strayAudio:
      let expected = (layout.map { [$0] } ?? Layout.allCases).map { "\($0.rawValue): \($0.rules.expectation)" }
      return .problem(
        InputProblem(
          Failure(
            .badInput, path: member.label, "audio that does not fit the layout (\(expected.joined(separator: "; ")))")))
    case .other: return nil
    }
  }

  /// The first file that a layout knows decides the layout.
  private func role(of path: String, in input: CorpusInput) -> FileRole {
    let components = input.context + path.split(separator: "/")
    var isStray = false
    for candidate in layout.map({ [$0] }) ?? Layout.allCases {
      switch candidate.rules.role(of: components) {
      case .other: continue
      case .strayAudio: isStray = true
      case let role:
        layout = candidate
        return role
      }
    }
    return isStray ? .strayAudio : .other
  }

  private func utterance(_ member: Member, id: String, group: String, session: String?) -> CorpusEvent {
    audioFiles += 1
    do {
      if let earlier = register.place(of: id) {
        throw Failure(.badInput, path: member.label, "duplicate utterance id; the first is in \(places[earlier])")
      }
      let audio = try member.audio()
      let entry = ManifestEntry(
        id: id, source: inputs[nextInput - 1].source, member: member.path, group: group, session: session,
        samples: try check.sampleCount(of: audio), rate: speechRate)
      let folder = Folder.parent(of: member.label)
      if places.last != folder { places.append(folder) }
      register.enterAudio(id, place: places.count - 1)
      return .utterance(CorpusUtterance(entry: entry, audio: audio))
    } catch {
      register.enterBadAudio(id)
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }

  /// Reads a text file of the corpus and queues what it says.
  private func lines(of member: Member, _ events: ([UInt8]) -> [CorpusEvent]) -> CorpusEvent? {
    do {
      queue = events(try member.read(limit: 1 << 26)).reversed()
      return nil
    } catch {
      var failure = asBadInput(error)
      failure.path = failure.path ?? member.label
      return .problem(InputProblem(failure))
    }
  }

  private func transcripts(_ bytes: [UInt8], _ member: Member) -> [CorpusEvent] {
    parseTranscripts(bytes, name: member.label).compactMap { line in
      switch line {
      case .problem(let failure): return .problem(InputProblem(failure))
      case .value(let (id, text)):
        switch register.enterTranscript(id, text: text, place: member.label) {
        case .new: return .transcript(id: id, text: text)
        case .repeated, .ofBadAudio: return nil
        case .contradicts:
          return .problem(
            InputProblem(id: id, Failure(.badInput, path: member.label, "a second transcript with another text")))
        }
      }
    }
  }

  private func speakers(_ bytes: [UInt8], _ member: Member) -> [CorpusEvent] {
    var speakers: [Speaker] = []
    var events: [CorpusEvent] = []
    for line in parseSpeakers(bytes, name: member.label) {
      switch line {
      case .value(let speaker): speakers.append(speaker)
      case .problem(let failure): events.append(.problem(InputProblem(failure)))
      }
    }
    if !speakers.isEmpty { events.append(.speakers(speakers)) }
    return events
  }

  private func finish() throws {
    hasFinished = true
    guard audioFiles > 0 else {
      let expected = (layout.map { [$0] } ?? Layout.allCases).map { "\($0.rules.expectation) (\($0.rawValue))" }
      throw Failure(
        .badInput, path: inputs.map(\.label).joined(separator: ", "),
        "empty corpus: no audio file where the layout expects one: \(expected.joined(separator: " or "))")
    }
    var problems = register.orphans.map {
      InputProblem(id: $0.id, Failure(.badInput, path: $0.place, "a transcript without audio"))
    }
    let unnamed = register.orphanCount - problems.count
    if unnamed > 0 { problems.append(InputProblem(Failure(.badInput, "\(unnamed) more transcripts without audio"))) }
    queue = problems.reversed().map { .problem($0) }
  }

  var progressUnit: ProgressUnit { inputs.allSatisfy { $0.kind == .folder } ? .files : .bytes }

  var progress: (done: Int, total: Int?) {
    let isCounted = source != nil && (inputs[nextInput - 1].kind == .folder) == (progressUnit == .files)
    let done = doneBefore + (isCounted ? source!.done : 0)
    if progressUnit == .files { return (done, hasCounted ? census?.files : nil) }
    let sizes = inputs.compactMap(\.size)
    return (done, sizes.count == inputs.count ? sizes.reduce(0, +) : nil)
  }

  var declaredSamples: Int? {
    let deadline = monotonicSeconds() + 2
    var total = 0
    for input in inputs {
      guard let samples = input.declaredSamples(until: deadline, isUtterance: { isUtterance($0, in: input) }) else {
        return nil
      }
      total += samples
    }
    return total
  }

  /// FLAC of speech is about half as large as what it decodes to; texts and an archive's headers are small: 7/8 of the
  /// size is left as a bound.
  var minimumDecodedBytes: Int? {
    hasCounted = true
    guard !inputs.contains(where: { $0.kind == .pipe }), let census else { return nil }
    return (inputs.compactMap(\.size).reduce(0, +) + census.bytes) / 8 * 7
  }

  var utterancesWithoutTranscript: Int { register.withoutTranscript }

  private func isUtterance(_ path: String, in input: CorpusInput) -> Bool {
    if case .audio = role(of: path, in: input) { true } else { false }
  }

  private func countFiles() -> (files: Int, bytes: Int)? {
    let deadline = monotonicSeconds() + 2
    var total = (files: 0, bytes: 0)
    for input in inputs where input.kind == .folder {
      guard let part = input.census(until: deadline, isUtterance: { isUtterance($0, in: input) }) else { return nil }
      total.files += part.files
      total.bytes += part.bytes
    }
    return total
  }
}
