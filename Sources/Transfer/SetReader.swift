public import FileIO
public import Text

/// Sets of labelled sentences, and all that was found wrong with their files.
public struct SetReader: Sendable {
  public struct Read: Sendable {
    public var set: TransferSet
    /// Of the set, and of its test part where it has one.
    public var files: [SentenceFile]
  }

  /// The paper's sets first, in its order, and others as they came.
  public private(set) var sets: [Read] = []
  /// Files that no set could be made of.
  public private(set) var problems: [Failure] = []

  /// What stands between a set's name and its part: `trec.train`, `trec-test`, `trec_test`.
  private static let marks = [".", "-", "_"]

  /// - Parameter encoding: of all files; nil: each one's own, see `WholeText`.
  public init(_ found: SetFiles, encoding: TextEncoding? = nil) throws {
    var names: [Name] = []
    var parts: [Name: (whole: SetFiles.Found?, train: SetFiles.Found?, test: SetFiles.Found?)] = [:]
    for file in found.files {
      let (name, part) = Self.divide(file.stem)
      let key = Name(name)
      if parts[key] == nil { names.append(key) }
      var known = parts[key] ?? (nil, nil, nil)
      let place:
        WritableKeyPath<(whole: SetFiles.Found?, train: SetFiles.Found?, test: SetFiles.Found?), SetFiles.Found?> =
          switch part {
          case .whole: \.whole
          case .train: \.train
          case .test: \.test
          }
      if let other = known[keyPath: place] {
        throw Failure(
          .usage, path: file.path, "the set '\(name)' is in \(other.path), too", hint: "give one of them another name")
      }
      known[keyPath: place] = file
      parts[key] = known
    }
    for name in names {
      let (whole, train, test) = parts[name]!
      if let whole { read(name.text, whole, nil, encoding) }
      if let train {
        // Both names would be the same.
        if let whole {
          problems.append(
            Failure(.badInput, path: train.path, "left out: \(whole.path) is the whole set of that name"))
        } else {
          read(name.text, train, test, encoding)
        }
      } else if let test {
        problems.append(
          Failure(.badInput, path: test.path, "a test part without its training part", hint: "name that, too"))
      }
    }
    let places = sets.map { PublishedRow.column(of: $0.set.name) ?? Int.max }
    sets = sets.indices.sorted { (places[$0], $0) < (places[$1], $1) }.map { sets[$0] }
  }

  private enum Part { case whole, train, test }

  private static func divide(_ stem: String) -> (name: String, part: Part) {
    let lower = stem.asciiLowercased
    for (word, part) in [("train", Part.train), ("test", .test)] {
      for mark in marks where lower.ends(with: mark + word) && lower.utf8.count > word.utf8.count + 1 {
        return (String(stem.dropping(last: word.utf8.count + 1)), part)
      }
    }
    return (stem, .whole)
  }

  private mutating func read(
    _ name: String, _ file: SetFiles.Found, _ test: SetFiles.Found?, _ encoding: TextEncoding?
  ) {
    do {
      let files = try ([file] + (test.map { [$0] } ?? [])).map {
        try SentenceFile($0.bytes, path: $0.path, encoding: encoding)
      }
      sets.append(Read(set: try Self.assemble(PublishedRow.name(of: name) ?? name, files), files: files))
    } catch { problems.append(asBadInput(error)) }
  }

  private static func assemble(_ name: String, _ files: [SentenceFile]) throws -> TransferSet {
    let labels = files.reduce(into: Set<Name>()) { labels, file in for line in file.lines { labels.insert(line.label) }
    }
    let count = files[0].lines.count
    guard labels.count > 1 else {
      throw Failure(
        .badInput, path: files[0].path, "all \(count) sentences have the label '\(labels.first?.text ?? "")'",
        hint: "there is nothing to tell apart")
    }
    guard labels.count <= max(2, count / 2) else {
      throw Failure(
        .badInput, path: files[0].path, "\(labels.count) labels of \(count) sentences",
        hint: "the label comes first, then a tab, then the sentence")
    }
    let numbers = labels.compactMap { Int($0.text) }
    // `1` and `01` are one number, but two labels.
    let areNumbers = numbers.count == labels.count && Set(numbers).count == labels.count
    let classes = labels.sorted { areNumbers ? Int($0.text)! < Int($1.text)! : $0 < $1 }
    let places = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, Int32($0)) })
    let parts = files.map { $0.lines.map { LabelledSentence($0.text, label: places[$0.label]!) } }
    return TransferSet(
      name: name, classes: classes.map(\.text), sentences: parts[0], test: parts.count > 1 ? parts[1] : nil)
  }
}
