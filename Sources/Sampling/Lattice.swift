/// How the latents of a window lie: `rows` in the direction of prediction, of `columns` each. Audio and text have one
/// column; the paper's images (§3.2) have 7 × 7, predicted downwards. Within a window latents are numbered
/// row · columns + column.
public struct Lattice: Sendable, Equatable {
  public var rows: Int
  public var columns: Int
  /// Rows after an anchor's that no step predicts, as they overlap it: step 1 is of the row after these.
  public var skip: Int

  public init(rows: Int, columns: Int = 1, skip: Int = 0) {
    self.rows = rows
    self.columns = columns
    self.skip = skip
  }

  /// Latents of a window.
  public var count: Int { rows * columns }

  /// Anchors of a window, which are its first latents: those from which prediction step `steps` stays within it.
  public func anchors(steps: Int) -> Int { max(0, rows - skip - steps) * columns }

  /// The latent that is predicted from `position` in step `step`: as many rows after ``skip`` further, in the same column.
  public func target(of position: Int, step: Int) -> Int { position + (skip + step) * columns }
}
