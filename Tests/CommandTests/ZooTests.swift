import FileIO
import Glibc
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Every kind of bad file in every layout and container, among good ones: each is named with its reason, what is good is
/// there bit for bit, the card counts both, and nothing depends on the number of threads.
@Suite struct ZooTests {
  private static let zoo = Result { try Zoo() }
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: Enclosure.Layout.allCases) func inAFolder(layout: Enclosure.Layout) throws {
    var enclosure = try Enclosure(layout, Self.zoo.get(), root: folder("zoo"))
    try enclosure.write()
    try enclosure.addWhatOnlyDisksHold()
    try expect(enclosure)
    if layout == .librispeech {
      #expect(try runTool("cpc-shard", [folder("zoo"), "-o", folder("strict"), "--strict"]).status == 1)
      #expect(Folder.kind(of: folder("strict")) == nil)
    }
  }

  @Test(arguments: Enclosure.Layout.allCases.filter { $0 != .kaldi }, Container.all)
  func inAnArchive(layout: Enclosure.Layout, container: Container) throws {
    var enclosure = try Enclosure(layout, Self.zoo.get(), root: folder("zoo"))
    try enclosure.write(container, to: folder("zoo" + container.suffix))
    try expect(enclosure)
  }

  /// Parts and what they are joined to say and make what one run does, also on a record stream.
  @Test func inParts() throws {
    var enclosure = try Enclosure(.manifest, Self.zoo.get(), root: folder("zoo"))
    try enclosure.write()
    let options = enclosure.arguments + ["--shard-records", "16", "--verbose"]
    let whole = try runTool("cpc-shard", options + ["-o", folder("whole")])
    let skipped = skipped(whole)
    #expect(skipped.count == enclosure.bad.count)
    for threads in ["1", "2", "7"] {
      let parts = try (0..<3).map { part in
        let output = folder("part\(part)-\(threads)")
        let result = try runTool(
          "cpc-shard", options + ["--part", "\(part)/3", "-o", output, "--threads", threads])
        let messages = self.skipped(result)
        #expect(!messages.isEmpty && messages == skipped.filter { messages.contains($0) })
        return output
      }
      let output = folder("merged-\(threads)")
      let merged = try runTool(
        "cpc-shard", ["merge"] + options + ["-o", output, "--threads", threads, "--parts"] + parts)
      #expect(self.skipped(merged) == skipped)
      #expect(try content(output) == content(folder("whole")))
      let stream = try runTool("cpc-shard", options + ["-o", "-", "--threads", threads])
      #expect(stream.status == 1 && self.skipped(stream) == skipped)
    }
  }

  @Test(arguments: Enclosure.Layout.allCases) func whatMayNotBeRead(layout: Enclosure.Layout) throws {
    var enclosure = try Enclosure(layout, Self.zoo.get(), root: folder("zoo"))
    try enclosure.write()
    try enclosure.lock()
    try expect(enclosure, run: runToolWithoutPrivileges)
  }

  /// The first is the same at any number of threads, and so is what is said before it.
  @Test func strictly() throws {
    for layout in [Enclosure.Layout.manifest, .librispeech] {
      var enclosure = try Enclosure(layout, Self.zoo.get(), root: folder(layout.rawValue))
      try enclosure.write()
      let messages = try ["1", "2", "7", "7", "7"].map { threads in
        let result = try runTool(
          "cpc-shard", enclosure.arguments + ["-o", folder("strict"), "--strict", "--threads", threads])
        #expect(result.status == 1 && Folder.kind(of: folder("strict")) == nil)
        return result.messages
      }
      #expect(Set(messages).count == 1, "\(messages)")
    }
  }

  /// What was named, warnings too.
  private func skipped(_ result: ToolResult) -> [Substring] {
    result.messages.replacing("cpc-shard: warning: ", with: "skipped: ").split(separator: "\n")
      .filter { $0.hasPrefix("skipped: ") }
  }

  private func expect(
    _ enclosure: Enclosure, run: (_ tool: String, _ arguments: [String]) throws -> ToolResult = { try runTool($0, $1) }
  ) throws {
    let output = folder("out")
    var messages: [[Substring]] = []
    var contents: [[String: [UInt8]]] = []
    for threads in ["1", "2", "7"] {
      let result = try run(
        "cpc-shard", enclosure.arguments + ["-o", output, "--force", "--threads", threads, "--verbose"])
      #expect(result.status == 1)
      messages.append(skipped(result))
      contents.append(try content(output))
    }
    for i in 1...2 {
      #expect(messages[i] == messages[0])
      #expect(contents[i] == contents[0])
    }

    for (path, reason) in enclosure.bad {
      let lines = messages[0].filter { $0.contains(path + ": ") }
      #expect(lines.count == enclosure.bad.count { $0.path == path }, "\(path): \(lines)")
      #expect(lines.allSatisfy { $0.contains(reason) }, "\(path): \(reason), not \(lines)")
    }
    #expect(messages[0].count == enclosure.bad.count, "\(messages[0].joined(separator: "\n"))")

    let found = try utterances(of: output).filter { $0.line.rows > 0 }
    #expect(found.map(\.line.id).sorted() == enclosure.good.map(\.id).sorted())
    for good in enclosure.good {
      let utterance = found.first { $0.line.id == good.id }
      #expect(utterance?.samples == good.samples, "\(good.id)")
      #expect(utterance?.line.text == good.text, "\(good.id)")
    }

    let card = try Card.read(folder: output)
    let counts = try #require(card.facts["counts"])
    func count(_ key: String) -> Int { counts[key]?.intValue ?? -1 }
    #expect(count("utterances") - count("failed_utterances") == found.count)
    #expect(count("records") == found.map(\.line.rows).reduce(0, +))
    #expect(count("samples") == found.map(\.samples.count).reduce(0, +))
    #expect(count("skipped") == enclosure.bad.count)
    let skipped = try #require(card.facts["skipped"]?.arrayValue)
    #expect(skipped.count == enclosure.bad.count)
    // In the order in which it was said.
    for (line, problem) in zip(messages[0], skipped) {
      let start = problem["id"]?.stringValue.map { "skipped: \($0): " } ?? "skipped: "
      // The card leaves out the folders of files that a reason may name further on.
      let reason = problem["reason"]?.stringValue?.prefix(8) ?? ""
      #expect(line.hasPrefix(start) && line.contains(reason), "\(line): \(problem.compact)")
    }
    #expect(skipped.allSatisfy { $0["reason"]?.stringValue?.isEmpty == false && $0["path"] != nil })
    #expect(!card.facts.members.contains { $0.key != "command" && $0.value.compact.contains(folder.path) })
    #expect(try runTool("cpc-inspect", ["verify", output]).status == 0)
  }
}
