import Kernels
import RealModule

/// What may be said in an utterance: its words one after the other, each in any of its pronunciations, with silence or
/// none before, between and after them.
///
/// The states of all pronunciations stand in one row of *slots*, so that a step of the search is one pass over arrays.
/// Each pronunciation begins with an entry slot that holds no state: there the score of the best way to its beginning is
/// put. Silences are kept apart, because all of them have the same states.
package struct UtteranceGraph {
  struct Pronunciation {
    /// The slot before its first state.
    var entry: Int
    var last: Int
    /// Log-probability of leaving the last state.
    var exit: Float
  }

  struct Word {
    /// Its place in ``UtteranceGraph/pronunciations``.
    var pronunciations: Range<Int>
    /// Least number of frames.
    var least: Int
    var slots: Range<Int>
  }

  private(set) var words: [Word] = []
  private(set) var pronunciations: [Pronunciation] = []
  /// The state in each slot, ``noState`` for entries; padded to whole vectors.
  private(set) var state: [Int32] = []
  /// Log-probabilities of staying in a slot's state, and of coming from the slot before.
  private(set) var stay: [Float] = []
  private(set) var advance: [Float] = []
  /// The phone of each slot; −1 for entries.
  private(set) var phone: [Int16] = []
  /// Which phone of the graph a slot belongs to, counted through.
  private(set) var segment: [Int32] = []
  let noState: Int32

  /// - Parameter words: the pronunciations of each word, as indices into the phone set; none is empty.
  package init(_ pronounced: [[[UInt8]]], model: AcousticModel) {
    noState = Int32(model.stateCount)
    var segments: Int32 = 0
    for choices in pronounced {
      let begin = state.count
      var least = Int.max
      let firstPronunciation = pronunciations.count
      for phones in choices {
        let entry = state.count
        append(state: noState, stay: -.infinity, advance: -.infinity, phone: -1, segment: -1)
        var leave: Float = 0
        for (i, phone) in phones.enumerated() {
          let left = i > 0 ? Int(phones[i - 1]) : model.silence
          let right = i + 1 < phones.count ? Int(phones[i + 1]) : model.silence
          for s in model.states(of: Int(phone), left: left, right: right) {
            append(
              state: Int32(s), stay: Float.log(model.stay[s]), advance: leave, phone: Int16(phone), segment: segments)
            leave = Float.log(1 - model.stay[s])
          }
          segments += 1
        }
        least = min(least, state.count - entry - 1)
        pronunciations.append(Pronunciation(entry: entry, last: state.count - 1, exit: leave))
      }
      words.append(
        Word(pronunciations: firstPronunciation..<pronunciations.count, least: least, slots: begin..<state.count))
    }
    while state.count % 8 != 0 {
      append(state: noState, stay: -.infinity, advance: -.infinity, phone: -1, segment: -1)
    }
  }

  private mutating func append(state: Int32, stay: Float, advance: Float, phone: Int16, segment: Int32) {
    self.state.append(state)
    self.stay.append(stay)
    self.advance.append(advance)
    self.phone.append(phone)
    self.segment.append(segment)
  }

  /// The fewest frames that an utterance of these words can have.
  package var least: Int { words.reduce(0) { $0 + $1.least } }
}
