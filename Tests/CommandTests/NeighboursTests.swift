import Evaluation
import FileIO
import OrderedJSON
import Probes
import TestSupport
import Testing

/// `cpc-probe neighbours`, and what a page shows of it.
@Suite struct NeighboursTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private struct Rows: UtteranceFrames {
    let values: [[Float]]
    let offsets: [Int]
    let clock = FrameClock(hop: 1, centre: 0)
    var rows: Int { values.count }
    var columns: Int { values[0].count }

    func read(_ rows: Range<Int>, into destination: UnsafeMutableBufferPointer<Float>) {
      _ = destination.update(fromContentsOf: rows.flatMap { values[$0] })
    }
  }

  @Test(arguments: [(40, 3, 5), (2500, 7, 9), (5, 1, 20)]) func areThoseOfBruteForce(
    rows: Int, columns: Int, count: Int
  ) throws {
    var random = SeededGenerator(UInt64(rows))
    var values = (0..<rows).map { _ in (0..<columns).map { _ in Float.random(in: -1...1, using: &random) } }
    values[2] = values[2].map { _ in 0 }
    // The same vector at other places: the earlier one comes first.
    values[rows - 1] = values[0]
    let offsets = [0, 2, 2, rows / 2, rows]
    let frames = Rows(values: values, offsets: offsets)
    func cosine(_ a: Int, _ b: Int) -> Double {
      func product(_ a: Int, _ b: Int) -> Double { zip(values[a], values[b]).reduce(0) { $0 + Double($1.0 * $1.1) } }
      let length = (product(a, a) * product(b, b)).squareRoot()
      return length > 0 ? product(a, b) / length : 0
    }
    func utterance(_ row: Int) -> Int { offsets.lastIndex { $0 <= row }! }
    let queries = [0, 1, 2, rows - 1]
    let found = try Neighbour.nearest(to: queries, count: count, in: frames)
    for (query, near) in zip(queries, found) {
      let others = (0..<rows).filter { utterance($0) != utterance(query) }
      let best = others.map { cosine(query, $0) }.sorted(by: >).prefix(count)
      #expect(near.count == best.count)
      for (one, other) in zip(near, best) {
        #expect(abs(Double(one.cosine) - other) < 1e-5 && utterance(one.row) != utterance(query))
        #expect(abs(cosine(query, one.row) - other) < 1e-5)
      }
      for (a, b) in zip(near, near.dropFirst()) {
        #expect(a.cosine > b.cosine || (a.cosine == b.cosine && a.row < b.row))
      }
    }
  }

  private func good(_ tool: String, _ arguments: [String]) throws -> ToolResult {
    let result = try runTool(tool, arguments)
    #expect(result.status == 0, "\(tool) \(arguments): \(result.messages)")
    return result
  }

  @Test(arguments: ModelKindTests.Kind.allCases) func picturesAndSentencesAreShown(_ kind: ModelKindTests.Kind) throws {
    let damaged = try kind.corpus.write(to: folder("c"))
    try Folder.remove(file: folder("c/\(damaged)"))
    let data = folder("d")
    _ = try good("cpc-shard", [folder("c")] + kind.corpus.flags + kind.making(folder("c")) + ["-o", data, "-q"])
    let run = ["-o", folder("run"), "--updates", "2", "--batch", "4", "--threads", "1", "-q"]
    _ = try good("cpc-train", [data] + run + kind.model)
    _ = try good("cpc-embed", [folder("run"), data, "-o", folder("e"), "-q"])
    let flags = ["neighbours", "--samples", "5", "--count", "3", "--progress", "none", "-o"]
    _ = try good("cpc-probe", flags + [folder("a.jsonl"), folder("run"), data])
    _ = try good("cpc-probe", flags + [folder("b.jsonl"), folder("e"), "--of", data])
    let result = try JSON(parsing: File.contents(of: folder("a.jsonl")))
    #expect(try result["samples"] == JSON(parsing: File.contents(of: folder("b.jsonl")))["samples"])
    let samples = try #require(result["samples"]?.arrayValue)
    #expect(samples.count == 5)
    for sample in samples {
      let near = try #require(sample["neighbours"]?.arrayValue)
      #expect(near.count == 3)
      for one in near { #expect(one["id"] != nil && one["id"] != sample["id"]) }
      let cosines = near.compactMap { $0["cosine"]?.doubleValue }
      #expect(cosines.count == 3 && cosines == cosines.sorted(by: >))
      for one in [sample] + near {
        switch kind {
        case .images: #expect(one["picture"]?.stringValue?.hasPrefix("iVBORw0KGgo") == true)
        case .texts: #expect(one["text"]?.stringValue?.isEmpty == false && one["sentence"]?.intValue ?? 0 > 0)
        }
      }
    }
    _ = try good("cpc-report", [folder("a.jsonl"), "-o", folder("r.html"), "-q"])
    let page = String(decoding: try File.contents(of: folder("r.html")), as: UTF8.self)
    let shown = page.ranges(of: kind == .images ? "<img alt=" : "<p title=").count
    #expect(shown == 20 && page.contains("What lies near"))
    try File.writing(folder("bad.jsonl")).write(
      #"{"kind":"neighbours","samples":[{"id":"a","picture":"\"><script>","neighbours":[]}]}"#)
    let bad = try runTool("cpc-report", [folder("bad.jsonl"), "-o", folder("bad.html")])
    #expect(bad.status == 1 && bad.messages.contains("PNG in Base64 expected"), "\(bad.messages)")
  }

  @Test func whatHasNeitherIsRefused() throws {
    _ = try SpeechCorpus(folder: folder("corpus"), speakers: [84])
    _ = try good("cpc-shard", [folder("corpus"), "-o", folder("d"), "-q"])
    _ = try good("cpc-embed", [folder("d"), "--features", "mfcc", "-o", folder("e"), "-q"])
    let cases: [([String], Int32, String)] = [
      ([folder("e"), "--json"], 64, "--of DATASET names what they were made of"),
      ([folder("e"), "--of", folder("d"), "--json"], 64, "cpc-probe tsne shows frames of speech"),
      ([folder("d"), "--features", "mfcc", "--of", folder("d"), "--json"], 64, "--of is for a dataset of features"),
      ([folder("e")], 64, "-o FILE takes the neighbours"),
    ]
    for (words, status, message) in cases {
      let result = try runTool("cpc-probe", ["neighbours"] + words)
      #expect(result.status == status && result.messages.contains(message), "\(words): \(result.messages)")
    }
  }
}
