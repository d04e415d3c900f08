package import FileIO

/// The tables of a Kaldi data folder (https://kaldi-asr.org/doc/data_prep.html): lines of a key, space, and the rest.
package struct KaldiTable {
  package struct Row {
    package var line: Int
    package var key: String
    package var value: String
  }

  package let path: String
  package private(set) var rows: [Row] = []
  package private(set) var problems: [Failure] = []
  /// Indices of ``rows``, by the bytes of their keys.
  private var indices: [SIMD2<UInt64>: Int] = [:]

  package init(_ path: String) throws {
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

  package func index(of key: String) -> Int? { indices[XXH3.key128(key)] }

  package subscript(key: String) -> Row? { index(of: key).map { rows[$0] } }

  package func failure(_ row: Row, _ reason: String, hint: String? = nil) -> Failure {
    Failure(.badInput, path: path, at: "line \(row.line)", reason, hint: hint)
  }

  /// `SPEAKER UTTERANCE…` as `UTTERANCE SPEAKER`.
  package func inverted() -> KaldiTable {
    var table = self
    (table.rows, table.indices) = ([], [:])
    for row in rows {
      for utterance in row.value.pieces(at: " ", "\t", omittingEmpty: true) {
        let new = Row(line: row.line, key: String(utterance), value: row.key)
        if let earlier = table[new.key] {
          table.problems.append(failure(row, "'\(new.key)' again; the first is in line \(earlier.line)"))
          continue
        }
        table.indices[XXH3.key128(new.key)] = table.rows.count
        table.rows.append(new)
      }
    }
    return table
  }

  /// The audio file of a row of wav.scp, as it is written there, and what of it a command takes.
  package func audio(_ row: Row) throws -> AudioCommand {
    let value = row.value
    guard !value.isEmpty else { throw failure(row, "'\(row.key)' has no file") }
    guard value.ends(with: "|") || value.begins(with: "|") else { return AudioCommand(file: value) }
    do { return try AudioCommand(parsing: value) } catch let refusal as Failure {
      throw failure(
        row, "'\(row.key)' is a command (\(value)), and none is run: \(refusal.reason)",
        hint: refusal.hint ?? "run it once and name the file that it writes")
    }
  }

  /// The channel of a row of reco2file_and_channel: `RECORDING FILE CHANNEL`, a letter or a number from 1 on.
  package func side(_ row: Row) throws -> Int {
    let fields = row.value.pieces(at: " ", "\t", omittingEmpty: true)
    if fields.count == 2, let number = Int(fields[1]), number >= 1 { return number }
    guard fields.count == 2, fields[1].utf8.count == 1, let letter = fields[1].utf8.first, 0x41...0x5a ~= letter & 0xdf
    else { throw failure(row, "not 'RECORDING FILE CHANNEL' with A, B, … or 1, 2, …") }
    return Int(letter & 0xdf) - 0x40
  }

  /// Seconds of a row of segments: `UTTERANCE RECORDING BEGIN END [CHANNEL]`. An end of -1 is that of the recording; the
  /// channel, numbered from 0 as Kaldi does here, is given from 1 on.
  package func segment(_ row: Row) throws -> (recording: String, begin: Double, end: Double?, channel: Int?) {
    let fields = row.value.pieces(at: " ", "\t", omittingEmpty: true)
    var channel: Int?
    if fields.count == 4 {
      guard let number = Int(fields[3]), (-1...4096).contains(number) else {
        throw failure(row, "the channel is '\(fields[3])'", hint: "in segments channels are numbered 0, 1, …")
      }
      channel = number < 0 ? nil : number + 1
    }
    guard (3...4).contains(fields.count), let begin = Double(fields[1]), let end = Double(fields[2]), begin >= 0,
      begin.isFinite,
      end > begin && end < 1e9 || end == -1
    else {
      throw failure(row, "not 'UTTERANCE RECORDING BEGIN END [CHANNEL]' with 0 <= BEGIN < END in seconds")
    }
    return (String(fields[0]), begin, end == -1 ? nil : end, channel)
  }
}
