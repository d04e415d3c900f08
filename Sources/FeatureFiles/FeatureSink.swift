public import FileIO
import Glibc

/// Where the features of utterances are written, one utterance after the other.
public protocol FeatureSink: AnyObject {
  /// An utterance whose id or values the format cannot hold is an error, and nothing of it is written.
  func write(_ frames: Frames, of id: Name) throws
  /// After the last utterance: what was written is complete and on the disk.
  func finish() throws
}

/// `ID.npy` files, the bytes that `numpy.save` writes. An id with slashes makes folders. Files of the same names are
/// replaced, each as a whole.
public final class NPYWriter: FeatureSink {
  public enum Precision: Sendable { case float32, float16 }

  private let folder: String
  private let precision: Precision
  private var written: [String] = []

  /// - Parameter folder: is created if it is not there.
  public init(_ folder: String, precision: Precision = .float32) throws {
    self.folder = folder
    self.precision = precision
    try Folder.create(folder)
  }

  public func write(_ frames: Frames, of id: Name) throws {
    let parts = id.text.pieces(at: "/")
    guard !id.text.hasControlCharacter, parts.allSatisfy({ !$0.isEmpty && !isSame($0, ".") && !isSame($0, "..") })
    else { throw Failure(.badInput, path: folder, "'\(id)' cannot be the name of a file in this folder") }
    let bytes = try encoded(frames, id)
    let path = "\(folder)/\(id).npy"
    if parts.count > 1 { try Folder.create(Folder.parent(of: path)) }
    let temporary = path + ".partial"
    do {
      let file = try File.writing(temporary)
      try file.write(bytes)
      try file.close()
      guard rename(temporary, path) == 0 else { throw Failure.system("rename", path: temporary) }
      written.append(path)
    } catch {
      try? Folder.remove(file: temporary)
      throw error
    }
  }

  /// Waits for all files together: one wait for each of many small ones would take longer than their features.
  public func finish() throws {
    for path in written { try File.reading(path).synchronize() }
    var folders: Set<Name> = [Name(folder)]
    for path in written where folders.insert(Name(Folder.parent(of: path))).inserted {
      try Folder.synchronize(Folder.parent(of: path))
    }
    try Folder.synchronize(folder)
    written = []
  }

  private func encoded(_ frames: Frames, _ id: Name) throws -> [UInt8] {
    switch precision {
    case .float32:
      return frames.values.withUnsafeBytes { NPYHeader.encoded(type: "<f4", frames.shape) + $0 }
    case .float16:
      let values = frames.values.map { Float16($0) }
      if let i = values.indices.first(where: { !values[$0].isFinite && frames.values[$0].isFinite }) {
        throw Failure(
          .badInput, path: folder, at: id.text,
          "\(frames.values[i]) in frame \(i / frames.dimension), column \(i % frames.dimension) is beyond half "
            + "precision, whose largest number is 65504")
      }
      return values.withUnsafeBytes { NPYHeader.encoded(type: "<f2", frames.shape) + $0 }
    }
  }
}
