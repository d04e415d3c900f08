import FileIO
import Glibc
import OrderedJSON
import TestSupport

/// Everything that the tools make from the tests' own speech, as digests by name.
struct Outputs {
  /// `name` → XXH3-128 of the bytes, in the order in which they are made.
  private(set) var digests: [(name: String, digest: String)] = []
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84, 1272, 7], chaptersPerSpeaker: 2, utterancesPerChapter: 3,
      lengths: [20_480, 30_000, 47_123, 61_440, 12_345])
    try write("phones.jsonl", corpus.utterances.enumerated().filter { $0.offset % 5 != 4 }.map(phones).joined())
  }

  /// A phone each tenth of a second.
  private func phones(_ index: Int, _ utterance: SpeechCorpus.Utterance) -> String {
    let names = ["SIL", "AA", "K", "S", "IY"]
    let intervals = (0..<utterance.samples.count / 1600).map { i in
      JSON.array([.string(names[(i * i + index) % 5]), .real(Double(i) / 10), .real(Double(i + 1) / 10)])
    }
    return JSON.object(["id": .string(utterance.id), "phones": .array(intervals)]).compact + "\n"
  }

  private func write(_ name: String, _ text: String) throws { try File.writing(folder(name)).write(text) }

  /// All that does not depend on the processor: datasets and lists.
  mutating func makeData() throws {
    let scanned = try output("scan", "cpc-scan", ["corpus"])
    try File.writing(folder("scanned.jsonl")).write(scanned)
    let split = ["scanned.jsonl", "--by", "utterance", "--fraction", "valid=0.2"]
    try File.writing(folder("corpus.jsonl")).write(output("split", "cpc-split", split))

    let options = ["--shard-records", "12", "--phones", "phones.jsonl", "--threads", "2"]
    try dataset("dataset", ["corpus.jsonl", "-o", "dataset"] + options)
    try dataset("drop", ["corpus", "-o", "drop", "--tail", "drop"])
    _ = try output("stream", "cpc-shard", ["corpus.jsonl", "-o", "-"] + options)
    for part in 0..<3 {
      try dataset("part\(part)", ["corpus.jsonl", "--part", "\(part)/3", "-o", "part\(part)"] + options)
    }
    try dataset("merged", ["corpus.jsonl", "-o", "merged"] + options + ["--merge", "part0", "part1", "part2"])
    try dataset("selected", ["dataset", "--select", "group=84,7", "-o", "selected"])
    try dataset("valid", ["dataset", "--select", "split=default:valid", "-o", "valid"])

    _ = try output("records", "cpc-cat", ["dataset", "--samples"])
    _ = try output("wav", "cpc-cat", ["dataset", "--utterance", corpus.utterances[1].id, "--wav"])
    _ = try output("webdataset", "cpc-cat", ["dataset", "--webdataset"])
    _ = try output("ctm", "cpc-align", ["convert", "dataset", "--to", "ctm"])
    _ = try output("card", "cpc-inspect", ["dataset"])
    _ = try output("plan", "cpc-inspect", ["plan", "dataset", "--updates", "1-20", "--batch", "4", "--json"])
    try dataset("dataset", ["--add", "again=phones.jsonl", "dataset"])
    try dataset("selected", ["dataset", "--select", "group=84", "-o", "selected", "--force"])
    try dataset("dataset", ["--remove", "again", "dataset"])
  }

  /// What depends on the kernels.
  mutating func makeModels() throws {
    try run("cpc-shard", ["corpus", "-o", "spoken", "--phones", "phones.jsonl"])
    for strategy in ["mixed-speaker", "same-speaker", "mixed-speaker-excl", "same-speaker-excl", "current-sequence"] {
      try train(strategy, ["--negatives", strategy])
    }
    try train(
      "drawn", ["--num-negatives", "16", "--crop", "random", "--normalisation", "channel", "--score", "cosine"])
    try train("bf16", ["--precision", "bf16"])

    let text = ["HELLO WORLD", "SEE THE OCEAN", "TEN BLUE BOATS GO HOME"]
    let lines = try run("cpc-scan", ["corpus"]).split(separator: UInt8(ascii: "\n")).enumerated().map { i, line in
      guard case .object(var object) = try JSON(parsing: Array(line)) else { throw Failure(.badInput, "no object") }
      object["text"] = .string(text[i % 3])
      return JSON.object(object).compact + "\n"
    }
    try write("texts.jsonl", lines.joined())
    _ = try output("aligned", "cpc-align", ["texts.jsonl", "--save-model", "model", "--threads", "2"])
    try add("acoustic model", File.contents(of: folder("model")))
  }

  private mutating func train(_ name: String, _ options: [String]) throws {
    let small = [
      "--channels", "8", "--context", "8", "--batch", "4", "--steps-ahead", "3", "--updates", "6", "--log-every", "1",
      "--valid-every", "3", "--valid-batches", "1", "--valid-fraction", "0.3", "--keep", "9", "--threads", "1", "-q",
    ]
    try run("cpc-train", ["spoken", "-o", "run-\(name)"] + small + options)
    try files(of: "run-\(name)") { $0 == "timing.jsonl" ? nil : $1 }
  }

  /// The files of the dataset that the command makes. Its card names the command, which is no part of the outcome.
  private mutating func dataset(_ name: String, _ arguments: [String]) throws {
    try run("cpc-shard", arguments + ["-q"])
    try files(of: name) { path, bytes in
      guard path == "dataset.json", case .object(var card) = try JSON(parsing: bytes) else { return bytes }
      card["command"] = nil
      return Array(JSON.object(card).compact.utf8)
    }
  }

  private mutating func files(of name: String, _ content: (String, [UInt8]) throws -> [UInt8]?) throws {
    func visit(_ prefix: String) throws {
      for file in try Folder.names(in: folder("\(name)/\(prefix)")).sorted() {
        let path = prefix + file
        if Folder.kind(of: folder("\(name)/\(path)")) == .folder {
          try visit(path + "/")
        } else if let bytes = try content(path, File.contents(of: folder("\(name)/\(path)"))) {
          add("\(name)/\(path)", bytes)
        }
      }
    }
    try visit("")
  }

  private mutating func output(_ name: String, _ tool: String, _ arguments: [String]) throws -> [UInt8] {
    let bytes = try run(tool, arguments)
    add(name, bytes)
    return bytes
  }

  @discardableResult private func run(_ tool: String, _ arguments: [String]) throws -> [UInt8] {
    let result = try runTool(tool, arguments, in: folder(""))
    guard result.status == 0 else {
      throw Failure(.badInput, "\(tool) \(arguments.joined(separator: " ")): \(result.status) \(result.messages)")
    }
    return result.output
  }

  private mutating func add(_ name: String, _ bytes: [UInt8]) {
    let hash = XXH3.Stream()
    bytes.withUnsafeBytes { hash.update($0) }
    digests.append((name.replacing(" ", with: "-"), hash.digest128))
  }
}
