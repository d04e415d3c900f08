import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing
import Training

/// `cpc-train` as its users see it.
@Suite struct ToolTests {
  private let small = ["--channels", "8", "--context", "8", "--batch", "4", "--valid-batches", "2"]

  private func dataset(_ folder: TemporaryFolder) throws -> String {
    _ = try makeDataset(folder("d"), someUtterances(20))
    return folder("d")
  }

  @Test func printsAHeldOutTable() throws {
    let folder = try TemporaryFolder()
    let data = try dataset(folder)
    let result = try runTool("cpc-train", [data, "-o", folder("run"), "--updates", "3"] + small)
    #expect(result.status == 0, "\(result.messages)")
    let lines = result.text.split(separator: "\n")
    try #require(lines.count == 30)
    #expect(lines[0].hasPrefix("held out, ") && lines[14].hasPrefix("chance"))
    #expect(lines[15].hasPrefix("common task, 8 windows, mixed-speaker-excl, 128 negatives: "))
    let config = try JSON(parsing: String(decoding: File.contents(of: folder("run/config.json")), as: UTF8.self))
    #expect(config["dataset_digest"]?.stringValue == (try Dataset(opening: data)).digest)
    #expect(config["updates"]?.intValue == 3 && (config["gain"]?.doubleValue ?? 0) > 1)
    let again = try runTool("cpc-train", [data, "-o", folder("run"), "--updates", "3"] + small)
    #expect(again.status == 1 && again.messages.contains("--force"))
    let forced = try runTool("cpc-train", [data, "-o", folder("run"), "--updates", "3", "--force"] + small)
    #expect(forced.status == 0 && forced.output == result.output)
  }

  @Test func readsAStream() throws {
    let folder = try TemporaryFolder()
    _ = try makeStream(folder("s"), someUtterances(40))
    let stream = try File.contents(of: folder("s"))
    let arguments = ["-o", folder("run"), "--json", "--buffer", "16", "--valid-fraction", "0.3"] + small
    let result = try runTool("cpc-train", ["-"] + arguments, input: stream)
    #expect(result.status == 0, "\(result.messages)")
    let summary = try JSON(parsing: result.text)
    #expect(summary["ended"]?.stringValue == "data ended" && (summary["updates"]?.intValue ?? 0) > 5)
    #expect(summary["held_out"]?["loss_by_step"]?.arrayValue?.count == 12)
    let cut = try runTool("cpc-train", arguments + ["--force"], input: Array(stream.dropLast(1000)))
    #expect(cut.status == 1 && cut.messages.contains("byte "))
    // What was learned until then is there.
    let latest = try String(decoding: File.contents(of: folder("run/latest")).dropLast(), as: UTF8.self)
    #expect(cut.messages.contains("saved before: \(folder("run/\(latest)"))"), "\(cut.messages)")
    #expect(try Checkpoint(opening: folder("run/\(latest)")).facts.state.update > 0)
    #expect(try runTool("cpc-train", ["-o", folder("other")], input: []).status == 1)
    #expect(Folder.kind(of: folder("other")) == nil)
  }

  @Test func refusesWhatCannotBe() throws {
    let folder = try TemporaryFolder()
    let data = try dataset(folder)
    func status(_ arguments: String...) throws -> Int {
      try runTool("cpc-train", [data, "-o", folder("run")] + arguments).status
    }
    #expect(try status("--negatives", "all-of-them") == 64)
    #expect(try status("--input", "loud") == 64)
    #expect(try status("--steps-ahead", "128") == 64)
    #expect(try status("--num-negatives", "some") == 64)
    #expect(try status("--num-negatives", "0") == 64)
    #expect(try status("--num-negatives", "512", "--batch", "4") == 64)
    #expect(try status("--num-negatives", "385", "--batch", "4", "--negatives", "mixed-speaker-excl") == 64)
    #expect(try status("--num-negatives", "128", "--negatives", "current-sequence") == 64)
    #expect(try status("--negatives", "same-speaker-excl", "--batch", "1") == 64)
    #expect(try status("--temperature", "0.1") == 64)
    #expect(try status("--preset", "best") == 64)
    #expect(try status("--resume", "--force") == 64)
    #expect(try status("--threads", "0") == 64)
    #expect(try status("--valid-split", "valid") == 64)
    #expect(try status("--split-name", "none") == 1)
    #expect(try status("--batch", "1000") == 1)
    #expect(try runTool("cpc-train", [folder("nothing"), "-o", folder("run")]).status == 1)
    #expect(Folder.kind(of: folder("run")) == nil, "nothing is left behind")
  }
}
