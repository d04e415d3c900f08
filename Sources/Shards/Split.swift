import FileIO

/// `splits/NAME.txt`: a line `utterance id TAB part` for each utterance that has a part.
public enum Split {
  /// Relative to the dataset folder.
  public static func path(_ name: String) -> String { "splits/\(name).txt" }

  /// The split that a path of the card is of, also while it replaces another; nil for other files.
  static func name(ofPath path: String) -> String? {
    let path = FileEntry.lastingPath(path)
    guard path.begins(with: "splits/"), path.ends(with: ".txt") else { return nil }
    return String(path.dropping(last: ".txt".utf8.count).dropping(first: "splits/".utf8.count))
  }

  /// Names are file names: letters, digits, `.`, `_` and `-`, not beginning with a dot.
  public static func check(name: String) throws {
    let allowed = name.utf8.allSatisfy { byte in
      Character(Unicode.Scalar(byte)).isLetter || Character(Unicode.Scalar(byte)).isNumber || "._-".utf8.contains(byte)
    }
    guard allowed, name.utf8.allSatisfy({ $0 < 0x80 }), !name.isEmpty, !name.begins(with: "."), name.utf8.count <= 64
    else {
      throw Failure(.usage, "\"\(name)\" cannot name a split", hint: "letters, digits, '.', '_' and '-'")
    }
  }

  /// A part's name must survive a line of text.
  public static func check(part: String) throws {
    guard !part.isEmpty, !part.utf8.contains(where: { $0 < 0x20 || $0 == 0x7f }) else {
      throw Failure(.badInput, "\"\(part)\" cannot name a part of a split", hint: "no control characters, not empty")
    }
  }
}

extension Dataset {
  /// Names of the splits the dataset has.
  public var splitNames: [String] {
    card.files.compactMap { Split.name(ofPath: $0.path) }
  }

  /// The part of each utterance, by index; nil for those that have none.
  public func split(named name: String) throws -> [String?] {
    guard let entry = card.files.first(where: { isSame(Split.name(ofPath: $0.path), name) }) else {
      throw Failure(
        .badInput, path: folder, "no split \"\(name)\"",
        hint: splitNames.isEmpty ? "cpc-split makes one" : "there is \(splitNames.joined(separator: ", "))")
    }
    let path = "\(folder)/\(entry.path)"
    var parts: [SIMD2<UInt64>: String] = [:]
    let reader = LineReader(try File.reading(path))
    while let line = try reader.next() {
      let fields = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
      guard fields.count == 2, let id = String(validating: fields[0], as: UTF8.self),
        let part = String(validating: fields[1], as: UTF8.self), parts.updateValue(part, forKey: XXH3.key128(id)) == nil
      else {
        throw Failure(
          .corrupt, path: path, at: "line \(reader.line)", "not one new utterance id, a TAB and a part", hint: Self.hint
        )
      }
    }
    return try utteranceIDs().map { parts[XXH3.key128($0)] }
  }

  /// Adds a split, or replaces one with `replacing`; the card always describes what is there, also after a crash.
  public static func addSplit(
    named name: String, parts: [(id: String, part: String)], folder: String, replacing: Bool
  ) throws {
    try Split.check(name: name)
    for (_, part) in parts { try Split.check(part: part) }
    let update = try DatasetUpdate(folder)
    let path = Split.path(name)
    let isReplacing = update.card.file(path) != nil
    guard !isReplacing || replacing else {
      throw Failure(
        .exists, path: "\(folder)/\(path)", "the dataset has this split", hint: "\(setting: "force") replaces it")
    }
    let target = isReplacing ? FileEntry.pendingPath(path) : path
    try Folder.create("\(folder)/splits")
    try writeAtomically(to: "\(folder)/\(target)") { file in
      var text: [UInt8] = []
      for (id, part) in parts { text.append(contentsOf: "\(id)\t\(part)\n".utf8) }
      try file.write(text)
    }
    let entry = try FileEntry(of: target, in: folder)
    try update.insert(entry)
  }
}
