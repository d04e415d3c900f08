import Archives
import Audio
import FileIO
import Glibc
import Layouts
import Manifests
import Members

/// Serves the utterances of a Kaldi data folder: `wav.scp`, `utt2spk` (or `spk2utt`), and `segments`, `text` and
/// `reco2file_and_channel` if they are there, in the order of segments or wav.scp.
final class KaldiWalk: Walk {
  private let recordings: KaldiTable
  private let segments: KaldiTable?
  private let speakers: KaldiTable
  private let texts: KaldiTable?
  private let sides: KaldiTable?
  private let options: CorpusOptions
  private let check: HeaderCheck
  /// Events to be handed out before the walk goes on, last one first.
  private var queue: [CorpusEvent]
  private var served = 0
  private var isFinished = false
  private var usedTexts: Set<Int> = []
  private var withoutText = 0
  /// The recording of the last utterance.
  private var last: (name: String, audio: EncodedFile, source: String, command: AudioCommand)?

  init(folder: String, options: CorpusOptions) throws {
    guard Folder.kind(of: folder) == .folder else {
      guard isSame(folder, "-") || Folder.kind(of: folder) != nil else { throw Failure.system("open", path: folder) }
      throw Failure(.usage, path: folder, "not a folder: the layout kaldi is a data folder with wav.scp and utt2spk")
    }
    func table(_ name: String) throws -> KaldiTable? {
      Folder.kind(of: "\(folder)/\(name)") == nil ? nil : try KaldiTable("\(folder)/\(name)")
    }
    guard let recordings = try table("wav.scp") else {
      throw Failure(
        .badInput, path: folder, "no wav.scp: not a Kaldi data folder",
        hint: "a folder of audio: \(setting: "layout") speaker-folders, or without \(setting: "layout") for LibriSpeech"
      )
    }
    guard let speakers = try table("utt2spk") ?? table("spk2utt")?.inverted() else {
      throw Failure(
        .badInput, path: folder, "no utt2spk, which says who speaks, and no spk2utt",
        hint: "lines of 'UTTERANCE SPEAKER'")
    }
    self.recordings = recordings
    self.speakers = speakers
    self.options = options
    segments = try table("segments")
    texts = try table("text")
    sides = try table("reco2file_and_channel")
    check = try HeaderCheck(options.conversion, decodesLossy: options.decodesLossy)
    let problems = [recordings, segments, speakers, texts, sides].compactMap { $0 }.flatMap(\.problems)
    queue = problems.reversed().map { .problem(InputProblem($0)) }
    guard !utterances.rows.isEmpty else {
      throw Failure(.badInput, path: utterances.path, "empty corpus: no line names an utterance")
    }
  }

  /// The table with a row for each utterance.
  private var utterances: KaldiTable { segments ?? recordings }

  func next() throws -> CorpusEvent? {
    while true {
      if let event = queue.popLast() { return event }
      guard served < utterances.rows.count else {
        guard !isFinished else { return nil }
        isFinished = true
        queue = transcriptsWithoutAudio().reversed()
        continue
      }
      defer { served += 1 }
      let row = utterances.rows[served]
      if let text = texts?.index(of: row.key) { usedTexts.insert(text) }
      do { queue = try utterances(row).reversed() } catch {
        return .problem(InputProblem(id: row.key, asBadInput(error)))
      }
    }
  }

  /// The utterance of a row, or one for each channel.
  private func utterances(_ row: KaldiTable.Row) throws -> [CorpusEvent] {
    guard let speaker = speakers[row.key], !speaker.value.isEmpty else {
      throw utterances.failure(row, "'\(row.key)' has no speaker in utt2spk")
    }
    guard !speaker.value.hasControlCharacter else {
      throw speakers.failure(speaker, "the speaker '\(speaker.value)' holds a control character")
    }
    let segment = try segments.map { try $0.segment(row) }
    try open(segment?.recording ?? row.key, row)
    guard let last else { throw utterances.failure(row, "no recording") }
    var channel: Channel?
    let format = try check.format(of: last.audio) { format in
      channel = try self.channel(of: last.command, last.name, segment?.channel, row, format)
      return channel ?? options.channels?.channel
    }
    var entry = ManifestEntry(
      id: row.key, source: last.source, group: speaker.value, session: segment?.recording,
      extent: .audio(samples: format.frames, rate: format.rate))
    if let text = texts?[row.key]?.value, !text.isEmpty { entry.text = withoutTabs(text) }
    if let segment {
      let piece = try range(segment.begin, segment.end, format) { utterances.failure(row, $0) }
      entry.offset = piece.lowerBound
      entry.length = piece.count
    }
    try entry.checkLength(name: last.audio.name)
    entry.channel = format.channels > 1 ? channel : nil
    let entries = entry.divided(by: channel == nil ? options.channels : nil, channels: format.channels)
    withoutText += entries.count { $0.text == nil }
    return entries.map { .utterance(CorpusUtterance(entry: $0, file: last.audio, format: .audio(format))) }
      + (entries.count > 1 && entry.text != nil
        ? [.problem(InputProblem(id: row.key, textOfSeveral(texts?.path ?? "")))] : [])
  }

  /// What the tables say of the channels of a recording: its command before all, then the segment, then
  /// reco2file_and_channel, whose A of a recording with one channel says nothing.
  private func channel(
    of command: AudioCommand, _ recording: String, _ segment: Int?, _ row: KaldiTable.Row, _ format: AudioFormat
  ) throws -> Channel? {
    let isOne = command.selection != nil || format.channels == 1
    if isOne, let segment, segment > 1 {
      throw utterances.failure(row, "channel \(segment - 1) of a recording with one channel, which is number 0")
    }
    if let rate = command.rate, rate != format.rate {
      throw utterances.failure(
        row, "the command of '\(recording)' makes \(rate) Hz of \(format.rate) Hz, and none is run",
        hint: rate == speechRate
          ? "name the file itself: \(setting: "resample") \(speechRate) converts it"
          : "run it once and name the file that it writes")
    }
    switch command.selection {
    case .one(let number): return .one(number)
    case .mean: return .mean
    case nil: break
    }
    if isOne { return nil }
    if let segment { return .one(segment) }
    guard let sides, let side = sides[recording] else { return nil }
    return .one(try sides.side(side))
  }

  private func open(_ name: String, _ row: KaldiTable.Row) throws {
    if let last, isSame(last.name, name) { return }
    last = nil
    guard let recording = recordings[name] else {
      throw utterances.failure(row, "the recording '\(name)' is not in wav.scp")
    }
    let command = try recordings.audio(recording)
    let written = command.file
    let path = resolve(written, root: options.audioRoot ?? ".")
    guard access(path, F_OK) == 0 else {
      let isArchive =
        written.divided(atLast: ":").map { $0.tail.utf8.allSatisfy { 0x30...0x39 ~= $0 } } == true
      throw recordings.failure(
        recording, "\(path) cannot be opened: \(String(cString: strerror(errno)))",
        hint: isArchive
          ? "places in Kaldi archives are not read"
          : "relative paths are looked for in \(options.audioRoot ?? "the working folder"); "
            + "\(setting: "root") DIR names another")
    }
    last = (name, try audioFile(path), sourceName(path, root: options.root), command)
  }

  private func transcriptsWithoutAudio() -> [CorpusEvent] {
    guard let texts else { return [] }
    return texts.rows.indices.filter { !usedTexts.contains($0) }.map {
      .problem(InputProblem(id: texts.rows[$0].key, texts.failure(texts.rows[$0], "a transcript without audio")))
    }
  }

  let progressUnit = ProgressUnit.lines
  var progress: (done: Int, total: Int?) { (served, utterances.rows.count) }
  let kind: String? = "audio"
  var declaredUnits: Int? { nil }
  var utterancesWithoutTranscript: Int { withoutText }
}

/// Samples of an interval in seconds: both ends to the nearest sample, and up to half a second after the file's end cut
/// off, as Kaldi's extract-segments does; `failure` makes an error of a reason.
func range(
  _ begin: Double, _ end: Double?, _ format: AudioFormat, failure: (String) -> Failure
) throws -> Range<Int> {
  let rate = Double(format.rate)
  // No audio is that long, and larger numbers are no Int.
  func frame(_ seconds: Double) -> Int { Int(min((seconds * rate).rounded(), 1e15)) }
  let first = frame(begin)
  let stop = end.map(frame) ?? format.frames
  guard stop <= format.frames + format.rate / 2 else {
    throw failure("ends at \(end ?? 0) s, after the end of the audio (\(Double(format.frames) / rate) s)")
  }
  let last = min(stop, format.frames)
  guard first < last else { throw failure("an empty piece: it begins at \(begin) s") }
  return first..<last
}

/// Audio that is a file of its own.
func audioFile(_ path: String) throws -> EncodedFile {
  var status = stat()
  guard stat(path, &status) == 0 else { throw asBadInput(Failure.system("open", path: path)) }
  guard status.st_mode & S_IFMT == S_IFREG else { throw Failure(.badInput, path: path, "not a regular file") }
  return EncodedFile(name: path, storage: .file(path: path, size: Int(status.st_size)))
}
