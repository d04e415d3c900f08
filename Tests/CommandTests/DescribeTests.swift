import FileIO
import OrderedJSON
import TestSupport
import Testing

/// `cpc-inspect X` says what X is, whatever the suite has made.
@Suite struct DescribeTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    let corpus = try makeCorpus(folder("corpus"))
    let list = try runTool("cpc-scan", [corpus.folder])
    try File.writing(folder("m.jsonl")).write(list.text)
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d"), "-q"]).status == 0)
    let stream = try runProcess(
      "/bin/bash", ["-c", #"exec "$0" "$1" -o - > "$2""#, toolPath("cpc-shard"), corpus.folder, folder("stream")])
    #expect(stream.status == 0, "\(stream.messages)")
    let run = try runTool(
      "cpc-train",
      [
        folder("d"), "-o", folder("run"), "--channels", "8", "--context", "6", "--updates", "3", "--batch", "2",
        "--checkpoint-every", "2", "--quiet",
      ])
    #expect(run.status == 0, "\(run.messages)")
  }

  private func describe(_ path: String) throws -> (text: String, json: JSON) {
    let (text, json) = (try runTool("cpc-inspect", [path]), try runTool("cpc-inspect", [path, "--json"]))
    #expect(text.status == 0 && json.status == 0, "\(path): \(text.messages)")
    return (text.text, try JSON(parsing: json.text))
  }

  @Test func everythingIsDescribed() throws {
    let run = try describe(folder("run"))
    #expect(run.text.contains("what          a run of cpc-train\n") && run.text.contains("updates       3 of 3\n"))
    let names = try Folder.names(in: folder("run/checkpoints")).sorted()
    #expect(run.json["checkpoints"]?.intValue == names.count && run.json["held_out"]?["update"]?.intValue == 3)
    #expect(run.json["settings"]?["channels"]?.intValue == 8 && run.json["trained_on"]?["dataset"] != nil)
    let checkpoint = try describe(folder("run/checkpoints/\(names.last!)"))
    #expect(checkpoint.json["update"]?.intValue == 3 && checkpoint.text.contains("a checkpoint of cpc-train"))
    #expect((checkpoint.json["numbers"]?.intValue ?? 0) > 1000)
    let manifest = try describe(folder("m.jsonl"))
    #expect(manifest.text.contains("a manifest of cpc-scan") && manifest.json["hours"] != nil)
    let count = try File.contents(of: folder("m.jsonl")).count { $0 == 0x0a }
    #expect(manifest.json["lines"]?.intValue == count && count > 3)
    // Pieces, rates of their own, keys that come later; compressed as well.
    try File.writing(folder("p.jsonl")).write(
      #"{"id":"a","source":"a","group":"g","samples":57600000,"rate":16000,"offset":16000,"length":28800000}"# + "\n"
        + #"{"id":"b","source":"b","group":"g","samples":158760000,"rate":44100,"split":"x"}"# + "\n"
        + #"{"id":"c","source":"c","group":"g","samples":57600000,"rate":16000,"offset":28800000}"# + "\n")
    #expect(try runProcess("/usr/bin/gzip", ["-k", folder("p.jsonl")]).status == 0)
    for name in ["p.jsonl", "p.jsonl.gz"] {
      let pieces = try describe(folder(name))
      #expect(pieces.json["hours"]?.doubleValue == 2 && pieces.json["lines"]?.intValue == 3)
      #expect(pieces.text.contains("length, split\n"))
    }
    let stream = try describe(folder("stream"))
    #expect(stream.text.contains("a record stream of cpc-shard, intact") && stream.json["kind"]?.stringValue == "audio")
    #expect((stream.json["records"]?.intValue ?? 0) > 3)
    #expect(try describe(folder("d/shards/00000.safetensors")).text.contains("a file of a dataset's folder"))
  }

  @Test(arguments: ["cut", "other", "empty", "folder", "nothing", "json"]) func theRestIsNamed(_ what: String) throws {
    let path = folder(what)
    switch what {
    case "cut":
      let bytes = try File.contents(of: folder("stream"))
      try File.writing(path).write(Array(bytes.dropLast(100)))
    case "other": try File.writing(path).write("some words\n")
    case "empty": try File.writing(path).write("")
    case "folder": try Folder.create(path)
    case "json": try File.writing(path).write("{\"a\": 1}\n")
    default: break
    }
    let result = try runTool("cpc-inspect", [path])
    #expect(result.status == 1 && result.text.isEmpty)
    let reason =
      switch what {
      case "cut": "stream"
      case "other", "empty": "nothing that these tools make"
      case "folder": "neither dataset.json nor checkpoints"
      case "json": "without \"id\""
      default: "no such file or folder"
      }
    #expect(result.messages.contains(reason) && result.messages.contains(path), "\(result.messages)")
  }
}
