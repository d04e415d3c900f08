import FileIO
import Glibc
import OrderedJSON
import TestSupport
import Testing

/// What the tools make is, byte for byte, what they have always made. `digests.txt` has a line for each output: its
/// digest, the kernels that it depends on or `any`, and its name. A change that is meant to change an output writes its
/// digests anew: with CPC_GOLDEN=write these tests put those of the processor at hand into the file, and then fail.
@Suite(.serialized) struct GoldenTests {
  private struct Line: Equatable, CustomStringConvertible {
    var digest: String
    var kernels: String
    var name: String
    var description: String { "\(digest) \(kernels) \(name)" }
  }

  private static let path = "\(Folder.parent(of: #filePath))/digests.txt"

  private static func known() throws -> [Line] {
    try String(decoding: File.contents(of: path), as: UTF8.self).split(separator: "\n").map { line in
      let fields = line.split(separator: " ").map { String($0) }
      try #require(fields.count == 3)
      return Line(digest: fields[0], kernels: fields[1], name: fields[2])
    }
  }

  /// Of products and of rows, for example `Zen/x86-64-v3`.
  private static let kernels: String = {
    guard let result = try? runTool("cpc-inspect", ["machine", "--json"]),
      let machine = try? JSON(parsing: result.output),
      let core = machine["matrix_library"]?["core"]?.stringValue, let version = machine["matrix_library"]?["version"],
      let level = machine["processor"]?["vector_level"]?.stringValue,
      let halves = machine["precisions"]?.arrayValue?.last?["library"]?.stringValue
    else { return "unknown" }
    return "\(core)-\(version.stringValue ?? "")/\(level)/\(halves.replacing(" ", with: "-"))"
  }()

  private static var hasKernels: Bool { (try? known().contains { $0.kernels == kernels }) == true || isWriting }
  private static var isWriting: Bool { getenv("CPC_GOLDEN").map { String(cString: $0) } == "write" }

  private func compare(_ made: [(name: String, digest: String)], kernels: String) throws {
    let lines = made.map { Line(digest: $0.digest, kernels: kernels, name: $0.name) }
    let known = try Self.known()
    guard !Self.isWriting else {
      let all = known.filter { $0.kernels != kernels } + lines
      try writeAtomically(to: Self.path) { try $0.write(all.map { "\($0)\n" }.joined()) }
      Issue.record("\(lines.count) digests are written for \(kernels), and compared with nothing")
      return
    }
    let expected = known.filter { $0.kernels == kernels }
    #expect(lines.count == expected.count)
    for (line, known) in zip(lines, expected) { #expect(line == known) }
  }

  @Test func dataIsWhatItWas() throws {
    var outputs = try Outputs()
    try outputs.makeData()
    try compare(outputs.digests, kernels: "any")
  }

  @Test(.enabled(if: hasKernels, "digests.txt has none of these kernels")) func modelsAreWhatTheyWere() throws {
    var outputs = try Outputs()
    try outputs.makeModels()
    try compare(outputs.digests, kernels: Self.kernels)
  }
}
