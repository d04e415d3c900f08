import FileIO
import Layouts
import Manifests
import Members

/// Clips of Common Voice, about which tables say who speaks in them.
extension CorpusWalk {
  /// An input that can be read again has its tables read first: in an archive they may come after the clips.
  func readTables() throws {
    guard input.kind != .pipe else { return }
    let source = try input.open(nil, takes: { _ in false })
    while let found = source.next() {
      // What is wrong with other files, the walk itself will say.
      guard case .member(let member) = found, case .clips(let split) = role(of: member.path) else { continue }
      queue += read(member, split: split)
    }
    queue.reverse()
  }

  /// A table that the walk meets.
  func table(_ member: Member, split: String?) throws -> CorpusEvent? {
    guard input.kind == .pipe else { return nil }
    guard files == 0, clips.unlisted == 0 else {
      throw Failure(
        .badInput, path: member.label, "comes after clips, of which it is not known who speaks",
        hint: "give the archive as a file, or unpack it and give the folder")
    }
    queue = read(member, split: split).reversed()
    return nil
  }

  func clip(_ member: Member, id: String) throws -> CorpusEvent? {
    guard clips.tables > 0 else {
      let pipe = "save it: of a file, tables are read first"
      throw Failure(
        .badInput, path: member.label, "no table says who speaks in it",
        hint: input.kind == .pipe
          ? pipe : "validated.tsv, or train.tsv, dev.tsv and test.tsv, belong beside the folder clips")
    }
    guard let clip = clips.take(id) else { return nil }
    return utterance(member, id: id, group: clip.client, session: nil, split: clip.split, text: clip.text)
  }

  private func read(_ member: Member, split: String?) -> [CorpusEvent] {
    do {
      clips.tables += 1
      return try parseClips(member.read(limit: 1 << 32), name: member.label).compactMap { line in
        switch line {
        case .problem(let failure): return .problem(InputProblem(failure))
        case .value(let line):
          if let reason = clips.add(line, split: split) {
            return .problem(InputProblem(id: line.id, Failure(.badInput, path: member.label, reason)))
          }
          if !line.text.isEmpty { _ = register.enterTranscript(line.id, text: line.text, place: member.label) }
          return nil
        }
      }
    } catch {
      var failure = asBadInput(error)
      failure.path = failure.path ?? member.label
      return [.problem(InputProblem(failure))]
    }
  }
}
