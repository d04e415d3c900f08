public import ArgumentParser
public import Corpora
import FileIO

/// Where classes and groups of pictures are written down: the same for tools that list them and those that make records.
public struct ImageListOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      A table with a row for each picture of the folder or archive (image-table): a CSV, or if it is called .tsv with tabs, \
      under a header that names the columns; or as ImageNet's a .txt of lines 'PATH CLASS' or, in the order of the \
      pictures' names, 'CLASS'.
      """, valueName: "file"), completion: .file())
  public var table: String?

  @Option(
    help: ArgumentHelp(
      "Its column of the pictures' paths, as they are in the input. Default: filename, path, file or image.",
      valueName: "name"))
  public var pathColumn: String?

  @Option(
    help: ArgumentHelp(
      "Its column of the classes; with webdataset a key of KEY.json. Default: label or class; KEY.cls.",
      valueName: "name"))
  public var classColumn: String?

  @Option(
    help: ArgumentHelp(
      """
      Its column of the groups; with webdataset a key of KEY.json. Default: the class is the group. With it pictures may \
      be without a class.
      """, valueName: "name"))
  public var groupColumn: String?

  public init() {}

  private var flags: [(name: String, value: String?)] {
    [
      ("--table", table), ("--path-column", pathColumn), ("--class-column", classColumn),
      ("--group-column", groupColumn),
    ]
  }

  /// The first flag that was given.
  public var given: String? { flags.first { $0.value != nil }?.name }

  /// Refuses flags that the layout has no use for.
  public func check(_ layout: Layout) throws {
    let (table, samples) = (Layout.imageTable.rawValue, Layout.webdataset.rawValue)
    for (i, flag) in flags.enumerated() where flag.value != nil && layout != .imageTable {
      // Columns of class and group may be keys of JSON.
      if i < 2 { throw ValidationError("\(flag.name) is for --layout \(table)") }
      guard layout == .webdataset else { throw ValidationError("\(flag.name) is for --layout \(table) or \(samples)") }
    }
    if layout == .imageTable, self.table == nil { throw ValidationError("--layout \(table) needs --table FILE") }
  }

  /// Sets what concerns the walk of a corpus.
  public func apply(to options: inout CorpusOptions) {
    options.table.file = table
    options.table.path = pathColumn
    options.table.label = classColumn
    options.table.group = groupColumn
  }

  /// What of it determines the records: a table by what it holds.
  public func fingerprint() throws -> [(key: String, value: String)] {
    try flags.compactMap { name, value in
      guard let value else { return nil }
      return (name, name == "--table" ? try XXH3.hash128(ofFile: value) : value)
    }
  }

  /// The flags that change something, for the card.
  public var words: [String] {
    flags.flatMap { name, value in value.map { [name, name == "--table" ? Folder.name(of: $0) : $0] } ?? [] }
  }
}
