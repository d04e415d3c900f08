import Archives
import Audio
import FileIO
import Manifests

extension CorpusOptions {
  var rootHint: String {
    "relative paths are looked for in \(audioRoot ?? "the working folder"); \(setting: "root") DIR names another"
  }
}

extension UtteranceRegister {
  /// The utterance of a line, or one for each channel; those whose ids were there before are named.
  mutating func utterances(
    _ entry: ManifestEntry, by rule: ChannelRule?, _ audio: EncodedFile, _ format: AudioFormat, place: Int,
    withoutText: inout Int, _ failure: (String) -> Failure
  ) -> [CorpusEvent] {
    let entries = entry.divided(by: rule, channels: format.channels)
    var events: [CorpusEvent] = []
    for entry in entries {
      guard self.place(of: entry.id) == nil else {
        events.append(.problem(InputProblem(id: entry.id, failure("duplicate utterance id '\(entry.id)'"))))
        continue
      }
      enterAudio(entry.id, place: place)
      if entry.text == nil { withoutText += 1 }
      events.append(.utterance(CorpusUtterance(entry: entry, file: audio, format: .audio(format))))
    }
    if entries.count > 1, !entry.spoken.isEmpty {
      events.append(.problem(InputProblem(id: entry.id, failure(ofSeveral(entry.spoken)))))
    }
    return events
  }
}
