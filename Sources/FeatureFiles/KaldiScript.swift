import FileIO
import Synchronization

/// A Kaldi script (`.scp`): lines of an utterance id and where its matrix is, `path:offset` in an archive or `path` of a
/// file of its own. A relative path is, as in Kaldi, relative to the working folder, and only where nothing is there to
/// the script's.
public final class KaldiScript: FeatureSource {
  public let path: String
  public let format = "Kaldi script"
  public let index: FeatureIndex
  private let places: [(archive: Int32, offset: Int)]
  private let archives: [String]
  /// The archive that was read last, because those of a script are read one after the other, as a rule.
  private let last = Mutex<(archive: Int32, file: MappedFile)?>(nil)

  public init(_ path: String) throws {
    self.path = path
    let reader = LineReader(try File.reading(path), maximumLength: 1 << 16)
    var index = FeatureIndex()
    var places: [(archive: Int32, offset: Int)] = []
    var archives: [String] = []
    var numbers: [Name: Int32] = [:]
    while let line = try reader.next() {
      if isBlank(line) { continue }
      let position = "line \(reader.line)"
      let entry = try Self.entry(line, path: path, at: position)
      try index.append(Name(entry.id), path: path, at: position)
      let number = numbers[Name(entry.file)] ?? Int32(archives.count)
      if number == archives.count {
        numbers[Name(entry.file)] = number
        archives.append(try Self.resolved(entry.file, script: path, at: position))
      }
      places.append((number, entry.offset))
    }
    guard !places.isEmpty else { throw Failure(.badInput, path: path, "no lines of an utterance id and a file") }
    self.index = index
    self.places = places
    self.archives = archives
  }

  private static func entry(
    _ line: [UInt8], path: String, at position: String
  ) throws -> (id: String, file: String, offset: Int) {
    func bad(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: path, at: position, reason, hint: hint)
    }
    guard let text = String(validating: line, as: UTF8.self) else { throw bad("not UTF-8") }
    let parts = trimmed(text).pieces(at: " ", "\t", maxSplits: 1)
    guard parts.count == 2, case let place = trimmed(parts[1]), !place.isEmpty else {
      throw bad("an utterance id and a file expected")
    }
    guard !place.ends(with: "|"), !place.begins(with: "|") else {
      throw bad("a command, which is not run", hint: "copy-feats scp:… ark,scp:… writes what it gives to files")
    }
    guard !place.ends(with: "]") else {
      throw bad(
        "a range of rows or columns, which is not read", hint: "copy-feats writes the ranges to files of their own")
    }
    if let (file, offset) = place.divided(atLast: ":"), let offset = Int(offset), offset >= 0, !file.isEmpty {
      return (String(parts[0]), String(file), offset)
    }
    return (String(parts[0]), place, 0)
  }

  private static func resolved(_ file: String, script: String, at position: String) throws -> String {
    if Folder.kind(of: file) != nil { return file }
    let beside = "\(Folder.parent(of: script))/\(file)"
    guard !file.begins(with: "/"), Folder.kind(of: beside) != nil else {
      let places = file.begins(with: "/") ? "" : " here or beside the script"
      throw Failure(.badInput, path: script, at: position, "no file \(file)\(places)")
    }
    return beside
  }

  public func shape(at place: Int) throws -> FrameShape { try withMatrix(at: place) { matrix, _ in matrix.shape } }

  public func frames(at place: Int) throws -> Frames {
    try withMatrix(at: place) { matrix, bytes in matrix.frames(in: bytes) }
  }

  private func withMatrix<Result>(
    at place: Int, _ body: (KaldiMatrix, UnsafeRawBufferPointer) -> Result
  ) throws -> Result {
    let (archive, offset) = places[place]
    let file = try file(archive)
    return try file.withBytes { bytes in
      guard offset < bytes.count else {
        let reason = "\(file.path):\(offset) is not there: that file has \(bytes.count) bytes"
        throw Failure(.badInput, path: path, at: index.ids[place].text, reason)
      }
      return body(try KaldiMatrix(at: offset, in: bytes, path: file.path), bytes)
    }
  }

  private func file(_ archive: Int32) throws -> MappedFile {
    if let file = last.withLock({ $0.flatMap { $0.archive == archive ? $0.file : nil } }) { return file }
    let file = try MappedFile(archives[Int(archive)])
    last.withLock { $0 = (archive, file) }
    return file
  }
}
