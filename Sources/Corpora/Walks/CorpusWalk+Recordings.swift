import Archives
import Audio
import FileIO
import Layouts
import Manifests
import Members

/// Long recordings, and the JSON files beside them that say where in them somebody speaks.
extension CorpusWalk {
  func recording(_ member: Member, id: String, group: String, session: String?) -> CorpusEvent? {
    var events: [CorpusEvent] = []
    if let waiting = recordings.giveUp() { events = utterances(of: waiting, .success(nil)) }
    do {
      let recording = Recording(
        id: id, group: group, session: session, source: input.source, member: member,
        audio: try member.encoded())
      if case .disk(let path, _) = member.place {
        let beside = [".json", ".JSON"].map { Folder.stem(of: path) + $0 }.first { Folder.kind(of: $0) != nil }
        let activity =
          beside.map { beside in
            self.activity(beside) { try File.reading(beside).remainder(limit: 1 << 26) }
          } ?? .success(nil)
        events += utterances(of: recording, activity)
      } else if let activity = recordings.activity(of: id) {
        events += utterances(of: recording, activity)
      } else {
        recordings.wait(recording)
      }
    } catch {
      files += 1
      events.append(.problem(InputProblem(id: id, asBadInput(error))))
    }
    queue = events.reversed()
    return nil
  }

  /// A JSON file: on a disk it was read with its recording.
  func activity(of id: String, _ member: Member) -> CorpusEvent? {
    if case .disk = member.place { return nil }
    let activity = activity(member.label) { try member.read(limit: 1 << 26) }
    do {
      if let recording = try recordings.take(id, activity, label: member.label) {
        queue = utterances(of: recording, activity).reversed()
      }
      return nil
    } catch {
      return .problem(InputProblem(id: id, asBadInput(error)))
    }
  }

  private func activity(
    _ name: String, _ bytes: () throws -> [UInt8]
  ) -> Result<Recordings.VoiceActivity?, Failure> {
    do { return .success(try parseVoiceActivity(bytes(), name: name)) } catch { return .failure(asBadInput(error)) }
  }

  func utterances(
    of recording: Recording, _ activity: Result<Recordings.VoiceActivity?, Failure>
  ) -> [CorpusEvent] {
    files += 1
    func problem(_ id: String, _ error: any Error) -> CorpusEvent { .problem(InputProblem(id: id, asBadInput(error))) }
    do {
      var file = recording.audio
      guard case .audio(let format) = try medium.examine(&file).format else { return [] }
      let whole = ManifestEntry(
        id: recording.id, source: recording.source, member: recording.member.path, group: recording.group,
        session: recording.session, extent: .audio(samples: format.frames, rate: format.rate))
      let wholes = whole.divided(by: channels, channels: format.channels)
      guard let intervals = try activity.get() else {
        return try wholes.map { try enter($0, place: recording.member.label, recording.audio, .audio(format)) }
      }
      guard !intervals.isEmpty else {
        throw Failure(.badInput, path: recording.member.label, "its 'voice_activity' is empty: nobody speaks in it")
      }
      return wholes.flatMap { whole in
        intervals.enumerated().map { i, interval in
          var entry = whole
          entry.id += "-" + String(repeating: "0", count: max(0, 4 - "\(i)".count)) + "\(i)"
          do {
            let piece = try pieces.range(interval.begin, interval.end, format) {
              Failure(.badInput, path: recording.member.label, at: "voice_activity[\(i)]", $0)
            }
            entry.offset = piece.lowerBound
            entry.length = piece.count
            return try enter(entry, place: recording.member.label, recording.audio, .audio(format))
          } catch {
            return problem(entry.id, error)
          }
        }
      }
    } catch {
      return [problem(recording.id, error)]
    }
  }
}
