import Alignment
import Planes
import Sharding

/// Says texts as flite's English lexicon and its letter-to-sound rules do; of several ways to say a word, the first.
func englishPronunciation() -> Pronunciation {
  guard let pronouncer = try? Pronouncer() else { return { _ in nil } }
  return { text in
    if let ways = try? pronouncer.pronounce(text) { return ways.flatMap { $0[0] } }
    return SpokenWord.words(of: text, isEnglish: true).isEmpty ? [] : nil
  }
}
