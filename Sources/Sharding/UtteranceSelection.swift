import Corpora
import FileIO
public import Manifests
import Shards

/// Which utterances of a dataset are wanted.
public enum UtteranceSelection: Sendable {
  /// Those that have a part in a split, or this part.
  case split(String, part: String?)
  /// Those of some groups: names with commas between them, or one name that has commas.
  case groups(String)
  /// Those that a list names, and whether it may name others.
  case ids(SplitList, allowsUnknown: Bool)

  /// `NAME` or `NAME:PART`. Names mean those of the same bytes.
  public init(split text: String) throws {
    let names = text.pieces(at: ":", maxSplits: 1).map { String($0) }
    guard !names.contains("") else {
      throw Failure(.usage, "cannot select split '\(text)'", hint: "it is NAME, or NAME:PART")
    }
    self = .split(names[0], part: names.count == 2 ? names[1] : nil)
  }

  /// `NAME` or `NAME,NAME…`. Names mean those of the same bytes.
  public init(groups text: String) throws {
    guard !text.isEmpty else { throw Failure(.usage, "cannot select group ''", hint: "it is NAME, or NAME,NAME") }
    self = .groups(text)
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
          hint: "\(setting: "allow_unknown_ids") passes over them")
      }
      return assignment.parts.map { $0 != nil }
    }
  }
}
