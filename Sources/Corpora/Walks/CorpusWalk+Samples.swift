import Archives
import FileIO
import Layouts
import Manifests
import Members
import OrderedJSON

/// Files of one sample that have come so far.
struct Sample {
  var key: String
  var picture: (member: Member, file: EncodedFile)?
  var label: String?
  var text: String?
  var facts: JSON?
  /// Where its first file is, and what is wrong with one.
  var place: String?
  var failure: Failure?
}

/// Samples of WebDataset: files that follow one another and have the same key.
extension CorpusWalk {
  func take(_ member: Member, key: String, _ part: SamplePart) {
    if sample.map({ isSame($0.key, key) }) != true {
      queue = endSample()
      sample = Sample(key: key)
    }
    guard part != .other else { return leftOut.unread += 1 }
    if sample?.place == nil { sample?.place = member.label }
    do {
      if let failure = try sample?.add(member, part) { throw failure }
    } catch {
      var failure = asBadInput(error)
      failure.path = failure.path ?? member.label
      if sample?.failure == nil { sample?.failure = failure }
    }
  }

  /// What has become of the sample whose files have come.
  func endSample() -> [CorpusEvent] {
    guard let sample else { return [] }
    self.sample = nil
    guard sample.picture != nil || sample.label != nil || sample.failure != nil else {
      // Text or JSON alone is about something else.
      leftOut.unread += (sample.text == nil ? 0 : 1) + (sample.facts == nil ? 0 : 1)
      return []
    }
    do {
      if let failure = sample.failure { throw failure }
      guard let (member, file) = sample.picture else {
        let isLate = register.place(of: sample.key) != nil
        throw Failure(
          .badInput, path: sample.place, "a sample without a picture",
          hint: isLate
            ? "its picture came earlier: files of a sample must follow one another"
            : "that is KEY.jpg, .jpeg, .png or .webp beside KEY.cls, with no other dot after KEY")
      }
      let label = try tableOptions.label.map { try sample.fact($0, of: member) } ?? sample.label
      let group = try tableOptions.group.map { try sample.fact($0, of: member) } ?? label
      guard let group else { throw Failure(.badInput, path: member.label, "a sample without a class (.cls)") }
      return [
        utterance(
          member, id: sample.key, group: group, session: nil, label: label, text: sample.text, file: file,
          facts: sample.facts)
      ].compactMap { $0 }
    } catch {
      files += 1
      register.enterBadAudio(sample.key)
      return [.problem(InputProblem(id: sample.key, asBadInput(error)))]
    }
  }
}

extension Sample {
  /// Captions, classes and their like are no longer, in bytes.
  private static let limit = 1 << 24

  /// Adds a file; says what is wrong with it.
  fileprivate mutating func add(_ member: Member, _ part: SamplePart) throws -> Failure? {
    func failure(_ reason: String) -> Failure { Failure(.badInput, path: member.label, reason) }
    switch part {
    case .picture:
      guard picture == nil else { return failure("a second picture of its sample") }
      picture = (member, try member.encoded())
    case .label:
      guard label == nil else { return failure("a second class of its sample") }
      let bytes = try member.read(limit: Self.limit)
      var body = bytes.starts(with: byteOrderMark) ? bytes.dropFirst(byteOrderMark.count) : bytes[...]
      let spaces: [UInt8] = [0x20, 0x09, 0x0a, 0x0d]
      while let last = body.last, spaces.contains(last) { body.removeLast() }
      while let first = body.first, spaces.contains(first) { body.removeFirst() }
      label = String(validating: body, as: UTF8.self)
      guard label != nil else { return failure("not UTF-8") }
      guard label?.isEmpty == false else { return failure("no class in it") }
      guard label?.hasControlCharacter == false else {
        return failure("not a class: a control character or several lines")
      }
    case .text:
      guard text == nil else { return failure("a second text of its sample") }
      var lines: [String] = []
      for line in parseTextLines(try member.read(limit: Self.limit), name: member.label) {
        switch line {
        case .value(let line): lines.append(line)
        case .problem(let failure): return failure
        }
      }
      text = lines.isEmpty ? nil : lines.joined(separator: " ")
    case .facts:
      guard facts == nil else { return failure("a second JSON of its sample") }
      do { facts = try JSON(parsing: try member.read(limit: Self.limit)) } catch let error as JSONError {
        return failure("not JSON: \(error)")
      }
    case .other: break
    }
    return nil
  }

  /// What its JSON says under a key: a text, or a number as it is written.
  fileprivate func fact(_ key: String, of member: Member) throws -> String {
    let value = facts?[key]
    var text = value?.stringValue
    if case .number(let digits)? = value { text = digits }
    if value != nil, value != .null, text == nil {
      throw Failure(.badInput, path: member.label, "its JSON's '\(key)' is neither a text nor a number")
    }
    guard let text, !text.isEmpty, !text.hasControlCharacter else {
      let keys = facts?.objectValue.map { $0.members.map { "'\($0.key)'" }.joined(separator: ", ") }
      throw Failure(
        .badInput, path: member.label, keys.map { "its JSON has no '\(key)'; it has \($0)" } ?? "it has no JSON object")
    }
    return text
  }
}
