public import Corpora
import FileIO
import Shards

/// Which utterances of a dataset are wanted.
public enum UtteranceSelection: Sendable {
  /// Those that have a part in a split, or this part.
  case split(String, part: String?)
  /// Those of some groups: names with commas between them, or one name that has commas.
  case groups(String)
  /// Those that a list names, and whether it may name others.
  case ids(SplitList, allowsUnknown: Bool)

  /// `split=NAME`, `split=NAME:PART` or `group=NAME[,NAME…]`. Names mean those of the same bytes.
  public init(parsing text: String) throws {
    let sides = text.pieces(at: "=", maxSplits: 1).map { String($0) }
    guard sides.count == 2, !sides[1].isEmpty else { throw Self.unknown(text) }
    switch sides[0] {
    case "split":
      let parts = sides[1].pieces(at: ":", maxSplits: 1).map { String($0) }
      guard !parts[0].isEmpty, parts.count == 1 || !parts[1].isEmpty else { throw Self.unknown(text) }
      self = .split(parts[0], part: parts.count == 2 ? parts[1] : nil)
    case "group":
      self = .groups(sides[1])
    default: throw Self.unknown(text)
    }
  }

  private static func unknown(_ text: String) -> Failure {
    Failure(.usage, "cannot select '\(text)'", hint: "split=NAME, split=NAME:PART or group=NAME,NAME")
  }

  /// Whether each utterance of `dataset` is meant. Names that do not exist there are errors.
  ///
  /// - Parameter utterances: those of the dataset, in order.
  func mask(_ dataset: Dataset, _ utterances: [SplitUtterance]) throws -> [Bool] {
    func bad(_ reason: String, hint: String? = nil) -> Failure {
      Failure(.badInput, path: dataset.folder, reason, hint: hint)
    }
    switch self {
    case .split(let name, let part):
      let parts = try dataset.split(named: name)
      guard let part else { return parts.map { $0 != nil } }
      let isMeant = parts.map { $0?.utf8.elementsEqual(part.utf8) == true }
      guard isMeant.contains(true) else {
        var known: [String] = []
        for case let other? in parts where !known.contains(where: { isSame($0, other) }) { known.append(other) }
        throw bad("split \"\(name)\" has no part \"\(part)\"", hint: "it has \(known.joined(separator: ", "))")
      }
      return isMeant
    case .groups(let text):
      let known = Set(dataset.groups.map { XXH3.key128($0) })
      let names =
        known.contains(XXH3.key128(text)) ? [text] : text.pieces(at: ",", omittingEmpty: true).map { String($0) }
      let wanted = Set(names.map { XXH3.key128($0) })
      if let name = names.first(where: { !known.contains(XXH3.key128($0)) }) {
        throw bad("no group \"\(name)\"", hint: "cpc-inspect groups \(dataset.folder) lists them")
      }
      return utterances.map { wanted.contains(XXH3.key128($0.group)) }
    case .ids(let list, let allowsUnknown):
      let assignment = try Splitter(lists: [list], rest: nil).assign(utterances)
      guard allowsUnknown || assignment.unknownCount == 0 else {
        let more = assignment.unknownCount > assignment.unknownExamples.count ? ", …" : ""
        throw bad(
          "\(assignment.unknownCount) of the listed ids not in it: "
            + assignment.unknownExamples.joined(separator: ", ") + more,
          hint: "--allow-unknown-ids passes over them")
      }
      return assignment.parts.map { $0 != nil }
    }
  }
}
