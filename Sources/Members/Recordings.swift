package import Archives
package import FileIO

/// A long recording of which utterances are cut.
package struct Recording {
  package var id: String
  package var group: String
  package var session: String?
  package var source: String
  package var member: Member
  package var audio: EncodedFile

  package init(
    id: String, group: String, session: String?, source: String, member: Member, audio: EncodedFile
  ) {
    (self.id, self.group, self.session) = (id, group, session)
    (self.source, self.member, self.audio) = (source, member, audio)
  }
}

/// Brings recordings of an archive together with the JSON files that say where in them somebody speaks: the two are
/// neighbours, in either order. One recording at most is held.
package struct Recordings {
  package init() {}

  package private(set) var waiting: Recording?
  private var early: [SIMD2<UInt64>: Result<VoiceActivity?, Failure>] = [:]
  private var servedWhole: Set<SIMD2<UInt64>> = []

  package typealias VoiceActivity = [(begin: Double, end: Double)]

  /// Intervals that came before their recording.
  package mutating func activity(of id: String) -> Result<VoiceActivity?, Failure>? {
    early.removeValue(forKey: XXH3.key128(id))
  }

  package mutating func wait(_ recording: Recording) { waiting = recording }

  /// The recording that has waited in vain.
  package mutating func giveUp() -> Recording? {
    defer { waiting = nil }
    if let waiting { servedWhole.insert(XXH3.key128(waiting.id)) }
    return waiting
  }

  /// The recording that has waited for these intervals; throws if it has been served without them.
  package mutating func take(
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
