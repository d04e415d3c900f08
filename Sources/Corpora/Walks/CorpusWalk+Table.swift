import Archives
import FileIO
import Images
import Layouts
import Manifests
import Members

/// Pictures that a table lists with their classes.
extension CorpusWalk {
  /// Reads the table, before the walk.
  func readImageTable() throws {
    guard let path = tableOptions.file else {
      throw Failure(
        .usage, path: input.label, "the layout \(layout.rawValue) needs a table",
        hint: "\(setting: "table") FILE.csv (or .tsv), with the columns filename and label")
    }
    var table = ListedImages()
    for line in try lines(ofTable: path) {
      let failure: Failure?
      switch line {
      case .row(let row): failure = table.add(row, name: path)
      case .problem(let problem, let path):
        failure = problem
        if let path { table.refuse(path) }
      }
      if let failure { queue.append(.problem(InputProblem(failure))) }
    }
    queue.reverse()
    images = table
  }

  private func lines(ofTable path: String) throws -> [ImageTableLine] {
    let name = textName(path)
    let bytes = try CompressedText.contents(of: path, limit: 1 << 32)
    let columns = ImageColumns(path: tableOptions.path, label: tableOptions.label, group: tableOptions.group)
    guard isImageList(bytes, name: name) else {
      return try parseImageTable(
        bytes, separator: UInt8(ascii: name.ends(with: ".tsv") ? "\t" : ","), name: path, columns: columns)
    }
    guard !columns.areGiven else { throw Failure(.usage, path: path, "a list without a header has no columns") }
    return try parseImageList(bytes, name: path) { try pictures() }
  }

  /// The ids of all pictures, of an input that can be read again.
  private func pictures() throws -> [String] {
    guard input.kind != .pipe else {
      throw Failure(
        .usage, path: input.label, "classes in the order of the pictures' names: they must be known first",
        hint: "give the archive as a file, or unpack it and give the folder")
    }
    let source = try input.open(nil, takes: medium.takes)
    var ids: [String] = []
    while let found = source.next() {
      // What is wrong with a file, the walk itself will say.
      if let path = found.path, case .utterance(let id, _, _, _, _) = role(of: path) { ids.append(id) }
    }
    return ids
  }

  func listed(_ member: Member, id: String) -> CorpusEvent? {
    switch images.take(id) {
    case .refused?:
      files += 1
      register.enterBadAudio(id)
      return nil
    case .row(let row)?:
      return utterance(member, id: id, group: row.group, session: nil, label: row.label)
    case nil:
      files += 1
      register.enterBadAudio(id)
      return .problem(
        InputProblem(
          id: id,
          Failure(
            .badInput, path: member.label, "a picture that no row of the table names",
            hint: images.hasTwin(id) ? "a row looks the same and has other bytes (Unicode's composed forms)" : nil)))
    }
  }

  /// Rows whose pictures have not come.
  func unlistedRows() -> [InputProblem] {
    images.left.map { row in
      InputProblem(
        id: row.path,
        Failure(
          .badInput, path: tableOptions.file, at: "line \(row.line)",
          "there is no picture '\(row.path)': paths are relative to "
            + (below.map { "\($0) in the input" } ?? "the input")))
    }
  }
}
