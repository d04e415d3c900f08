import FileIO

/// What of a corpus is not read and is no fault: files that somebody may take for a part of it, told by their endings, and
/// others that are counted.
package struct LeftOut {
  private var endings: [Name: Int]
  /// Recordings that are there in a second form.
  package var twins = 0
  /// Files of samples that are no picture, class, text or JSON.
  package var unread = 0

  private static let videos = "mp4 m4v mkv webm mov avi mpg mpeg flv 3gp wmv ogv"

  /// - Parameter kind: of the corpus's records.
  package init(kind: String) {
    let known =
      switch kind {
      case "audio": "\(Self.videos) raw pcm sw s8 u8 s16 s24 s32 f32 al ul vox qcp rm dts cda htk gz bz2 xz zst lz4"
      case "image": "\(Self.videos) npy npz h5 pdf part"
      case "text": "html htm xhtml xml rst tex rtf doc docx odt epub mobi pdf csv tsv json lz4 7z br"
      default: ""
      }
    endings = Dictionary(uniqueKeysWithValues: known.pieces(at: " ", omittingEmpty: true).map { (Name($0), 0) })
  }

  /// Counts a file, if its ending is one of those.
  package mutating func add(_ name: String) {
    guard let ending = name.divided(atLast: ".")?.tail.asciiLowercased else { return }
    endings[Name(ending)]? += 1
  }

  /// `left out: 8 .mp4, 1 archive`; nil if there is nothing.
  ///
  /// - Parameters:
  ///   - archives: that lie in a folder and are not read.
  ///   - clips: that no table lists.
  package func note(archives: Int = 0, clips: Int = 0) -> String? {
    func counted(_ count: Int, _ one: String, _ many: String) -> String? {
      count > 0 ? "\(count) \(count == 1 ? one : many)" : nil
    }
    let files = endings.filter { $0.value > 0 }.sorted { $0.key < $1.key }.map { "\($0.value) .\($0.key.text)" }
    let parts =
      files
      + [
        counted(archives, "archive", "archives"), counted(clips, "clip in no table", "clips in no table"),
        counted(unread, "other file in samples", "other files in samples"),
        counted(twins, "second file of the same name", "second files of the same name"),
      ].compactMap { $0 }
    return parts.isEmpty ? nil : "left out: \(parts.joined(separator: ", "))"
  }
}
