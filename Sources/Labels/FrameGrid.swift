/// Where the labels of a per-frame alignment lie, and how many an utterance has. A cell is 160 samples at 16 kHz.
///
/// Kaldi's `snip-edges` analysis (feature-window.cc, `NumFrames` and `FirstSampleOfFrame`) has windows of 2.5 cells that
/// lie wholly in the utterance; without it, frames are centred in cells and their number is rounded.
public enum FrameGrid: String, CaseIterable, Sendable {
  /// Our own: label t is of the cell [160 t, 160 t + 160), the last one cut off by the end.
  case cells
  /// Kaldi's default, and that of the labels that the authors of CPC published: label i is centred at 160 i + 200. By
  /// time cell t takes label t - 1, and cell 0 label 0.
  case snipEdges = "snip-edges"
  /// Kaldi with `--snip-edges=false`: label t is centred at 160 t + 80.
  case noSnipEdges = "no-snip-edges"
  /// As many labels as ``snipEdges``, used as CPC's own code does: cell t takes label t, 7.5 ms early.
  case asPublished = "as-published"

  /// How many labels an utterance of so many samples has.
  public func count(samples: Int, cell: Int) -> Int {
    switch self {
    case .cells: (samples + cell - 1) / cell
    case .snipEdges, .asPublished: samples < Self.window(cell) ? 0 : (samples - Self.window(cell)) / cell + 1
    case .noSnipEdges: (samples + cell / 2) / cell
    }
  }

  /// The sample at which the span of label 0 begins; label i spans [first + cell · i, first + cell · (i + 1)).
  public func first(cell: Int) -> Int { self == .snipEdges ? (Self.window(cell) - cell) / 2 : 0 }

  /// The label whose span holds the centre of cell `t`; before the first span it is label 0.
  func label(ofCell t: Int, cell: Int) -> Int { max(0, (cell * t + cell / 2 - first(cell: cell)) / cell) }

  /// For messages: `floor((samples - 400) / 160) + 1`.
  func rule(cell: Int) -> String {
    switch self {
    case .cells: "one for every \(cell) samples, the last for what is left"
    case .snipEdges, .asPublished: "floor((samples - \(Self.window(cell))) / \(cell)) + 1"
    case .noSnipEdges: "floor((samples + \(cell / 2)) / \(cell))"
    }
  }

  private static func window(_ cell: Int) -> Int { cell * 5 / 2 }
}
