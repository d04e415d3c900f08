import FileIO
import OrderedJSON
import TestSupport
import Testing

/// `cpc-inspect throughput`: the batches of a run, as fast as they come.
@Suite struct ThroughputTests {
  private let folder: TemporaryFolder

  /// One speaker with 6 full windows.
  init() throws {
    folder = try TemporaryFolder()
    let corpus = try SpeechCorpus(
      folder: folder("corpus"), speakers: [84], utterancesPerChapter: 1, lengths: [6 * 20_480 + 400])
    #expect(try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]).status == 0)
  }

  @Test func saysHowMuchItMade() throws {
    for (flags, batches) in [
      ([], 3), (["--updates", "100001-100010"], 10), (["--update", "2", "--accumulate", "4"], 4),
      (["--accumulate", "2"], 4),
    ] {
      let arguments = ["throughput", folder("d"), "--batch", "2", "--valid-fraction", "0", "--json"] + flags
      let result = try runTool("cpc-inspect", arguments)
      #expect(result.status == 0, "\(result.messages)")
      let report = try JSON(parsing: result.text)
      #expect(report["batches"] == .int(batches) && report["windows"] == .int(2 * batches), "\(flags)")
      for key in ["seconds", "windows_per_second", "bytes_per_second", "open_seconds", "first_batch_seconds"] {
        #expect(report[key]?.doubleValue ?? 0 > 0, "\(key)")
      }
    }
    #expect(try runTool("cpc-inspect", ["throughput", folder("d"), "--batch", "2"]).text.contains("windows/s"))
  }

  @Test func refusesWhatARunWouldRefuse() throws {
    for (arguments, status, message) in [
      ([folder("d"), "--batch", "7"], 1, "a batch takes 7"), ([folder("absent")], 1, "absent"),
      ([folder("d"), "--updates", "5-2"], 64, "updates count from 1"),
    ] {
      let result = try runTool("cpc-inspect", ["throughput"] + arguments)
      #expect(result.status == status && result.messages.contains(message), "\(arguments): \(result.messages)")
    }
  }
}
