import Audio
import Corpora
import FileIO
import Glibc
import Images
import Manifests
import TestSupport

/// A reader that takes foreign bytes. Whatever they are, it refuses them with an error or hands out what is consistent;
/// anything else traps, and so is found by a fuzzer.
public enum FuzzTarget: String, CaseIterable, Sendable {
  /// One JSON text.
  case json
  /// The header of a safetensors file.
  case safetensors
  /// A manifest of any number of lines; what its sources are relative to holds one recording and one archive.
  case manifest
  /// A byte that chooses the layout, then an archive.
  case archive
  /// A record stream.
  case stream
  /// An audio file of any container and coding: what its header says against what is there, then all samples.
  case audio
  /// A byte that chooses fit and filter, then a picture.
  case image
  /// Two bytes that choose kind, encoding and rules, then a text.
  case text
  /// A byte that chooses separator and columns, then a table of pictures; or, from 128 on, a list of classes.
  case table
  /// Features that others made: NumPy's, safetensors', or Kaldi's.
  case features
  /// A byte that chooses the format, then word vectors.
  case vectors
  /// Alignments: those of NIST's CTM, a Praat TextGrid, the JSON of the Montreal Forced Aligner, names and classes of
  /// frames a line, and JSON Lines.
  case ctm
  case textgrid
  case mfaJSON = "mfa-json"
  case frames
  case classes
  case labels
}

/// Runs a target on one input after the other. For one user at a time.
public final class FuzzReader {
  private let target: FuzzTarget
  private let folder: TemporaryFolder
  private let input: File
  private let decoder: AudioDecoder
  private let samples = SampleBuffer()
  private var stretch: [Double] = []
  private let images: ImageFuzzer

  public init(_ target: FuzzTarget) throws {
    self.target = target
    folder = try TemporaryFolder()
    input = try File.writing(folder("input"))
    decoder = try AudioDecoder()
    images = try ImageFuzzer()
    guard target == .manifest else { return }
    let audio = try AudioFile.encode(SpeechCorpus.speech(count: Self.recordingSamples, seed: 1))
    try Folder.create(folder("root"))
    try File.writing(folder("root/a.flac")).write(audio)
    try ArchiveFile.write([.init("x/a.flac", audio)], to: folder("root/a.tar"))
  }

  /// Samples of the recording that manifests can name, as `a.flac` or as `x/a.flac` in `a.tar`.
  public static let recordingSamples = 200

  /// Whether `bytes` were good.
  public func run(_ bytes: [UInt8]) -> Bool {
    do {
      switch target {
      case .json: try readJSON(bytes)
      case .safetensors: try readHeader(bytes)
      case .manifest: try readManifest(bytes)
      case .archive: try readArchive(bytes)
      case .stream: try readStream(try file(bytes))
      case .audio: try readAudio(bytes, into: &stretch)
      case .image: try images.run(bytes)
      case .text: try fuzzText(bytes)
      case .table: try fuzzTable(bytes)
      case .features: try fuzzFeatures(try file(bytes).path)
      case .vectors: try fuzzVectors(bytes)
      case .ctm, .textgrid, .mfaJSON, .frames, .classes, .labels:
        // A line may end with any of two bytes.
        let lines = bytes.count { $0 == 0x0a || $0 == 0x0d }
        try readLabels(try file(bytes), target.labelFormat!, lines: lines)
      }
      return true
    } catch { return false }
  }

  private func readManifest(_ bytes: [UInt8]) throws {
    let good = try goodLines(bytes)
    let corpus = try Corpus(manifest: try file(bytes), options: CorpusOptions(root: folder("root")))
    precondition(corpus.declaredUnits ?? 0 >= 0)
    let decoded = try decodeAll(corpus)
    precondition(decoded <= good, "more utterances than lines that name one")
  }

  private func readArchive(_ bytes: [UInt8]) throws {
    guard let first = bytes.first else { throw Failure(.badInput, "nothing") }
    let layouts: [Layout] = [.librispeech, .speakerFolders, .libriLight]
    var options = CorpusOptions(layout: layouts[Int(first) % layouts.count])
    if first & 0x40 != 0 { options.layout = first & 1 == 0 ? .webdataset : .classFolders }
    if options.layout == .speakerFolders { options.below = "." }
    // From 128 on what is not 16 kHz mono is converted.
    options.conversion = AudioConversion(resamples: first > 127, mixesDown: first > 127)
    _ = try decodeAll(Corpus.opening([try file(withTarChecksums(bytes[1...])).path], options: options).corpus)
  }

  /// Decodes every utterance; returns how many could be. None is a failure.
  private func decodeAll(_ corpus: Corpus) throws -> Int {
    var good = 0
    while let event = try corpus.next() {
      switch event {
      case .utterance(let utterance): if decode(utterance) { good += 1 }
      case .declared(let item): if let utterance = try? item.open(), decode(utterance) { good += 1 }
      case .problem(let problem): precondition(!problem.failure.reason.isEmpty)
      case .transcript, .speakers: break
      }
    }
    if good == 0 { throw Failure(.badInput, "nothing could be decoded") }
    return good
  }

  private func decode(_ utterance: CorpusUtterance) -> Bool {
    if case .image(let format) = utterance.format {
      precondition(format.width > 0 && format.height > 0)
      return true
    }
    // A few bytes of a header can promise hours, and of FLAC also be hours of silence.
    guard utterance.entry.range.upperBound <= 1 << 20, utterance.entry.units <= 1 << 20,
      (try? decoder.decode(utterance.piece, into: samples)) != nil
    else { return false }
    precondition(samples.count == utterance.entry.units, "not as many samples as the utterance says")
    return true
  }

  /// The input as a file. It is one and the same, filled again: to create one takes longer than most readings.
  private func file(_ bytes: [UInt8]) throws -> File {
    guard ftruncate(input.descriptor, 0) == 0 else { throw Failure.system("empty", path: input.path) }
    try bytes.withUnsafeBytes { try input.write($0, at: 0) }
    try input.seek(to: 0)
    return input
  }
}
