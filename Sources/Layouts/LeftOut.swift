import FileIO

/// Files of a corpus that somebody may take for a part of it and that are not read, by their endings.
package struct LeftOut {
  private var counts: [Name: Int] = [:]
  private let endings: [String]
  /// Recordings that are there in a second form.
  package var twins = 0

  private static let videos = ["mp4", "m4v", "mkv", "webm", "mov", "avi", "mpg", "mpeg", "flv", "3gp", "wmv", "ogv"]
  private static let documents = [
    "html", "htm", "xhtml", "xml", "rst", "tex", "rtf", "doc", "docx", "odt", "epub", "mobi", "pdf", "csv", "tsv",
    "json",
    "lz4", "7z", "br",
  ]

  /// - Parameter kind: of the corpus's records.
  package init(kind: String) {
    switch kind {
    case "audio": endings = Self.videos + ["raw", "pcm", "gz", "bz2", "xz", "zst", "lz4"]
    case "image": endings = Self.videos + ["npy", "npz", "h5", "pdf", "part"]
    case "text": endings = Self.documents
    default: endings = []
    }
  }

  /// Counts a file, if it is one.
  package mutating func add(_ name: String) {
    guard let ending = name.divided(atLast: ".")?.tail.asciiLowercased, endings.contains(where: { isSame($0, ending) })
    else { return }
    counts[Name(".\(ending)"), default: 0] += 1
  }

  /// `left out: 8 .mp4, 1 archive`; nil if there are none.
  ///
  /// - Parameter archives: that lie in a folder and are not read.
  package func note(archives: Int = 0) -> String? {
    var parts = counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key.text)" }
    if archives > 0 { parts.append("\(archives) archive\(archives == 1 ? "" : "s")") }
    if twins > 0 { parts.append("\(twins) second file\(twins == 1 ? "" : "s") of the same name") }
    return parts.isEmpty ? nil : "left out: \(parts.joined(separator: ", "))"
  }
}
