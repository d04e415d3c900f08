import FileIO
import Layouts

/// SPEAKERS.TXT: `ID | SEX | SUBSET | MINUTES | NAME`, comments after `;`. A name may contain bars.
func parseSpeakers(_ bytes: [UInt8], name: String) -> [TextLine<Speaker>] {
  parseLines(bytes, name: name) { line in
    if line.begins(with: ";") { return nil }
    let fields = line.pieces(at: "|", maxSplits: 4).map { trimmed($0) }
    guard fields.count == 5, let minutes = Double(fields[3]), minutes >= 0, minutes.isFinite, !fields[0].isEmpty else {
      throw Failure(.badInput, "not 'ID | SEX | SUBSET | MINUTES | NAME'")
    }
    return Speaker(id: fields[0], sex: fields[1], subset: fields[2], minutes: minutes, name: fields[4])
  }
}
