public import FileIO
import Glibc

/// A Kaldi archive, the bytes that Kaldi writes: `FM` matrices, or text with seven digits, which loses the last bits of a
/// number. With it, on request, the script that says where each utterance is.
public final class KaldiWriter: FeatureSink {
  private let archive: BufferedFile
  private let script: (file: BufferedFile, archivePath: String)?
  private let isText: Bool
  private let syncs: Bool

  /// - Parameters:
  ///   - archive: empty, or a pipe.
  ///   - script: takes the lines of the script, in which the archive is called `archivePath`.
  ///   - syncs: whether ``finish()`` waits until the bytes are on the disk.
  public init(
    _ archive: File, script: (file: File, archivePath: String)? = nil, isText: Bool = false, syncs: Bool = true
  ) throws {
    if let path = script?.archivePath, path.hasControlCharacter {
      throw Failure(.badInput, path: path, "a script cannot hold this name")
    }
    self.archive = BufferedFile(archive)
    self.script = script.map { (BufferedFile($0.file), $0.archivePath) }
    self.isText = isText
    self.syncs = syncs
  }

  public func write(_ frames: Frames, of id: Name) throws {
    func bad(_ reason: String) -> Failure { Failure(.badInput, path: archive.file.path, at: "'\(id)'", reason) }
    guard !id.text.isEmpty, !id.text.hasControlCharacter, !id.text.utf8.contains(0x20) else {
      throw bad("an id that is empty or has blanks cannot stand in a Kaldi archive")
    }
    guard let rows = Int32(exactly: frames.count), let columns = Int32(exactly: frames.dimension) else {
      throw bad("\(frames.count) × \(frames.dimension) is more than a Kaldi matrix holds")
    }
    try archive.write(id.text + " ")
    if let script { try script.file.write("\(id) \(script.archivePath):\(archive.count)\n") }
    if isText { return try archive.write(Self.text(frames)) }
    var header = KaldiMatrix.binaryMark + Array("FM ".utf8)
    // An empty matrix has neither rows nor columns.
    for extent in [rows, frames.count == 0 ? 0 : columns] {
      header.append(4)
      withUnsafeBytes(of: extent.littleEndian) { header.append(contentsOf: $0) }
    }
    try archive.write(header)
    try frames.values.withUnsafeBytes { try archive.write($0) }
  }

  public func finish() throws {
    for file in [archive, script?.file].compactMap({ $0 }) {
      try file.flush()
      if syncs { try file.file.synchronize() }
    }
  }

  /// As `Matrix::Write` of Kaldi's `kaldi-matrix.cc` with the seven digits of its streams.
  private static func text(_ frames: Frames) -> [UInt8] {
    guard frames.count > 0 else { return Array(" [ ]\n".utf8) }
    var text: [UInt8] = Array(" [".utf8)
    var buffer = [CChar](repeating: 0, count: 32)
    for row in 0..<frames.count {
      text.append(contentsOf: "\n  ".utf8)
      for value in frames.values[row * frames.dimension..<(row + 1) * frames.dimension] {
        let length = withVaList([Double(value)]) { vsnprintf(&buffer, buffer.count, "%.7g", $0) }
        text.append(contentsOf: buffer[..<Int(length)].lazy.map { UInt8(bitPattern: $0) })
        text.append(0x20)
      }
    }
    text.append(contentsOf: "]\n".utf8)
    return text
  }
}
