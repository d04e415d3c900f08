public import FileIO

/// A vocabulary as a file: `WORD TAB COUNT` a line, in the order of the ids, and nothing else; `WORD` alone where the count
/// is not known.
extension Vocabulary {
  /// What the file is called in a dataset.
  public static let fileName = "vocabulary.txt"

  public var file: [UInt8] {
    var bytes: [UInt8] = []
    for id in 0..<count {
      bytes.append(contentsOf: self[id])
      if let count = counts[id] { bytes.append(contentsOf: "\t\(count)".utf8) }
      bytes.append(0x0a)
    }
    return bytes
  }

  /// What ``file`` wrote, or a list of words of one's own: one a line, best the most frequent first, a count after a tab if
  /// there is one. `<unk>` may be the first and nothing else; if it is not there, it is put before the others.
  ///
  /// A word has no white space and no control characters. Blank and duplicate lines, invalid UTF-8, counts that are none and
  /// too many words are bad input, named with their lines.
  public init(reading source: any ByteSource) throws {
    let reader = LineReader(source, maximumLength: 1 << 20)
    self.init()
    while let line = try reader.next() {
      func bad(_ reason: String, hint: String? = "one word a line, a count after a tab if there is one") -> Failure {
        Failure(.badInput, path: source.path, at: "line \(reader.line)", reason, hint: hint)
      }
      guard String(validating: line, as: UTF8.self) != nil else { throw bad("not UTF-8") }
      let tab = line.firstIndex(of: 0x09)
      let word = Array(line[..<(tab ?? line.count)])
      let count = try tab.map { tab in
        let digits = line[(tab + 1)...]
        guard !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }),
          let count = Int(String(decoding: digits, as: UTF8.self))
        else { throw bad("'\(shown(digits))' is not a count") }
        return count
      }
      guard !word.isEmpty else { throw bad("no word") }
      let hasSpace = String(decoding: word, as: UTF8.self).unicodeScalars.contains { Characters.isSpace($0.value) }
      guard !hasSpace else { throw bad("'\(shown(word))' holds white space or a control character") }
      if word.elementsEqual(Self.unknown.utf8), reader.line == 1 {
        setUnknownCount(count)
        continue
      }
      guard append(word, count: count) else {
        throw bad(
          "'\(shown(word))' for the second time",
          hint: word.elementsEqual(Self.unknown.utf8) ? "it has id 0: its line is the first, or there is none" : nil)
      }
      guard self.count <= Self.maximumCount else {
        throw bad("more than \(Self.maximumCount) words, <unk> among them", hint: nil)
      }
    }
    guard count > 1 else { throw Failure(.badInput, path: source.path, "no words") }
  }
}
