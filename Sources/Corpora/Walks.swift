import FileIO

final class CorpusWalk: Walk {
  init(inputs: [String], layout: Layout?, root: String?, head: [UInt8]) throws {
    throw Failure(.usage, "walking a corpus comes with the next commit")
  }
  func next() throws -> CorpusEvent? { nil }
  let progress: (done: Int, total: Int?) = (0, nil)
  let progressUnit = ProgressUnit.bytes
  let declaredSamples: Int? = nil
  let minimumDecodedBytes: Int? = nil
  let utterancesWithoutTranscript = 0
}

final class ManifestWalk: Walk {
  init(manifest: File, head: [UInt8], root: String?) throws {
    throw Failure(.usage, "walking a manifest comes with the next commit")
  }
  func next() throws -> CorpusEvent? { nil }
  let progress: (done: Int, total: Int?) = (0, nil)
  let progressUnit = ProgressUnit.lines
  let declaredSamples: Int? = nil
  let minimumDecodedBytes: Int? = nil
  let utterancesWithoutTranscript = 0
}
