/// How the latents of a window lie: `rows` in the direction of prediction, of `columns` each. Audio and text have one
/// column; the paper's images (§3.2) have 7 × 7, predicted downwards. Within a window latents are numbered
/// row · columns + column.
public struct Lattice: Sendable, Equatable {
  public var rows: Int
  public var columns: Int

  public init(rows: Int, columns: Int = 1) {
    self.rows = rows
    self.columns = columns
  }

  /// Latents of a window.
  public var count: Int { rows * columns }

  /// Anchors of a window, which are its first latents: those from which prediction step `steps` stays within it.
  public func anchors(steps: Int) -> Int { max(0, rows - steps) * columns }

  /// The latent that is predicted from `position` in step `step`: as many rows further, in the same column.
  public func target(of position: Int, step: Int) -> Int { position + step * columns }
}
