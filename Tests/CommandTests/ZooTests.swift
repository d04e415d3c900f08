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

  private func expect(_ enclosure: Enclosure) throws {
    let output = folder("out")
    var messages: [[Substring]] = []
    var contents: [[String: [UInt8]]] = []
    for threads in ["1", "2", "7"] {
      let result = try runTool("cpc-shard", enclosure.arguments + ["-o", output, "--force", "--threads", threads])
      #expect(result.status == 1)
      messages.append(result.messages.split(separator: "\n").filter { $0.hasPrefix("skipped: ") }.sorted())
      contents.append(try content(output))
    }
    // What decoding finds may come before or after what reading on has found.
    for i in 1...2 {
      #expect(messages[i] == messages[0], "\(Set(messages[i]).symmetricDifference(messages[0]).sorted())")
      #expect(contents[i] == contents[0])
    }

    for (path, reason) in enclosure.bad {
      let lines = messages[0].filter { $0.contains(path + ": ") }
      #expect(lines.count == 1 && lines[0].contains(reason), "\(path): \(reason), not \(lines)")
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
    #expect(skipped.allSatisfy { $0["reason"]?.stringValue?.isEmpty == false && $0["path"] != nil })
    #expect(!card.facts.members.contains { $0.key != "command" && $0.value.compact.contains(folder.path) })
    #expect(try runTool("cpc-inspect", ["verify", output]).status == 0)
  }
}
