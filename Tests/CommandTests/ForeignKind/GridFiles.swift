import Archives
import Audio
import Corpora
import FileIO
import Layouts
import Manifests

/// Folders of files of lines of cells, as the suite's own layouts would describe them.
struct GridLayout: LayoutRules {
  static let layout = Layout("grids", kind: "grid", medium: { _ in GridMedium() }, rules: { _, _ in GridLayout() })

  let expectation = "GROUP/FILE.grid"

  func role(of path: CorpusPath) -> FileRole {
    guard let name = path.components.last, name.hasSuffix(".grid") else { return .other }
    guard path.components.count == 2 else { return .stray }
    let group = String(path.components[0])
    return .utterance(id: "\(group)/\(name.dropLast(".grid".count))", group: group, session: nil)
  }
}

/// Lines of 34 bytes.
private final class GridMedium: Medium {
  let kind = "grid"

  func takes(_ name: String) -> Bool { name.hasSuffix(".grid") }

  func examine(
    _ file: inout EncodedFile, declared: Extent?, channel: Channel?
  ) throws -> (extent: Extent, format: FileFormat) {
    let size = try file.load().count
    guard size > 0, size % 34 == 0 else {
      throw Failure(.badInput, path: file.name, "\(size) bytes are not lines of 34")
    }
    return (.other(kind: kind, count: size / 34, unit: "lines"), .other)
  }
}
