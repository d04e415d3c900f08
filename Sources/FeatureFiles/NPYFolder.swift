import FileIO

/// A folder of `.npy` files, also in folders below it. The id of an utterance is its file's path below the folder without
/// `.npy`.
public struct NPYFolder: FeatureSource {
  public let path: String
  public let format: String
  public private(set) var index = FeatureIndex()
  public private(set) var notes: [String] = []
  /// The only file, where no folder was opened.
  private let file: String?

  /// Deeper folders are refused: a link may point upwards.
  private static let maximumDepth = 32
  private static let ending = ".npy"

  public init(_ path: String) throws {
    self.path = path
    format = "folder of .npy files"
    file = nil
    var others: [String] = []
    try walk("", depth: 0, &others)
    guard !index.ids.isEmpty else {
      throw Failure(
        .badInput, path: path, "no .npy file in this folder or below it",
        hint: others.first.map { "of what is there, as \($0), name one file" })
    }
    if let first = others.first {
      notes = [
        "\(path): \(others.count) of its files not read, since they are not .npy: \(first)\(others.count > 1 ? ", …" : "")"
      ]
    }
  }

  /// One file; the id is its name without `.npy`.
  public init(file path: String) throws {
    self.path = path
    format = ".npy file"
    file = path
    let name = Folder.name(of: path)
    let id = name.ends(with: Self.ending) ? name.dropping(last: Self.ending.utf8.count) : name[...]
    try index.append(Name(id), path: path, at: "its name")
  }

  private mutating func walk(_ below: String, depth: Int, _ others: inout [String]) throws {
    let folder = below.isEmpty ? path : "\(path)/\(below)"
    guard depth < Self.maximumDepth else {
      throw Failure(
        .badInput, path: folder, "more than \(Self.maximumDepth) folders deep", hint: "a link that points up?")
    }
    for bytes in try Folder.rawNames(in: folder) {
      guard let name = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.badInput, path: folder, "the name \(shown(bytes)) is not UTF-8, so it cannot be an utterance id")
      }
      let member = below.isEmpty ? name : "\(below)/\(name)"
      if Folder.kind(of: "\(path)/\(member)") == .folder {
        try walk(member, depth: depth + 1, &others)
      } else if name.ends(with: Self.ending), name.utf8.count > Self.ending.utf8.count {
        try index.append(Name(member.dropping(last: Self.ending.utf8.count)), path: path, at: member)
      } else {
        others.append(member)
      }
    }
  }

  public func shape(at place: Int) throws -> FrameShape {
    let file = try MappedFile(path(at: place))
    return try file.withBytes { try NPYHeader(parsing: $0, path: file.path).shape }
  }

  public func frames(at place: Int) throws -> Frames {
    let file = try MappedFile(path(at: place))
    return try file.withBytes { bytes in
      let header = try NPYHeader(parsing: bytes, path: file.path)
      let data = UnsafeRawBufferPointer(rebasing: bytes[header.dataStart...])
      return Frames(
        values: header.elements.values(data, header.shape), count: header.shape.count,
        dimension: header.shape.dimension)
    }
  }

  private func path(at place: Int) -> String { file ?? "\(path)/\(index.ids[place])\(Self.ending)" }
}
