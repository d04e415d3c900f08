import FileIO
import Models
import Networks

/// Validation and checkpoints.
extension Trainer {
  /// `betweenBatches` may throw, which leaves everything as it was.
  func validateAndLog(_ betweenBatches: (Progress) throws -> Void) throws -> (Validation?, isBest: Bool) {
    let validation = try validate(betweenBatches)
    if let validation, !validation.isFinite {
      throw try diverged(at: state.update, "the loss on the held-out windows is not a number")
    }
    try source.heldOut?.checkIntact()
    if let validation { try folder.log(validation.line(update: state.update)) }
    state.validated = state.update
    isUnsaved = true
    guard let validation, let loss = validation.loss else { return (nil, false) }
    let isBest = loss < state.best?.loss ?? .infinity
    if isBest { state.best = TrainingState.Best(update: state.update, loss: loss) }
    let scalars = (validation.own?.scalars("held_out") ?? []) + (validation.common?.scalars("common") ?? [])
    try events?.add(scalars, step: state.update)
    return (validation, isBest)
  }

  func save() throws {
    do {
      if isUnsaved {
        try folder.synchronizeLog()
        let facts = Checkpoint.Facts(identity: identity, state: state)
        checkpointDigest = try Checkpoint.write(
          adam, facts, source.transform, to: folder.checkpointPath(update: state.update))
      }
      // Also where there is nothing new: an earlier process may have ended before it had removed what is not wanted.
      try folder.publish(update: state.update, best: state.best?.update, keep: configuration.keep) {
        isDue(configuration.checkpointEvery, $0) || $0 == configuration.updates
      }
      isUnsaved = false
      if partial.batches == 0 { try Folder.remove(file: folder.accumulationPath) }
    } catch {
      canSave = false
      throw folder.explained(error, checkpointSize: Checkpoint.size(adam))
    }
  }

  /// Saves also what has been made of the next update, where the data can be had again to go on with it.
  func saveAll() throws {
    try save()
    guard partial.batches > 0, source.isRepeatable else { return }
    do {
      try Accumulation.write(adam.parameters, partial, of: checkpointDigest, to: folder.accumulationPath)
    } catch { throw folder.explained(error, checkpointSize: Checkpoint.size(adam)) }
  }

  /// Saves what there is before a run ends with an error; returns the error, which then says so.
  func saved(from error: any Error) -> any Error {
    guard canSave, state.update > 0 || partial.batches > 0 else { return error }
    let what: String
    do {
      try saveAll()
      what = "saved before: \(folder.checkpointPath(update: state.update))"
    } catch { what = "and no checkpoint could be saved: \(error)" }
    guard var failure = error as? Failure else { return Failure(.system, path: folder.path, "\(error)", hint: what) }
    failure.hint = [failure.hint, what].compactMap { $0 }.joined(separator: "; ")
    return failure
  }
}
