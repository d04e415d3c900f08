/// An utterance that can be aligned: its features, its speaker and what is said.
struct Recording {
  /// Its place in the ``FeatureStore``.
  var features: Int
  var frames: Int
  var speaker: Int
  /// The pronunciations of each word, as indices into the phone set.
  var words: [[[UInt8]]]
}
