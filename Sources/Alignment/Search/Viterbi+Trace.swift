/// The way back, from the choices that the forward pass has stored.
extension Viterbi {
  /// Where the path is at the end of a frame.
  enum Place {
    case slot(Int)
    case silence(state: Int, before: Int)
    /// Word k - 1 has been left.
    case left(Int)
    /// Word k, or the end, is reached.
    case reached(Int)
  }

  func trace(
    _ range: Range<Int>, _ memory: UnsafeMutablePointer<UInt8>, _ width: Int, from place: inout Place,
    into path: inout [Int32]
  ) {
    for t in range.reversed() {
      let choices = ViterbiChoices(
        memory + (t - range.lowerBound) * width, slots: graph.state.count, silences: silences)
      if case .reached(let k) = place {
        place =
          choices.viaSilence[k] == 1 ? .silence(state: AcousticModel.silenceStates - 1, before: k) : .left(k)
      }
      if case .left(let k) = place {
        let word = graph.words[k - 1]
        place = .slot(graph.pronunciations[word.pronunciations.lowerBound + Int(choices.left[k])].last)
      }
      switch place {
      case .slot(let j):
        path[t] = Int32(j)
        guard choices.slots[j] == 1 else { continue }
        place = graph.state[j - 1] == graph.noState ? .reached(word(ofSlot: j - 1)) : .slot(j - 1)
      case .silence(let state, let k):
        path[t] = -Int32(1 + k * AcousticModel.silenceStates + state)
        let choice = choices.silence[state * silences + k]
        place = choice == ViterbiChoices.enteredSilence ? .left(k) : .silence(state: Int(choice), before: k)
      case .left, .reached: break
      }
    }
  }

  private func word(ofSlot slot: Int) -> Int {
    var (low, high) = (0, graph.words.count)
    while high - low > 1 {
      let middle = (low + high) / 2
      if graph.words[middle].slots.lowerBound <= slot { low = middle } else { high = middle }
    }
    return low
  }

  func segmentation(_ path: [Int32], score: Double) -> Segmentation {
    var result = Segmentation(segments: [], states: [], score: score)
    result.states.reserveCapacity(path.count)
    var current: Int32?
    for (t, place) in path.enumerated() {
      let isSilence = place < 0
      let code = isSilence ? -1 - place : place
      // Negative numbers name silences, the others the phones of the graph.
      let key = isSilence ? -1 - code / Int32(AcousticModel.silenceStates) : graph.segment[Int(code)]
      result.states.append(
        isSilence ? silenceState + code % Int32(AcousticModel.silenceStates) : graph.state[Int(code)])
      if key == current {
        let last = result.segments.count - 1
        result.segments[last].frames = result.segments[last].frames.lowerBound..<t + 1
      } else {
        let phone = isSilence ? silencePhone : Int(graph.phone[Int(code)])
        let word = isSilence ? nil : word(ofSlot: Int(code))
        result.segments.append(.init(phone: phone, frames: t..<t + 1, word: word))
        current = key
      }
    }
    return result
  }
}
