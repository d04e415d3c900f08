public import FileIO

/// Features by utterance id, as files of others hold them. Each utterance is read when it is asked for, in any order and
/// from any thread; nothing but the ids is kept.
public protocol FeatureSource: Sendable {
  /// What was opened.
  var path: String { get }
  /// For people: `Kaldi script`.
  var format: String { get }
  /// The ids in the order of the file, or of a folder's paths compared bytewise, component by component.
  var index: FeatureIndex { get }
  /// What was passed over on opening, for people.
  var notes: [String] { get }
  /// The shape of the utterance at a place in ``index``, checked against the bytes that are there. Text is read for it.
  func shape(at place: Int) throws -> FrameShape
  /// The frames of the utterance at a place in ``index``. Values of half, bfloat16 and double precision become the
  /// nearest single-precision ones.
  func frames(at place: Int) throws -> Frames
}

extension FeatureSource {
  public var ids: [Name] { index.ids }
  public var notes: [String] { [] }

  public func shape(of id: Name) throws -> FrameShape { try shape(at: place(of: id)) }

  public func frames(of id: Name) throws -> Frames { try frames(at: place(of: id)) }

  /// As ``frames(of:)``; values that are not finite are an error that counts them and says where the first is.
  public func finiteFrames(of id: Name) throws -> Frames {
    let frames = try frames(of: id)
    if let problem = frames.nonFinite { throw Failure(.badInput, path: path, at: id.text, "\(problem)") }
    return frames
  }

  private func place(of id: Name) throws -> Int {
    guard let place = index[id] else {
      throw Failure(.badInput, path: path, "no features of '\(id)' among those of \(ids.count) utterances")
    }
    return place
  }
}

/// Ids in their order, and where each is in it.
public struct FeatureIndex: Sendable {
  public private(set) var ids: [Name] = []
  private var places: [Name: Int] = [:]

  init() {}

  /// Nil if there is no such id.
  public subscript(id: Name) -> Int? { places[id] }

  /// Appends an id; one that cannot be an id, or is there already, is an error.
  mutating func append(_ id: Name, path: String, at position: @autoclosure () -> String) throws {
    guard !id.text.isEmpty, !id.text.hasControlCharacter else {
      throw Failure(.badInput, path: path, at: position(), "'\(id)' cannot be an utterance id")
    }
    guard places.updateValue(ids.count, forKey: id) == nil else {
      throw Failure(.badInput, path: path, at: position(), "'\(id)' is there twice")
    }
    ids.append(id)
  }
}

/// Opens features of any format that is read, told by their content: a folder of `ID.npy`, one `.npy`, safetensors with
/// a tensor for each utterance, a Kaldi archive (binary or text), or a Kaldi script (`.scp`).
public func openFeatures(_ path: String) throws -> any FeatureSource {
  if Folder.kind(of: path) == .folder { return try NPYFolder(path) }
  guard Folder.kind(of: path) != .other, !isSame(path, "-") else {
    throw Failure(
      .badInput, path: path, "not a regular file: utterances are read in any order, which a pipe does not allow",
      hint: "write it to a file first")
  }
  let head = try readHead(path)
  func isHead(_ bytes: [UInt8]) -> Bool { head.starts(with: bytes) }
  if isHead(NPYHeader.magic) { return try NPYFolder(file: path) }
  if head.count > 8, head[8] == UInt8(ascii: "{"), head[4..<8].allSatisfy({ $0 == 0 }) {
    return try SafetensorsFeatures(path)
  }
  for (bytes, kind, hint) in foreign where isHead(bytes) {
    throw Failure(.badInput, path: path, at: "byte 0", "\(kind), which is not read as features", hint: hint)
  }
  let blank = head.firstIndex { $0 <= 0x20 }
  guard let blank, blank > 0, head[blank] == 0x20 || head[blank] == 0x09 else {
    throw Failure(
      .badInput, path: path, at: "byte 0",
      head.isEmpty ? "empty" : "none of the formats that are read: .npy, safetensors, Kaldi archive or script")
  }
  let value = head[blank...].drop { $0 == 0x20 || $0 == 0x09 }
  if head[(blank + 1)...].starts(with: KaldiMatrix.binaryMark) || value.first == UInt8(ascii: "[") {
    return try KaldiArchive(path)
  }
  return try KaldiScript(path)
}

/// What people might give, and what helps.
private let foreign: [(head: [UInt8], kind: String, hint: String)] = [
  (Array("PK\u{3}\u{4}".utf8), "a zip archive (.npz, .pt)", "unzip an .npz into a folder: its members are ID.npy"),
  ([0x1f, 0x8b], "compressed with gzip", "gunzip it first: utterances are read in any order"),
  ([0x28, 0xb5, 0x2f, 0xfd], "compressed with zstd", "unzstd it first: utterances are read in any order"),
  ([0xfd, 0x37, 0x7a, 0x58, 0x5a], "compressed with xz", "unxz it first: utterances are read in any order"),
  (Array("BZh".utf8), "compressed with bzip2", "bunzip2 it first: utterances are read in any order"),
  ([0x89, 0x48, 0x44, 0x46], "an HDF5 file", "numpy.save one file for each utterance"),
  ([0x80, 0x02, 0x8a, 0x0a], "a pickle of PyTorch's", "safetensors.torch.save_file writes what can be read"),
  ([0x80], "a pickle", "numpy.save or safetensors write what can be read"),
]

private func readHead(_ path: String) throws -> [UInt8] {
  let file = try File.reading(path)
  return try [UInt8](unsafeUninitializedCapacity: 1 << 16) { buffer, count in
    count = try file.readFully(into: UnsafeMutableRawBufferPointer(buffer))
  }
}
