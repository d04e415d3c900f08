import FileIO
import TSNE
import TestSupport
import Testing

@Suite(.enabled(if: Python.hasPeers, "CPC_PYTHON names no Python with scikit-learn and openTSNE"))
struct PeerTests {
  /// Writes the positions that scikit-learn and openTSNE find.
  private static let program = """
    import sys
    import numpy, openTSNE, sklearn.manifold
    rows = numpy.fromfile(sys.argv[1] + "/rows", dtype=numpy.float32).reshape(-1, int(sys.argv[2]))
    found = sklearn.manifold.TSNE(init="pca", random_state=0, n_jobs=2).fit_transform(rows)
    found.astype(numpy.float32).tofile(sys.argv[1] + "/sklearn")
    found = openTSNE.TSNE(initialization="pca", random_state=0, n_jobs=2).fit(rows)
    numpy.asarray(found).astype(numpy.float32).tofile(sys.argv[1] + "/openTSNE")
    """

  @Test func trustworthinessIsThatOfPeers() throws {
    let (count, dimension) = (1500, 20)
    let rows = Clusters(8, count: count, dimension: dimension, distance: 1).rows
    let folder = try TemporaryFolder()
    try File.writing(folder("rows")).write(rows.withUnsafeBytes { Array($0) })
    try Python.run(["-c", Self.program, folder.path, "\(dimension)"])
    func trust(_ positions: [Float]) throws -> Double {
      try TSNE.trustworthiness(rows, count: count, dimension: dimension, positions: positions)
    }
    let own = try trust(try TSNE.embed(rows, count: count, dimension: dimension).positions)
    for peer in ["sklearn", "openTSNE"] {
      let bytes = try File.contents(of: folder(peer))
      let theirs = try trust(bytes.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) })
      #expect(own > theirs - 0.01, "\(own), \(peer) \(theirs)")
    }
  }
}
