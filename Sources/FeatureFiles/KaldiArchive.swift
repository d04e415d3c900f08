import FileIO

/// A Kaldi archive without its script: utterance id, space, matrix, one after the other, each in binary or in text. It is
/// passed over once when it is opened, for the places of its entries.
public struct KaldiArchive: FeatureSource {
  public let path: String
  public let format = "Kaldi archive"
  public private(set) var index = FeatureIndex()
  private let file: MappedFile
  private let offsets: [Int]

  public init(_ path: String) throws {
    self.path = path
    let file = try MappedFile(path)
    var index = FeatureIndex()
    offsets = try file.withBytes { bytes in
      var offsets: [Int] = []
      var cursor = ByteCursor(bytes, path: path)
      while cursor.offset < bytes.count {
        let start = cursor.offset
        let id = try Self.id(&cursor)
        try index.append(Name(id), path: path, at: "byte \(start)")
        offsets.append(cursor.offset)
        if cursor.rest.starts(with: KaldiMatrix.binaryMark) {
          cursor.offset = try KaldiMatrix(at: cursor.offset, in: bytes, path: path).end
        } else {
          try KaldiMatrix.endOfText(&cursor)
        }
      }
      return offsets
    }
    guard !offsets.isEmpty else { throw Failure(.badInput, path: path, at: "byte 0", "empty") }
    self.file = file
    self.index = index
  }

  /// The longest id is far below this; a longer one is a sign that the place is wrong.
  private static let longestID = 4096

  private static func id(_ cursor: inout ByteCursor) throws -> String {
    let bytes = cursor.rest.prefix(longestID).prefix { $0 > 0x20 }
    guard !bytes.isEmpty, let id = String(validating: bytes, as: UTF8.self) else {
      throw cursor.failure("an utterance id expected, not '\(printed(cursor.rest.prefix(16)))'")
    }
    cursor.offset += bytes.count
    guard case let blank = try cursor.take(1, "a space after the utterance id")[0], blank == 0x20 || blank == 0x09
    else {
      throw cursor.failure("a space expected after the utterance id '\(id)'", at: cursor.offset - 1)
    }
    return id
  }

  public func shape(at place: Int) throws -> FrameShape { try matrix(at: place).shape }

  public func frames(at place: Int) throws -> Frames {
    let matrix = try matrix(at: place)
    return file.withBytes { matrix.frames(in: $0) }
  }

  private func matrix(at place: Int) throws -> KaldiMatrix {
    try file.withBytes { try KaldiMatrix(at: offsets[place], in: $0, path: path) }
  }
}
