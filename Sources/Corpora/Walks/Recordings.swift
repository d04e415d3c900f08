import Archives
import FileIO
import Members

/// A long recording of which utterances are cut.
struct Recording {
  var id: String
  var group: String
  var session: String?
  var source: String
  var member: Member
  var audio: EncodedFile
}

/// Brings recordings of an archive together with the JSON files that say where in them somebody speaks: the two are
/// neighbours, in either order. One recording at most is held.
struct Recordings {
  private(set) var waiting: Recording?
  private var early: [SIMD2<UInt64>: Result<VoiceActivity?, Failure>] = [:]
  private var servedWhole: Set<SIMD2<UInt64>> = []

  typealias VoiceActivity = [(begin: Double, end: Double)]

  /// Intervals that came before their recording.
  mutating func activity(of id: String) -> Result<VoiceActivity?, Failure>? {
    early.removeValue(forKey: XXH3.key128(id))
  }

  mutating func wait(_ recording: Recording) { waiting = recording }

  /// The recording that has waited in vain.
  mutating func giveUp() -> Recording? {
    defer { waiting = nil }
    if let waiting { servedWhole.insert(XXH3.key128(waiting.id)) }
    return waiting
  }

  /// The recording that has waited for these intervals; throws if it has been served without them.
  mutating func take(
    _ id: String, _ activity: Result<VoiceActivity?, Failure>, label: String
  ) throws -> Recording? {
    if let waiting, isSame(waiting.id, id) {
      defer { self.waiting = nil }
      return waiting
    }
    guard !servedWhole.contains(XXH3.key128(id)) else {
      throw Failure(
        .badInput, path: label, "comes too late: its recording was taken as one utterance",
        hint: "unpack the archive, or keep each .json next to its .flac")
    }
    early[XXH3.key128(id)] = activity
    return nil
  }
}
