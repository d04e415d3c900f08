import Corpora
import FileIO
import Synchronization

/// Tells of problems in corpus order, whatever finds them first: the walk reads ahead of the workers, how far depends on
/// their number.
final class ProblemLog: Sendable {
  private struct State {
    /// What the walk has found, each with the number of utterances before it.
    var waiting: [(before: Int, problem: InputProblem)] = []
    var told: [InputProblem] = []
  }

  private let state = Mutex(State())
  private let report: @Sendable (InputProblem) -> Void

  init(report: @escaping @Sendable (InputProblem) -> Void) { self.report = report }

  /// All that has been told.
  var problems: [InputProblem] { state.withLock(\.told) }

  /// Keeps what was found after so many utterances until their turn has come.
  func add(_ problem: InputProblem, before utterance: Int) {
    state.withLock { $0.waiting.append((utterance, problem)) }
  }

  /// Tells what was found before an utterance.
  func tell(before utterance: Int) {
    let due = state.withLock { state in
      let due = state.waiting.prefix { $0.before <= utterance }
      state.waiting.removeFirst(due.count)
      return due
    }
    for (_, problem) in due { tell(problem) }
  }

  /// Tells what is wrong with an utterance whose turn it is.
  func tell(_ problem: InputProblem) {
    state.withLock { $0.told.append(problem) }
    report(problem)
  }
}
