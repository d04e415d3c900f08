import Audio
import FileIO

/// `TRAIN/DR1/FCJF0/SA1.WAV` in capital or small letters, with the prompt in `SA1.TXT` after two numbers of samples (Garofolo
/// et al. 1993, LDC93S1; its README.DOC). Also `SA1.WAV.wav`, as which some have it who needed RIFF. Everybody speaks the
/// sentences SA1 and SA2, so that the speaker is part of the id; ids are in capital letters.
package struct TIMITLayout: LayoutRules {
  package let expectation = "(TRAIN|TEST)/DRN/SPEAKER/SENTENCE.WAV"

  package init() {}

  package func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last.map(String.init) else { return .other }
    let small = name.asciiLowercased
    let isText = small.ends(with: ".txt")
    guard isText || isAudioName(name) else { return .other }
    guard let place = path.last(4)?.map(\.asciiUppercased), isSame(place[0], "TRAIN") || isSame(place[0], "TEST"),
      place[1].begins(with: "DR"), isNumber(place[1].dropping(first: 2))
    else { return isText ? .other : .stray }
    let endings = [".WAV.WAV", ".TXT", ".WAV", ".SPH", ".FLAC"]
    guard let ending = endings.first(where: { place[3].ends(with: $0) }) else { return .stray }
    let id = "\(place[2])/\(place[3].dropping(last: ending.utf8.count))"
    guard !isText else { return .text(ids: [id], isTimed: true) }
    return .utterance(id: id, group: place[2], session: place[1], split: place[0].asciiLowercased)
  }
}

extension StringProtocol where SubSequence == Substring {
  /// With a to z as A to Z and nothing else changed.
  fileprivate var asciiUppercased: String {
    String(decoding: utf8.map { 0x61...0x7a ~= $0 ? $0 - 0x20 : $0 }, as: UTF8.self)
  }
}
