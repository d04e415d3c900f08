import FileIO
import Testing

/// No line of the sources compares names from outside as Swift compares texts. What ``Name`` and its companions cannot
/// make impossible is found here, by the spelling of the line.
@Suite struct ByteNamesTests {
  private struct Rule {
    var pattern: String
    var instead: String
  }

  private static let rules = [
    Rule(pattern: #"\[(String|Substring|Character) ?: "#, instead: "[Name: …]"),
    Rule(pattern: #"(Dictionary|Set)<(String|Substring|Character)\b"#, instead: "Set<Name>"),
    Rule(pattern: #"\.has(Prefix|Suffix)\(|\bhas(Prefix|Suffix)\("#, instead: "begins(with:), ends(with:)"),
    Rule(pattern: #"\bsplit\(separator: ""#, instead: "pieces(at:)"),
    Rule(pattern: #"\bsplit\b.*\{ ?\$0 == ""#, instead: "pieces(at:)"),
    Rule(pattern: #"\b(first|last)Index\(of: ""#, instead: "divided(atFirst:), divided(atLast:)"),
    Rule(pattern: #"\b(first|last)Index\(of: [a-zA-Z.]*([nN]ame|[pP]art|id|path|key|label)\)"#, instead: "isSame"),
    Rule(
      pattern:
        #"(\b(?!indices\.)\w+|[)\]])\.contains\([a-zA-Z.]*([nN]ame|\bpart|\bid|[pP]ath|\bkey|\blabel|\bgroup|\bother)\)"#,
      instead: "Name, isSame"),
    Rule(pattern: #"\bstarts\(with: "[^"]*"\)"#, instead: "begins(with:)"),
    Rule(
      pattern:
        #"(\.|\b)(id|name|group|session|part|path|key|label|source|member|split|folder|prefix|plane|utterance\.id|tier|text) (==|!=) (?!nil|Array)[^"0-9.\[-]"#,
      instead: "isSame"),
    // Latin letters, digits and most marks are equal to themselves alone; K, Å, `;` and the grave accent are not.
    Rule(pattern: #"(==|!=) "[^"]*[K;`Å][^"]*""#, instead: "isSame"),
    Rule(
      pattern: #"\.sorted\(\).*([nN]ames|[pP]aths|ids|keys)\b|([nN]ames|[pP]aths|ids|keys)\.sorted\(\)"#,
      instead: "sorted by Name"),
    Rule(pattern: #"String\(cString: .*(d_name|pathname|argv)"#, instead: "String(validating:as:), shown(_:)"),
  ]

  /// Texts in a language, in which letters are the same however they are composed; headers of audio files; what the kernel and libraries say; names
  /// that the suite makes itself; and numbers that only look like names.
  private static let excused = [
    ("Sources/Alignment/Text/", ""), ("Sources/Audio/", ""),
    // Says of a name that is not there that another looks the same.
    ("Sources/Layouts/ListedImages.swift", "twins.contains"),
    ("Sources/Training/RunFolder.swift", ".safetensors"),
    ("Sources/Training/RunFolder.swift", ".partial"), ("Sources/Training/RunFolder.swift", "\\n"),
    ("Sources/Shards/ClassCounts.swift", "guard label != "),
    ("Sources/Alignment/Search/Viterbi+Trace.swift", "key == current"),
    ("Sources/Sharding/FinishedPart.swift", ".part == part.part"),
    ("Sources/FileIO/Cgroups.swift", ""), ("Sources/FileIO/AvailableMemory.swift", ""),
    ("Sources/Kernels/MatrixLibrary/", ""), ("Sources/CommandSupport/ProgressMeter.swift", "phases"),
    ("Sources/Training/RunFolder+Checkpoints.swift", ""),
    ("Sources/Alignment/Model/AlignmentModel+File.swift", "firstIndex(of: \"SIL\")"),
  ]

  private let expressions: [(Regex<AnyRegexOutput>, instead: String)]

  init() throws {
    // Swift's own idea of a word takes `path.split` for one.
    expressions = try Self.rules.map { (try Regex($0.pattern).wordBoundaryKind(.simple), $0.instead) }
  }

  /// The lines of a text that a rule forbids.
  private func forbidden(_ text: String) -> [(line: Int, text: String, instead: String)] {
    var found: [(line: Int, text: String, instead: String)] = []
    for (i, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let code = line.drop { $0 == " " }
      if code.starts(with: "//") || code.contains("Name(") { continue }
      if let (_, instead) = expressions.first(where: { code.firstMatch(of: $0.0) != nil }) {
        found.append((i + 1, String(code), instead))
      }
    }
    return found
  }

  private func sources(_ folder: String) throws -> [String] {
    try Folder.names(in: folder).flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      return Folder.kind(of: path) == .folder ? try sources(path) : name.hasSuffix(".swift") ? [path] : []
    }
  }

  @Test func noLineComparesNamesAsTexts() throws {
    let root = (0..<3).reduce(#filePath) { path, _ in Folder.parent(of: path) }
    let files = try sources("\(root)/Sources")
    #expect(files.count > 100)
    for file in files {
      let name = String(file.dropFirst(root.utf8.count + 1))
      let text = String(decoding: try File.contents(of: file), as: UTF8.self)
      for (line, code, instead) in forbidden(text) {
        if Self.excused.contains(where: { name.hasPrefix($0.0) && code.contains($0.1) }) { continue }
        Issue.record("\(name):\(line): \(code)\n  names are bytes: \(instead)")
      }
    }
  }

  @Test(arguments: [
    "var known: [String: Int] = [:]", "let ids: Set<String> = []", "if path.hasPrefix(root) {",
    #"let parts = path.split(separator: "/")"#, "guard a.id == b.id else { return }", "where entry.group != group {",
    #"name.lastIndex(of: ".")"#, "if names.contains(name) { }", "parts[i].name == wanted", #"if phone == "K" { }"#,
    "for name in names.sorted() {", "String(cString: entry.d_name)",
  ]) func whatIsForbiddenIsFound(line: String) throws {
    #expect(forbidden("let a = 1\n  " + line).map(\.line) == [2])
  }

  @Test(arguments: [
    "// if path.hasPrefix(root) {", #"if isSame(a.id, b.id) { }"#, #"guard path != nil else { }"#, "a.count == b.count",
    #"if kind == "end" { }"#, "var known: [Name: Int] = [:]", "status.st_mode == S_IFREG",
  ]) func whatIsAllowedIsNot(line: String) throws {
    #expect(forbidden(line).isEmpty)
  }
}
