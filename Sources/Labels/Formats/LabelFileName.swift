import FileIO

/// What a file of one utterance says by its name. Its id is the path below the folder, or in the archive, without the
/// ending (`SPEAKER/FILE.TextGrid`, as the Montreal Forced Aligner writes for speakers in folders); where the name itself
/// says what the folders say, as LibriSpeech's do (`84/121123/84-121123-0000`), it is the name alone.
struct LabelFileName {
  let id: String
  /// The longest first; the whole path is among them or is the id.
  let otherIDs: [String]

  /// - Parameters:
  ///   - place: below the folder that is read.
  ///   - given: how the user named the file, if not by a folder: folders in that path may be those of an id.
  init(_ place: String, given: String? = nil) {
    let whole = Self.withoutEnding(place)
    let folders = whole.pieces(at: "/", omittingEmpty: true).filter { !isSame($0, ".") }
    let path = folders.joined(separator: "/")
    let name = String(folders.last ?? "")
    if folders.count >= 3,
      isSame(
        name.pieces(at: "-").dropLast().joined(separator: "/"), folders.suffix(3).dropLast().joined(separator: "/"))
    {
      id = name
      otherIDs = [path] + IDIndex.ends(of: path).filter { !isSame($0, name) }
    } else {
      id = path
      let typed = given.map { Self.withoutEnding($0).pieces(at: "/", omittingEmpty: true).joined(separator: "/") }
      otherIDs = typed.map { ([$0] + IDIndex.ends(of: $0)).filter { $0.utf8.count > path.utf8.count } } ?? []
    }
  }

  /// The same in capital letters, and their ends.
  var capitals: [String] {
    let whole = TIMITSets.upper(id)
    return isSame(whole, id) ? [] : [whole] + IDIndex.ends(of: whole)
  }

  private static func withoutEnding(_ path: String) -> String {
    let path = uncompressed(path)
    guard let (head, tail) = path.divided(atLast: "."), !tail.utf8.contains(UInt8(ascii: "/")) else { return path }
    return String(head)
  }

  static func uncompressed(_ name: String) -> String {
    let endings = [".gz", ".zst", ".bz2", ".xz", ".lz4"]
    let lowercased = name.asciiLowercased
    return endings.first { lowercased.ends(with: $0) }
      .map { String(name.dropping(last: $0.utf8.count)) } ?? name
  }
}
