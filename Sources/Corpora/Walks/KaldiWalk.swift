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
  private var pieces = SecondsRanges()
  private var withoutText = 0
  private var register = UtteranceRegister()
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
      throw utterances.failure(row, "'\(row.key)' has no speaker in \(Folder.name(of: speakers.path))")
    }
    guard !speaker.value.hasControlCharacter else {
      throw speakers.failure(speaker, "the speaker '\(speaker.value)' holds a control character")
    }
    let segment = try segments.map { try $0.segment(row) }
    try open(segment?.recording ?? row.key, row)
    guard let last else { throw utterances.failure(row, "no recording") }
    var channel: Channel?
    let format: AudioFormat
    do {
      format = try check.format(of: last.audio) { format in
        channel = try self.channel(of: last.command, last.name, segment?.channel, row, format)
        return channel ?? options.channels?.channel
      }
    } catch { throw placed(error, in: utterances.path, line: row.line) }
    var entry = ManifestEntry(
      id: row.key, source: last.source, group: speaker.value, session: segment?.recording,
      extent: .audio(samples: format.frames, rate: format.rate))
    if let text = texts?[row.key]?.value, !text.isEmpty { entry.text = withoutTabs(text) }
    if let segment {
      let piece = try pieces.range(segment.begin, segment.end, format) { utterances.failure(row, $0) }
      entry.offset = piece.lowerBound
      entry.length = piece.count
    }
    try entry.checkLength(name: last.audio.name)
    entry.channel = format.channels > 1 ? channel : nil
    return register.utterances(
      entry, by: channel == nil ? options.channels : nil, last.audio, format, place: served, withoutText: &withoutText
    ) { utterances.failure(row, $0) }
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
    if command.selection == .mean, let most = command.mostChannels, format.channels > most {
      throw utterances.failure(
        row, "the command of '\(recording)' mixes \(format.channels) channels, which is their mean of up to \(most)",
        hint: "run it once and name the file that it writes")
    }
    let side = try sides.flatMap { sides in try sides[recording].map { try sides.side($0) } }
    switch command.selection {
    case .one(let number):
      // A of what has one channel says nothing.
      if let side, side > 1, side != number { throw contradiction(side, "the command takes channel \(number)", row) }
      return .one(number)
    case .mean: return .mean
    case nil: break
    }
    if isOne { return nil }
    if let side, let segment, side != segment { throw contradiction(side, "segments says \(segment)", row) }
    return (segment ?? side).map { .one($0) }
  }

  private func contradiction(_ side: Int, _ other: String, _ row: KaldiTable.Row) -> Failure {
    utterances.failure(
      row, "reco2file_and_channel says channel \(side), and \(other), counted from 1", hint: "one of them is wrong")
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
          : options.rootHint)
    }
    last = (name, try audioFile(path), sourceName(path, root: options.root), command)
  }

  private func transcriptsWithoutAudio() -> [CorpusEvent] {
    guard let texts else { return [] }
    let unused = texts.rows.indices.filter { !usedTexts.contains($0) }.map { texts.rows[$0] }
    let reason = "a transcript without audio"
    return unused.map { .problem(InputProblem(id: $0.key, texts.failure($0, reason), isWarning: true)) }
  }

  let progressUnit = ProgressUnit.lines
  var progress: (done: Int, total: Int?) { (served, utterances.rows.count) }
  let kind: String? = "audio"
  var declaredUnits: Int? { nil }
  var utterancesWithoutTranscript: Int { withoutText }
  var notes: [String] {
    func count(_ rows: [KaldiTable.Row], _ noun: String, _ rest: String) -> String? {
      rows.isEmpty ? nil : "\(rows.count) \(noun)\(rows.count == 1 ? "" : "s") \(rest)"
    }
    let cut = Set((segments?.rows ?? []).compactMap { try? segments?.segment($0).recording }.map { Name($0) })
    return [
      pieces.note,
      count(recordings.rows.filter { segments != nil && !cut.contains(Name($0.key)) }, "recording", "in no segment"),
      count(
        speakers.rows.filter { utterances.index(of: $0.key) == nil }, "utterance",
        "of \(Folder.name(of: speakers.path)) that \(Folder.name(of: utterances.path)) lacks"),
    ].compactMap { $0 }
  }
}
