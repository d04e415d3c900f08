import FileIO

/// What `-h` shows: of the same help as `--help`, what fits a screen.
///
/// That is the first sentence, the first examples, subcommands, and some flags: those with a short name and those that the
/// examples use, and if these are few the first others, as far as there is room.
struct ShortHelp {
  /// Of the tool or subcommand, and of the subcommand that it has by default.
  let pages: [HelpPage]
  /// How the user called it, without `-h`.
  let command: String

  static let screen = 24

  func text(columns: Int, style: TextStyle) -> String {
    var lines = HelpLine(overview, isExample: false).filled(columns)
    if let usage = pages.last?.section("USAGE")?.lines.first {
      var filled = usage.filled(columns)
      filled[0] = style.heading(filled[0], "USAGE")
      lines += [""] + filled
    }
    let subcommands = pages[0].section("SUBCOMMANDS").map { HelpEntry.all(in: $0) } ?? []
    let shown = subcommands.filter { !isSame($0.label, "help") }
    lines += examples(columns: columns, most: shown.isEmpty ? 7 : shown.count > 6 ? 2 : 6, style: style)
    if !shown.isEmpty {
      lines += ["", style.heading("SUBCOMMANDS:", "SUBCOMMANDS")]
      lines += shown.flatMap { $0.brief(columns: columns, lines: 1) }
    }
    let room = Self.screen - lines.count - 4
    if room > 1 {
      let flags = flags(columns: columns, room: room)
      if !flags.isEmpty { lines += ["", style.heading("SOME FLAGS:", "SOME FLAGS")] + flags }
    }
    let more = shown.isEmpty ? "" : "; \(command) SUBCOMMAND -h tells of one"
    lines += [""] + HelpLine("\(command) --help shows everything\(more).", isExample: false).filled(columns)
    return lines.joined(separator: "\n") + "\n"
  }

  private var overview: String {
    guard let line = pages[0].section("OVERVIEW")?.lines.first?.string else { return command }
    return String(line.dropping(first: "OVERVIEW: ".utf8.count))
  }

  private func examples(columns: Int, most: Int, style: TextStyle) -> [String] {
    guard let section = pages.compactMap({ $0.section(HelpPage.examples) }).first else { return [] }
    var groups: [[String]] = []
    var (goesOn, isDescribed) = (false, false)
    for line in section.lines.dropFirst() where line.string.begins(with: "  ") {
      // A description begins an example, and where there is none each command.
      if !goesOn, !line.isCommand || !isDescribed {
        groups.append([])
        isDescribed = !line.isCommand
      }
      groups[groups.count - 1] += line.filled(columns)
      goesOn = line.string.ends(with: "\\")
    }
    var lines: [String] = []
    for group in groups where lines.isEmpty || lines.count + group.count <= most {
      lines += group
    }
    return lines.isEmpty ? [] : ["", style.heading("EXAMPLES:", HelpPage.examples)] + lines
  }

  private func flags(columns: Int, room: Int) -> [String] {
    // What comes before is prose, and its tables are of other things.
    let page = pages[pages.count - 1]
    let sections = page.sections.drop { !isSame($0.title, "USAGE") }.dropFirst()
    let all = sections.flatMap { section in HelpEntry.all(in: section).map { (title: section.title, entry: $0) } }
    let entries = all.filter { _, entry in
      entry.names.contains { name in !["-h", "--help", "--version"].contains { isSame($0, name) } }
    }
    let words = pages.compactMap { $0.section(HelpPage.examples) }.flatMap(\.lines).flatMap {
      $0.string.pieces(at: " ", "=").map { String($0) }
    }
    /// How near the beginning of the list: what has a short name, what examples use, the rest.
    func rank(_ i: Int) -> (Int, Int) {
      let entry = entries[i].entry
      if entry.names.contains(where: { $0.utf8.count == 2 && !isSame($0, "-q") }) { return (0, 0) }
      let uses = words.count { word in entry.names.contains { isSame($0, word) } }
      return uses > 0 ? (1, -uses) : (2, isSame(entries[i].title, "OPTIONS") ? 0 : 1)
    }
    let ranked = entries.indices.sorted { a, b in
      let (x, y) = (rank(a), rank(b))
      return x == y ? a < b : x < y
    }
    var chosen: [Int: [String]] = [:]
    var left = room
    for i in ranked where chosen.count < 4 || rank(i).0 < 2 {
      let lines = entries[i].entry.brief(columns: columns, lines: 2)
      guard lines.count <= left else { continue }
      chosen[i] = lines
      left -= lines.count
    }
    return entries.indices.flatMap { chosen[$0] ?? [] }
  }
}
