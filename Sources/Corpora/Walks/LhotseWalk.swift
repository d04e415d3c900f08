import Archives
import Audio
import FileIO
import Labels
import Layouts
import Manifests
import Members
import OrderedJSON

/// Serves lhotse's manifests: recordings with supervisions, of which each is an utterance, or cuts. Inputs are files, or
/// folders with such files in them; all together are one corpus.
final class LhotseWalk: Walk {
  private let options: CorpusOptions
  private let check: HeaderCheck
  private var recordings: [SIMD2<UInt64>: LhotseRecording] = [:]
  /// Files with an utterance a line, the next one last.
  private var files: [String] = []
  private var lines: (reader: LineReader, path: String)?
  /// Recordings without supervisions at all are utterances themselves.
  private var whole: [(LhotseRecording, path: String, line: Int)] = []
  private var used: Set<SIMD2<UInt64>> = []
  private var queue: [CorpusEvent] = []
  private var register = UtteranceRegister()
  private var withoutText = 0
  private var (late, clipped, outside, otherAlignments) = (0, 0, 0, 0)
  private var served = 0
  private var last: (path: String, audio: EncodedFile)?

  init(_ inputs: [String], options: CorpusOptions) throws {
    self.options = options
    check = try HeaderCheck(options.conversion, decodesLossy: options.decodesLossy)
    if let root = options.root, Folder.kind(of: root) != .folder {
      throw Failure(.usage, path: root, "the root is not a folder")
    }
    var all: [(LhotseRecording, path: String, line: Int)] = []
    var hasCuts = false
    for path in try inputs.flatMap(Self.manifests) {
      // Files are read more than once, which a pipe cannot be.
      guard !isSame(path, "-"), Folder.kind(of: path) != .other else {
        throw Failure(
          .usage, path: path, "a pipe: manifests of lhotse are read more than once", hint: "write it to a file first")
      }
      switch try Self.first(of: path) {
      case .recording: all += try readRecordings(path)
      case .supervision: files.append(path)
      case .cut:
        hasCuts = true
        files.append(path)
      case .features where !inputs.contains { isSame($0, path) }: continue
      case .features, nil:
        queue.append(
          .problem(InputProblem(Failure(.badInput, path: path, "no line is a recording, supervision or cut of lhotse")))
        )
      }
    }
    guard !all.isEmpty || hasCuts else {
      if case .problem(var first)? = queue.first {
        first.failure.reason = "empty corpus: nothing in it can be read, beginning with this: \(first.failure.reason)"
        throw first.failure
      }
      throw Failure(
        .badInput, path: inputs[0], "empty corpus: no recordings and no cuts of lhotse",
        hint: "files called .jsonl or .jsonl.gz, or folders with them: recordings and supervisions, or cuts")
    }
    guard all.isEmpty || !hasCuts else {
      throw Failure(
        .usage, path: inputs[0], "recordings and cuts at once, which may be of the same speech",
        hint: "name the files: the cuts alone, or recordings and supervisions")
    }
    if files.isEmpty { whole = all.reversed() }
    files.reverse()
    queue.reverse()
  }

  /// The manifests in a folder, or the one that is named.
  private static func manifests(_ input: String) throws -> [String] {
    guard Folder.kind(of: input) == .folder else { return [input] }
    return try Folder.names(in: input).filter { $0.ends(with: ".jsonl") || $0.ends(with: ".jsonl.gz") }
      .map { "\(withoutTrailingSlash(input))/\($0)" }
  }

  /// Whether a file is one of lhotse's manifests, or a folder has some.
  static func takes(_ input: String) -> Bool {
    ((try? manifests(input)) ?? []).contains { path in
      guard Folder.kind(of: path) == .file, let content = try? first(of: path) else { return false }
      return content != .features
    }
  }

  /// Features lie beside the others and have no audio.
  private enum Content { case recording, supervision, cut, features }

  /// What the first line is that is JSON; nil of what is not lhotse's.
  private static func first(of path: String) throws -> Content? {
    let reader = try manifestLines(of: File.reading(path))
    while let line = try reader.next() {
      if isBlank(line) { continue }
      // A line that is not is named when the rest is read.
      guard let json = try? JSON(parsing: line), json.objectValue != nil else { continue }
      if json["type"]?.stringValue?.ends(with: "Cut") == true { return .cut }
      if json["sources"] != nil { return .recording }
      if json["storage_type"] != nil { return .features }
      return json["recording_id"] != nil ? .supervision : nil
    }
    return nil
  }

  private func readRecordings(_ path: String) throws -> [(LhotseRecording, path: String, line: Int)] {
    var found: [(LhotseRecording, path: String, line: Int)] = []
    let reader = try manifestLines(of: File.reading(path))
    while let line = try reader.next() {
      if isBlank(line) { continue }
      do {
        guard case .recording(let recording) = try parseLhotse(line) else {
          throw Failure(.badInput, "among recordings something else")
        }
        let key = XXH3.key128(recording.id)
        guard recordings[key] == nil else { throw Failure(.badInput, "the recording '\(recording.id)' again") }
        recordings[key] = recording
        found.append((recording, path, reader.line))
      } catch { queue.append(.problem(InputProblem(at(error, path, reader)))) }
    }
    return found
  }

  private func at(_ error: any Error, _ path: String, _ reader: LineReader) -> Failure {
    placed(error, in: path, line: reader.line)
  }

  func next() throws -> CorpusEvent? {
    while true {
      if let event = queue.popLast() { return event }
      if let recording = whole.popLast() {
        serve(LhotseSegment(recording.0), of: recording.0) { placed($0, in: recording.path, line: recording.line) }
        continue
      }
      guard let (reader, path) = lines else {
        guard let path = files.popLast() else { return nil }
        lines = (try manifestLines(of: File.reading(path)), path)
        continue
      }
      guard let line = try reader.next() else {
        lines = nil
        continue
      }
      if isBlank(line) { continue }
      served += 1
      do {
        switch try parseLhotse(line) {
        case .recording: throw Failure(.badInput, "a recording among what is said in them")
        case .cut(let segment, let recording): serve(segment, of: recording) { self.at($0, path, reader) }
        case .supervision(let segment):
          guard let recording = recordings[XXH3.key128(segment.recording)] else {
            throw Failure(.badInput, "the recording '\(segment.recording)' is not among the recordings")
          }
          used.insert(XXH3.key128(recording.id))
          serve(segment, of: recording) { self.at($0, path, reader) }
        }
      } catch { return .problem(InputProblem(at(error, path, reader))) }
    }
  }

  private func serve(_ segment: LhotseSegment, of recording: LhotseRecording, _ named: (any Error) -> Failure) {
    do { queue = try utterances(segment, recording).reversed() } catch {
      queue = [.problem(InputProblem(id: segment.id, named(error)))]
    }
  }

  private func utterances(_ segment: LhotseSegment, _ recording: LhotseRecording) throws -> [CorpusEvent] {
    let (written, place, count) = try recording.source(of: segment.channel)
    let path = resolve(written, root: options.audioRoot ?? ".")
    if last.map({ isSame($0.path, path) }) != true { last = nil }
    guard Folder.kind(of: path) != nil else {
      throw Failure(.badInput, path: path, "it is not there, or cannot be read", hint: options.rootHint)
    }
    let audio = try last?.audio ?? audioFile(path)
    last = (path, audio)
    let asked = segment.channel == nil ? nil : place.map { Channel.one($0) }
    let format = try check.format(of: audio) { format in
      if asked != nil { try recording.require(count, is: format.channels, in: path) }
      return asked ?? options.channels?.channel
    }
    guard format.rate == recording.rate, format.bits == nil || format.frames == recording.samples else {
      throw Failure(
        .badInput, path: path,
        "\(format.frames) samples at \(format.rate) Hz, where the recording declares \(recording.samples) at \(recording.rate) Hz"
      )
    }
    var entry = ManifestEntry(
      id: segment.id, source: sourceName(path, root: options.root), group: segment.speaker ?? recording.id,
      session: isSame(segment.id, recording.id) ? nil : recording.id,
      extent: .audio(samples: format.frames, rate: format.rate))
    entry.channel = format.channels > 1 ? asked : nil
    let range = segment.range(rate: format.rate)
    // lhotse, too, takes what there is of a supervision that ends a little late.
    let end = min(range.upperBound, format.frames)
    guard segment.start >= 0, range.lowerBound < end, range.upperBound - end <= format.rate / 2 else {
      throw Failure(
        .badInput,
        "'\(segment.id)' is from \(segment.start) s for \(segment.duration) s, which is not in the \(format.frames) samples at \(format.rate) Hz"
      )
    }
    if range.lowerBound > 0 || end < format.frames {
      (entry.offset, entry.length) = (range.lowerBound, end - range.lowerBound)
    }
    if let text = segment.text, !text.isEmpty { entry.text = withoutTabs(text) }
    entry.phones = segment.phones?.map { PhoneInterval(label: $0.symbol, begin: max(0, $0.begin), end: max(0, $0.end)) }
    try entry.take(segment)
    try entry.checkLength(name: path)
    // As with labels, but for rounding.
    if range.upperBound - end > format.rate / 1000 { late += 1 }
    clipped += segment.clipped
    outside += segment.outside
    otherAlignments += segment.otherAlignments
    return register.utterances(
      entry, by: asked == nil ? options.channels : nil, audio, format, place: served, withoutText: &withoutText
    ) { Failure(.badInput, $0) }
  }

  let progressUnit = ProgressUnit.lines
  var progress: (done: Int, total: Int?) { (served, nil) }
  let kind: String? = "audio"
  var declaredUnits: Int? { nil }
  var utterancesWithoutTranscript: Int { withoutText }
  var notes: [String] {
    // Where nobody is said to speak.
    let silent = files.isEmpty && lines == nil && !used.isEmpty ? recordings.count - used.count : 0
    return [
      (silent, "recording", "in no supervision, left out"),
      (late, "supervision", "with an end after that of the recording, cut off there"),
      (clipped, "label", "of alignments clipped to what is said"),
      (outside, "label", "of alignments outside of it, left out"),
      (otherAlignments, "alignment", "of neither phones nor words, left out"),
    ].filter { $0.0 > 0 }.map { count, noun, rest in "\(count) \(noun)\(count == 1 ? "" : "s") \(rest)" }
  }
}

extension ManifestEntry {
  /// What lhotse knows and a manifest has no key for; `session` and `split` it has.
  fileprivate mutating func take(_ segment: LhotseSegment) throws {
    var custom = segment.facts["custom"]?.objectValue ?? JSONObject()
    for (key, value) in segment.facts.members {
      switch (key, value) {
      case ("session", .string(let name)): session = name
      case ("split", .string(let name)): split = name
      case ("words", _) where segment.words != nil: custom[key] = value
      // With a meaning of its own in a manifest, but not this one.
      case _ where Self.isKnown(key): custom[key] = value
      default: extra[key] = value
      }
    }
    if !custom.members.isEmpty { extra["custom"] = .object(custom) }
    if session?.hasControlCharacter == true || split?.hasControlCharacter == true || split?.isEmpty == true {
      throw Failure(.badInput, "'session' or 'split' holds a control character, or nothing")
    }
    guard let words = segment.words else { return }
    extra["words"] = .array(words.map { .array([.string($0.symbol), .real($0.begin), .real($0.end)]) })
  }
}
