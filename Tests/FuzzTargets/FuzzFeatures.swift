import FeatureFiles
import FileIO
import WordVectors

/// Opens features of any format and reads every utterance. Frames that are handed out have the shape that was promised;
/// written as NumPy's, safetensors' or Kaldi's readers would take them, they hold the same numbers.
func fuzzFeatures(_ path: String) throws {
  let features = try openFeatures(path)
  precondition(features.ids.count == Set(features.ids).count)
  var good = 0
  for (place, id) in features.ids.enumerated() {
    precondition(features.index[id] == place && !id.text.isEmpty)
    guard let frames = try? features.frames(at: place) else { continue }
    let shape = try features.shape(at: place)
    precondition(shape == frames.shape && frames.values.count == frames.count * frames.dimension)
    let finite = frames.values.allSatisfy(\.isFinite)
    precondition((frames.nonFinite == nil) == finite, "numbers that are not finite, uncounted")
    let again = try? features.finiteFrames(of: id)
    precondition((again != nil) == finite)
    precondition(again == nil || again == frames)
    good += 1
  }
  if good == 0 { throw Failure(.badInput, "no frames") }
}

/// Reads word vectors of a format that a first byte chooses or leaves to be found out.
func fuzzVectors(_ bytes: [UInt8]) throws {
  guard let choice = bytes.first else { throw Failure(.badInput, "nothing") }
  let formats: [WordVectorFormat?] = [nil] + WordVectorFormat.allCases
  let text = Array(bytes[1...])
  let vectors = try WordVectors(BytesSource(text), format: formats[Int(choice) % formats.count])
  precondition(vectors.dimensions > 0 && vectors.numbers.count == vectors.count * vectors.dimensions)
  precondition(vectors.numbers.allSatisfy(\.isFinite))
  for (place, word) in vectors.words.enumerated() {
    precondition(vectors.place(of: word) == place && vectors.vector(place).count == vectors.dimensions)
  }
  // Words that are not wanted are counted and cost nothing else.
  let none = try WordVectors(BytesSource(text), format: vectors.format, isWanted: { _ in false })
  precondition(none.words.isEmpty && none.passedOver >= vectors.count && none.dimensions == vectors.dimensions)
}
