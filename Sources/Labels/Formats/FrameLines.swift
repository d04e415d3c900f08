import FileIO

/// `UTT-ID LABEL LABEL …`, one label a frame: what `ali-to-phones --per-frame` writes, and the labels that the authors of
/// CPC published, which are numbers of classes.
final class FrameLines: LabelSource {
  private let reader: LineReader
  private let grid: FrameGrid
  private let decode: (_ label: String, _ failure: (String) -> Failure) throws -> String
  /// Names that have been looked up, by their spelling.
  private var known: [[UInt8]: String] = [:]
  let path: String

  /// - Parameter decode: gives the name of a label as spelled, or throws what the closure makes of a reason.
  init(
    _ file: File, head: [UInt8], grid: FrameGrid,
    decode: @escaping (_ label: String, _ failure: (String) -> Failure) throws -> String
  ) {
    reader = LineReader(file, head: head)
    self.grid = grid
    self.decode = decode
    path = file.path
  }

  func next() throws -> LabelTrack? {
    while let line = try reader.next() {
      let fields = line.split { $0 == 0x20 || $0 == 0x09 }
      guard let first = fields.first else { continue }
      guard let id = String(validating: first, as: UTF8.self) else { throw bad("not UTF-8") }
      var last: (spelled: ArraySlice<UInt8>, name: String)?
      let labels: [String?] = try fields.dropFirst().map { field in
        if let last, last.spelled == field { return last.name }
        let name = try name(field, of: id)
        last = (field, name)
        return name
      }
      return LabelTrack(id: id, content: .frames(labels, grid), position: "line \(reader.line)")
    }
    return nil
  }

  private func name(_ field: ArraySlice<UInt8>, of id: String) throws -> String {
    if let name = known[Array(field)] { return name }
    guard let text = String(validating: field, as: UTF8.self) else { throw bad("\(id): not UTF-8") }
    let name = try decode(text) { self.bad("\(id): \($0)") }
    known[Array(field)] = name
    return name
  }

  private func bad(_ reason: String) -> Failure {
    Failure(.badInput, path: path, at: "line \(reader.line)", reason)
  }

  /// The line of one utterance. These formats have a label for every frame.
  static func write(_ track: LabelTrack, _ labels: [String?], encode: (String) throws -> String) throws -> String {
    var last: (label: String, text: String)?
    var line = try field(track.id)
    for (i, label) in labels.enumerated() {
      guard let label else {
        throw Failure(
          .badInput, "frame \(i) of \(labels.count) has no label: the format cannot say that",
          hint: "\(setting: "fill") SIL gives it one")
      }
      if !isSame(label, last?.label) { last = (label, try encode(label)) }
      line += " " + last!.text
    }
    return line + "\n"
  }
}
