import OrderedJSON

/// A manifest of animals in the order of their files, with lines among them that nobody can serve.
struct ZooManifest {
  private(set) var lines: [String] = []
  private(set) var good: [Enclosure.Good] = []
  /// What is wrong with lines, by number, and with files.
  private(set) var badLines: [(line: Int, reason: String)] = []
  private(set) var badFiles: [(path: String, reason: String)] = []

  private typealias Change = (inout JSONObject) -> Void

  /// - Parameter archive: what holds the files; nil for a folder.
  init(_ animals: [(path: String, animal: Zoo.Animal)], archive: String?) {
    let broken = Self.brokenLines(inArchive: archive != nil)
    var rest = broken[...]
    for (number, (path, animal)) in animals.enumerated() {
      let line = Self.line(path, animal, number, archive: archive)
      let declared = line["samples"]?.intValue ?? 0
      add(line)
      if animal.reason == nil {
        good.append(.init(id: animal.name, path: path, text: line["text"]?.stringValue, samples: animal.samples))
        addPiece(of: line, animal, path)
      } else if declared > 1 << 27 {
        badLines.append((lines.count, animal.reason!))
      } else {
        badFiles.append((path, animal.reason!))
      }
      // Two at a time, after the file that they misuse, as an archive is read once. The last file is a good one and has
      // the rest.
      for (reason, change) in number == animals.count - 1 ? rest : rest.prefix(2) where animal.reason == nil {
        spoil(line, reason, change, path)
        rest = rest.dropFirst()
      }
    }
    for (text, reason) in [
      ("{broken", "not JSON"), ("[1]", "not a JSON object"), ("\"text\"", "not a JSON object"),
      ("{}", "'id' is missing"),
    ] {
      lines.append(text)
      badLines.append((lines.count, reason))
    }
    // No problem.
    lines.append("  ")
  }

  private static func line(_ path: String, _ animal: Zoo.Animal, _ number: Int, archive: String?) -> JSONObject {
    var line: JSONObject = ["id": .string(animal.name), "source": .string(archive ?? path)]
    if archive != nil { line["member"] = .string(path) }
    line["group"] = .string("s")
    line["samples"] = .int(animal.samples.isEmpty ? declaredSamples(animal.bytes) ?? 22_222 : animal.samples.count)
    line["rate"] = .int(16_000)
    if animal.reason == nil, number > 0 { line["text"] = .string("THIS IS \(number)") }
    return line
  }

  /// What a FLAC header says.
  private static func declaredSamples(_ bytes: [UInt8]) -> Int? {
    guard bytes.count > 44, bytes.starts(with: "fLaC".utf8) else { return nil }
    let count = bytes[22..<26].reduce(Int(bytes[21] & 0xf)) { $0 << 8 | Int($1) }
    return count > 0 ? count : nil
  }

  /// Each is a good line with something changed.
  private static func brokenLines(inArchive: Bool) -> [(reason: String, change: Change)] {
    [
      (
        inArchive ? "does not come" : "No such file",
        { line in
          line["source"] = inArchive ? line["source"] : .string("audio")
          line["member"] = .string("gone.flac")
        }
      ),
      ("cannot be opened: No such file", { $0["source"] = .string("gone") }),
      (
        "is a folder, and no 'member' says which",
        { line in
          line["source"] = .string("audio")
          line["member"] = nil
        }
      ),
      ("duplicate utterance id; the first is in line", { _ in }),
      ("'offset' is -1: at least 0", { $0["offset"] = .int(-1) }),
      ("which is not inside", { $0["offset"] = .int(1 << 40) }),
      ("which is not inside", { $0["length"] = .int(1 << 40) }),
      ("'length' is 0: at least 1", { $0["length"] = .int(0) }),
      ("samples at 16000 Hz, but", { $0["samples"] = .int($0["samples"]!.intValue! + 1) }),
      ("samples at 8000 Hz, but", { $0["rate"] = .int(8_000) }),
      ("'samples' is not a whole number", { $0["samples"] = .string("many") }),
      ("'samples' is not a whole number", { $0["samples"] = .number("1e30") }),
      ("'rate' is 0: at least 1", { $0["rate"] = .int(0) }), ("'group' is missing", { $0["group"] = nil }),
      ("'source' is missing", { $0["source"] = nil }), ("'id' is empty", { $0["id"] = .string("") }),
      ("'id' contains a control character", { $0["id"] = .string("a\nb") }),
      ("'text' is not a text", { $0["text"] = .int(5) }),
      ("'phones[0]' is not", { $0["phones"] = .array([.array([.string("S"), .int(2), .int(1)])]) }),
    ]
  }

  private mutating func add(_ line: JSONObject) { lines.append(JSON.object(line).compact) }

  private mutating func addPiece(of line: JSONObject, _ animal: Zoo.Animal, _ path: String) {
    var piece = line
    piece["id"] = .string("piece-" + animal.name)
    piece["text"] = nil
    piece["offset"] = .int(1_000)
    piece["length"] = .int(1_500)
    add(piece)
    good.append(.init(id: "piece-" + animal.name, path: path, samples: Array(animal.samples[1_000..<2_500])))
  }

  private mutating func spoil(_ line: JSONObject, _ reason: String, _ change: Change, _ path: String) {
    var line = line
    // The first stays a duplicate.
    if !reason.hasPrefix("duplicate") { line["id"] = .string("bad-\(lines.count)") }
    change(&line)
    add(line)
    if line["member"] == .string("gone.flac") {
      badFiles.append((line["source"] == .string("audio") ? "audio/gone.flac" : "gone.flac", reason))
    } else {
      badLines.append((lines.count, reason))
    }
  }
}
