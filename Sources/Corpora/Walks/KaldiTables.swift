import FileIO

/// The tables of a Kaldi data folder (https://kaldi-asr.org/doc/data_prep.html): lines of a key, space, and the rest.
struct KaldiTable {
  struct Row {
    var line: Int
    var key: String
    var value: String
  }

  let path: String
  private(set) var rows: [Row] = []
  private(set) var problems: [Failure] = []
  /// Indices of ``rows``, by the bytes of their keys.
  private var indices: [SIMD2<UInt64>: Int] = [:]

  init(_ path: String) throws {
    self.path = path
    let lines = LineReader(try File.reading(path))
    while let bytes = try lines.next() {
      if isBlank(bytes) { continue }
      guard let text = String(validating: bytes, as: UTF8.self) else {
        problems.append(Failure(.badInput, path: path, at: "line \(lines.line)", "not UTF-8"))
        continue
      }
      let parts = trimmed(text).pieces(at: " ", "\t", maxSplits: 1)
      let row = Row(line: lines.line, key: String(parts[0]), value: parts.count > 1 ? trimmed(parts[1]) : "")
      guard !row.key.hasControlCharacter else {
        problems.append(failure(row, "'\(row.key)' holds a control character"))
        continue
      }
      if let earlier = index(of: row.key) {
        problems.append(failure(row, "'\(row.key)' again; the first is in line \(rows[earlier].line)"))
        continue
      }
      indices[XXH3.key128(row.key)] = rows.count
      rows.append(row)
    }
  }

  func index(of key: String) -> Int? { indices[XXH3.key128(key)] }

  subscript(key: String) -> Row? { index(of: key).map { rows[$0] } }

  func failure(_ row: Row, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "line \(row.line)", reason, hint: hint)
  }

  /// The audio file of a row of wav.scp, as it is written there.
  func audioPath(_ row: Row) throws -> String {
    let value = row.value
    guard !value.isEmpty else { throw failure(row, "'\(row.key)' has no file") }
    guard !value.ends(with: "|"), !value.begins(with: "|") else {
      throw failure(
        row, "'\(row.key)' is a command (\(value)), not a file",
        hint: "no command is run: name the audio file itself, FLAC, WAV, SPHERE and others are read as they are")
    }
    return value
  }

  /// Seconds of a row of segments: `UTTERANCE RECORDING BEGIN END`. An end of -1 is that of the recording.
  func segment(_ row: Row) throws -> (recording: String, begin: Double, end: Double?) {
    let fields = row.value.pieces(at: " ", "\t", omittingEmpty: true)
    guard fields.count == 3, let begin = Double(fields[1]), let end = Double(fields[2]), begin >= 0, begin.isFinite,
      end > begin && end < 1e9 || end == -1
    else {
      throw failure(row, "not 'UTTERANCE RECORDING BEGIN END' with 0 <= BEGIN < END in seconds")
    }
    return (String(fields[0]), begin, end == -1 ? nil : end)
  }
}
