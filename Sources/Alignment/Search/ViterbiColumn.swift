import Kernels

/// The scores of the best ways to everything in the graph at one frame. Everything starts at −∞.
struct ViterbiColumn {
  /// One for each slot, after a vector of its own so that slot −1 can be read.
  private let slotMemory: Buffer<Float>
  /// State s of the silence before word k at [s · stride + k].
  let silence: Buffer<Float>
  /// Word k − 1 has been left.
  let left: Buffer<Float>

  var slots: UnsafeMutablePointer<Float> { slotMemory.pointer + 8 }

  init(slots: Int, silences: Int) {
    slotMemory = Buffer(count: slots + 8)
    silence = Buffer(count: silences * AcousticModel.silenceStates)
    left = Buffer(count: silences)
    for buffer in [slotMemory, silence, left] { buffer.pointer.update(repeating: -.infinity, count: buffer.count) }
  }

  func copy(from other: ViterbiColumn) {
    for (target, source) in [(slotMemory, other.slotMemory), (silence, other.silence), (left, other.left)] {
      target.pointer.update(from: source.pointer, count: source.count)
    }
  }
}

/// From where the best ways to everything at one frame came, a byte for each.
struct ViterbiChoices {
  /// 1: from the slot before; 0: it stayed.
  var slots: UnsafeMutablePointer<UInt8>
  /// The state of silence before, or ``enteredSilence``.
  var silence: UnsafeMutablePointer<UInt8>
  /// Which pronunciation of word k − 1 was left.
  var left: UnsafeMutablePointer<UInt8>
  /// 1: word k, or the end, is reached from the silence before it; 0: straight from the word.
  var viaSilence: UnsafeMutablePointer<UInt8>

  static let enteredSilence = UInt8(AcousticModel.silenceStates)

  static func size(slots: Int, silences: Int) -> Int { slots + silences * (AcousticModel.silenceStates + 2) }

  init(_ memory: UnsafeMutablePointer<UInt8>, slots count: Int, silences: Int) {
    slots = memory
    silence = memory + count
    left = silence + silences * AcousticModel.silenceStates
    viaSilence = left + silences
  }
}
