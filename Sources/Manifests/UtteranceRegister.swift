import FileIO

/// Which utterances a walk has met and where: finds duplicates, transcripts without audio and audio without transcript.
///
/// Ids are kept as 128-bit hashes (about 50 bytes an utterance), and as text only while a transcript waits for its
/// audio.
package struct UtteranceRegister {
  private struct Record {
    /// Index into `places`, or a line number; -1 while no good audio has come.
    var place = -1
    var hasBadAudio = false
    /// Its channels are utterances with ids of their own.
    var isDivided = false
    var hasTranscript = false
    var textHash: UInt32 = 0
    /// Index into `waiting`; -1 if nothing waits.
    var waiting = -1

    var isOrphan: Bool { hasTranscript && place < 0 && !hasBadAudio && !isDivided }
    var isSilent: Bool { place >= 0 && !hasTranscript }
  }

  /// A transcript whose audio has not come.
  package struct Orphan {
    package var id: String
    package var place: String
  }

  package enum TranscriptVerdict { case new, repeated, contradicts, ofBadAudio, ofDividedAudio }

  private var records: [SIMD2<UInt64>: Record] = [:]
  private var waiting: [Orphan?] = []
  private let maximumWaiting = 1 << 20
  /// Transcripts that wait for their audio, also those whose ids are not remembered any more.
  package private(set) var orphanCount = 0
  package private(set) var withoutTranscript = 0

  package init() {}

  /// Where good audio of this id has been entered.
  package func place(of id: String) -> Int? {
    guard let place = records[XXH3.key128(id)]?.place, place >= 0 else { return nil }
    return place
  }

  /// Enters good audio of a new id.
  package mutating func enterAudio(_ id: String, place: Int) {
    let key = XXH3.key128(id)
    var record = records[key] ?? Record()
    record.place = place
    replace(key, with: record)
  }

  /// Notes audio that was left out, so that its transcript is not reported too.
  package mutating func enterBadAudio(_ id: String) {
    let key = XXH3.key128(id)
    var record = records[key] ?? Record()
    record.hasBadAudio = true
    replace(key, with: record)
  }

  /// Notes audio whose channels are entered on their own; whether there is a transcript of it already.
  package mutating func enterDividedAudio(_ id: String) -> Bool {
    let key = XXH3.key128(id)
    var record = records[key] ?? Record()
    record.isDivided = true
    replace(key, with: record)
    return record.hasTranscript
  }

  package mutating func enterTranscript(_ id: String, text: String, place: String) -> TranscriptVerdict {
    let key = XXH3.key128(id)
    let hash = UInt32(truncatingIfNeeded: XXH3.key128(text).x)
    var record = records[key] ?? Record()
    if record.hasTranscript { return record.textHash == hash ? .repeated : .contradicts }
    record.hasTranscript = true
    record.textHash = hash
    if record.isOrphan, waiting.count < maximumWaiting {
      record.waiting = waiting.count
      waiting.append(Orphan(id: id, place: place))
    }
    replace(key, with: record)
    if record.isDivided { return .ofDividedAudio }
    return record.place < 0 && record.hasBadAudio ? .ofBadAudio : .new
  }

  /// The transcripts that wait, in the order in which they came.
  package var orphans: [Orphan] { waiting.compactMap { $0 } }

  private mutating func replace(_ key: SIMD2<UInt64>, with new: Record) {
    var new = new
    let old = records[key] ?? Record()
    orphanCount += (new.isOrphan ? 1 : 0) - (old.isOrphan ? 1 : 0)
    withoutTranscript += (new.isSilent ? 1 : 0) - (old.isSilent ? 1 : 0)
    if new.waiting >= 0, !new.isOrphan {
      waiting[new.waiting] = nil
      new.waiting = -1
    }
    records[key] = new
  }
}
