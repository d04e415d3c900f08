import ArgumentParser
import CommandSupport
import FileIO
import OrderedJSON
import Safetensors
import Shards
import Training

struct VerifyCommand: Tool {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Read every byte of a dataset, run, checkpoint or acoustic model, and compare it with its digests.",
    discussion: """
      Names each damaged file, and for shards the plane and the row. Exit status 1 if anything differs. A dataset's \
      digests are in its card; checkpoints and acoustic models carry their own. Of a run's other files, it is checked \
      that they can be read and name checkpoints that are there.

      EXAMPLES
        cpc-inspect verify dev
        cpc-inspect verify run
        cpc-inspect verify run/checkpoints/0000400.safetensors
        cpc-inspect verify english.safetensors
      """)

  @Argument(
    help: "A dataset's folder, a run's folder, a checkpoint of cpc-train, or an acoustic model of cpc-align.",
    completion: .file())
  var path: String

  @OptionGroup var result: ResultOptions
  @OptionGroup var common: CommonOptions

  func execute(_ console: Console) throws -> Bool {
    let (verification, foreign, isDataset) = try verify(console)
    console.finish()
    if result.json {
      let problems = verification.problems.map { problem in
        var object = JSONObject()
        if let path = problem.path { object["path"] = .string(path) }
        if let position = problem.position { object["position"] = .string(position) }
        object["reason"] = .string(withFlags(problem.reason))
        return JSON.object(object)
      }
      let report: JSONObject = [
        "good": .bool(verification.isGood), "files": .int(verification.files), "bytes": .int(verification.bytes),
        "records": .int(verification.records), "problems": .array(problems),
      ]
      try File.standardOutput.write(JSON.object(report).compact + "\n")
      return verification.isGood
    }
    for problem in verification.problems { try File.standardOutput.write(withFlags(printable("\(problem)")) + "\n") }
    for name in foreign {
      try File.standardOutput.write(printable("\(path)/checkpoints/\(name): not of the run, not checked") + "\n")
    }
    let read =
      [
        counted(verification.files, "file"), isDataset ? counted(verification.records, "record") : nil,
        "\(grouped(verification.bytes >> 20)) MiB",
      ].compactMap { $0 }.joined(separator: ", ")
    let verdict = verification.isGood ? "intact" : "DAMAGED, \(counted(verification.problems.count, "finding"))"
    try File.standardOutput.write("\(path): \(verdict) (\(read))\n")
    return verification.isGood
  }

  private func verify(
    _ console: Console
  ) throws -> (verification: Verification, foreign: [String], isDataset: Bool) {
    switch Folder.kind(of: path) {
    case .folder? where Folder.kind(of: "\(path)/\(Card.fileName)") == nil && RunFolder.isRun(path):
      let (verification, foreign) = try RunFolder.verify(path) { console.show($0) }
      return (verification, foreign, false)
    case .folder?, nil: return (try Dataset.verify(path) { console.show($0) }, [], true)
    default: return (try verifyFile(), [], false)
    }
  }

  /// A file that carries its own digest.
  private func verifyFile() throws -> Verification {
    var result = Verification()
    do {
      let file = try SafetensorsFile(mapping: path)
      if file.digest == nil, file.header[metadata: "cpc.schema"] != nil {
        throw Failure(.usage, path: path, "a part of a dataset", hint: "verify takes the dataset's folder")
      }
      try file.checkSeal()
      result.files = 1
      result.bytes = file.header.fileSize
    } catch let failure as Failure where failure.kind == .corrupt {
      // A damaged header may be anything, but for what plainly is another file.
      var first: UInt8 = 0
      _ = try withUnsafeMutableBytes(of: &first) { try File.reading(path).readFully(into: $0) }
      guard first != UInt8(ascii: "{") else {
        throw Failure(
          .usage, path: path, "nothing that carries a digest of itself",
          hint: "verify takes datasets, runs, checkpoints and acoustic models")
      }
      result.problems.append(failure)
    }
    return result
  }
}
