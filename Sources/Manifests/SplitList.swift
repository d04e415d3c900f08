import Audio
public import FileIO
import Labels

/// The utterances of one part, as a published list names them: one a line.
public struct SplitList: Sendable {
  public var part: String
  /// Lines without blank ones, as they stand in the file.
  public var lines: [String]

  public init(part: String, lines: [String]) {
    self.part = part
    self.lines = lines
  }

  public init(part: String, reading file: File) throws {
    self.part = part
    lines = []
    let reader = LineReader(file, maximumLength: 1 << 16)
    while let bytes = try reader.next() {
      guard let line = String(validating: bytes, as: UTF8.self) else {
        throw Failure(.badInput, path: file.path, at: "line \(reader.line)", "not UTF-8")
      }
      if !isBlank(bytes) { lines.append(line) }
    }
  }

  /// What a line may mean, the most literal first: with or without spaces around it, folders in front and `.flac` after.
  static func readings(of whole: String) -> [String] {
    let line = trimmed(whole)
    let bare = { (text: String) in isAudioName(text) ? Folder.stem(of: text) : text }
    return [whole, line, bare(line)] + IDIndex.ends(of: line).flatMap { [$0, bare($0)] }
  }
}

extension Splitter {
  func assign(_ utterances: [SplitUtterance], lists: [SplitList]) throws -> SplitAssignment {
    var positions: [SIMD2<UInt64>: Int] = [:]
    for (i, utterance) in utterances.enumerated() { positions[XXH3.key128(utterance.id)] = i }
    var assignment = SplitAssignment(parts: Array(repeating: nil, count: utterances.count))
    for list in lists {
      for line in list.lines {
        guard let i = SplitList.readings(of: line).lazy.compactMap({ positions[XXH3.key128($0)] }).first else {
          // An id may begin with the mark of a comment; what is no id is one.
          if trimmed(line).begins(with: "#") { continue }
          assignment.unknownCount += 1
          if assignment.unknownExamples.count < 5 { assignment.unknownExamples.append(trimmed(line)) }
          continue
        }
        if let other = assignment.parts[i], !isSame(other, list.part) {
          throw Failure(.badInput, "utterance \(utterances[i].id) is in the lists of '\(other)' and of '\(list.part)'")
        }
        assignment.parts[i] = list.part
      }
    }
    guard assignment.parts.contains(where: { $0 != nil }) else {
      throw Failure(
        .badInput,
        "the lists name no utterance of this corpus: for example \(assignment.unknownExamples.first ?? "none")")
    }
    return assignment
  }
}
