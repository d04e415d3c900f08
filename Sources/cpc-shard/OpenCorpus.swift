import CommandSupport
import Corpora
import FileIO

/// Opens what the arguments name: one manifest, or corpora.
///
/// - Returns: also the inputs, `-` where they were left out.
func openCorpus(inputs: [String], layout: Layout?, root: String?) throws -> (Corpus, [String]) {
  let inputs = try inputsOrStandardInput(inputs)
  var head: [UInt8] = []
  if inputs.contains("-") {
    head = try InputKind.head(of: .standardInput)
    if head.isEmpty { throw Failure(.badInput, path: "standard input", "empty: neither an archive nor a manifest") }
  }
  if inputs.count == 1 {
    if inputs[0] == "-" {
      if InputKind(head: head) == .manifest {
        return (try Corpus(manifest: .standardInput, head: head, root: root), inputs)
      }
    } else if Folder.kind(of: inputs[0]) == .file {
      let file = try File.reading(inputs[0])
      let start = try InputKind.head(of: file)
      if InputKind(head: start) == .manifest {
        return (try Corpus(manifest: file, head: start, root: root), inputs)
      }
    }
  }
  return (try Corpus(inputs: inputs, layout: layout, root: root, head: head), inputs)
}
