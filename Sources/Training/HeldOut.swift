import FileIO

/// Which utterances are kept from training: those of low rank, on a dataset as many as make the wanted share, on a
/// stream those below it.
public enum HeldOut {
  /// Pseudo-random in [0, 1), independent of the order of utterances.
  public static func rank(_ utterance: String, seed: UInt64) -> Double {
    let hash = Array("\(seed):\(utterance)".utf8).withUnsafeBytes { XXH3.hash64($0) }
    return Double(hash >> 11) * 0x1p-53
  }

  /// Digest of a list of utterances, in their order.
  static func digest(_ utterances: some Sequence<String>) -> String {
    let hash = XXH3.Stream()
    for id in utterances { add(id, to: hash) }
    return hash.digest128
  }

  static func add(_ utterance: String, to hash: XXH3.Stream) {
    Array("\(utterance)\n".utf8).withUnsafeBytes { hash.update($0) }
  }
}
