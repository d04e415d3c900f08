import Archives
import Digests
import FileIO
import Manifests
import Members

/// Corpora and manifests one after the other, each walked on its own.
final class JoinedWalk: Walk {
  struct Part {
    /// For messages.
    var label: String
    /// What stands before ids and groups; nil leaves them as they are.
    var prefix: String?
    var walk: any Walk
  }

  private let parts: [Part]
  private var current = 0
  /// Of the current part.
  private var hasComplained = false
  /// Of all parts.
  private var hasUtterance = false
  private var register = UtteranceRegister()

  init(_ parts: [Part]) throws {
    self.parts = parts
    for (i, part) in parts.enumerated() where part.prefix != nil {
      guard !parts[..<i].contains(where: { isSame($0.prefix!, part.prefix!) }) else {
        throw Failure(
          .usage, path: part.label, "another input is called '\(part.prefix!)' too",
          hint: "\(setting: "prefix_groups") takes the inputs' names: rename one, or name it by a link with another "
            + "name")
      }
    }
  }

  func next() throws -> CorpusEvent? {
    while current < parts.count {
      var event: CorpusEvent?
      do { event = try parts[current].walk.next().map(named) } catch let failure as Failure {
        // An empty input among others is bad input like any other, unless nothing comes of the others either.
        guard failure.kind == .badInput, hasUtterance || current + 1 < parts.count else { throw failure }
        let isKnown = hasComplained
        goOn()
        if isKnown { continue }
        return .problem(InputProblem(failure))
      }
      switch event {
      case .utterance, .declared: hasUtterance = true
      case .problem: hasComplained = true
      case .transcript, .speakers: break
      case nil:
        goOn()
        continue
      }
      return event
    }
    return nil
  }

  private func goOn() {
    current += 1
    hasComplained = false
  }

  var manifestLine: (path: String, number: Int)? { current < parts.count ? parts[current].walk.manifestLine : nil }

  func sources() throws -> [FileDigest] { try parts.flatMap { try $0.walk.sources() } }

  private func named(_ event: CorpusEvent) -> CorpusEvent {
    let part = parts[current]
    func name(_ name: String) -> String { part.prefix.map { "\($0)/\(name)" } ?? name }
    /// Names an utterance, and enters it if it is the first of its name.
    func enter(_ entry: inout ManifestEntry, path: String) -> CorpusEvent? {
      entry.id = name(entry.id)
      entry.group = name(entry.group)
      if let earlier = register.place(of: entry.id) {
        let reason = "duplicate utterance id; the first is in \(parts[earlier].label)"
        return .problem(InputProblem(id: entry.id, Failure(.badInput, path: path, reason, hint: duplicateHint)))
      }
      register.enterAudio(entry.id, place: current)
      return nil
    }
    switch event {
    case .utterance(var utterance):
      return enter(&utterance.entry, path: utterance.file.name) ?? .utterance(utterance)
    case .declared(var item): return enter(&item.entry, path: part.label) ?? .declared(item)
    case .transcript(let id, let text): return .transcript(id: name(id), text: text)
    case .speakers(var speakers):
      for i in speakers.indices { speakers[i].id = name(speakers[i].id) }
      return .speakers(speakers)
    case .problem(var problem):
      problem.id = problem.id.map(name)
      return .problem(problem)
    }
  }

  /// Of the part that is being walked if they differ in kind.
  var progressUnit: ProgressUnit {
    let units = Set(parts.map(\.walk.progressUnit))
    return units.count == 1 ? parts[0].walk.progressUnit : parts[min(current, parts.count - 1)].walk.progressUnit
  }

  var progress: (done: Int, total: Int?) {
    guard Set(parts.map(\.walk.progressUnit)).count == 1 else {
      return parts[min(current, parts.count - 1)].walk.progress
    }
    let all = parts.map(\.walk.progress)
    let totals = all.compactMap(\.total)
    return (all.map(\.done).reduce(0, +), totals.count == all.count ? totals.reduce(0, +) : nil)
  }

  var kind: String? { parts.first?.walk.kind }
  var declaredUnits: Int? { sum(\.declaredUnits) }
  var minimumUnits: Int? { sum(\.minimumUnits) }
  var utterancesWithoutTranscript: Int { parts.map(\.walk.utterancesWithoutTranscript).reduce(0, +) }
  var notes: [String] { parts.flatMap { part in part.walk.notes.map { "\(part.label): \($0)" } } }

  private func sum(_ value: (any Walk) -> Int?) -> Int? {
    var total = 0
    for part in parts {
      guard let value = value(part.walk) else { return nil }
      total += value
    }
    return total
  }
}

/// What helps where two corpora use one id.
let duplicateHint = "if they come from two corpora: \(setting: "prefix_groups") keeps their ids and groups apart"
