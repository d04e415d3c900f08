import Features
import FileIO
import Glibc

/// The cepstra of a corpus, in a temporary file without a name that is mapped once all are there: 19 MB an hour of
/// audio, which the system keeps in memory as far as there is room. One thread fills it; once it is
/// finished, any number may read it.
final class FeatureStore: @unchecked Sendable {
  private let output: BufferedFile
  private var starts = [0]
  private var map: MappedFile?

  init() throws {
    let folder = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
    var template = Array("\(folder)/cpc-align-XXXXXX".utf8CString)
    let descriptor = mkstemp(&template)
    guard descriptor >= 0 else {
      var failure = Failure.system("create a temporary file", path: folder)
      failure.hint = "TMPDIR names another folder"
      throw failure
    }
    unlink(template)
    let file = File(descriptor: descriptor, path: "\(folder): temporary file")
    output = BufferedFile(file)
  }

  var count: Int { starts.count - 1 }

  /// Adds the cepstra of the next utterance, [frames, 13].
  func append(_ cepstra: [Float]) throws {
    precondition(map == nil)
    starts.append(starts.last! + cepstra.count / MFCC.dimension)
    try cepstra.withUnsafeBytes { try output.write($0) }
  }

  /// No more will be appended.
  func finish() throws {
    try output.flush()
    map = try MappedFile("/proc/self/fd/\(output.file.descriptor)")
  }

  func frames(of utterance: Int) -> Int { starts[utterance + 1] - starts[utterance] }

  /// [frames, 13]; valid as long as the store.
  func cepstra(of utterance: Int) -> UnsafePointer<Float> {
    map!.withBytes { bytes in
      bytes.baseAddress!.assumingMemoryBound(to: Float.self) + starts[utterance] * MFCC.dimension
    }
  }
}
