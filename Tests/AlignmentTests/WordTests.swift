import Alignment
import FileIO
import Glibc
import Kernels
import Labels
import Manifests
import OrderedJSON
import TestSupport
import Testing

/// When words are spoken, as cpc-align writes it beside the phones.
@Suite struct WordTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func search(_ words: [[[UInt8]]], _ model: AcousticModel, _ frames: Int, _ random: inout SeededGenerator)
    -> Segmentation?
  {
    let scores = Buffer(
      (0..<frames).flatMap { _ in
        (0..<model.stateCount).map { _ in Float.random(in: -12...0, using: &random) } + [-Float.infinity]
      })
    return Viterbi(UtteranceGraph(words, model: model), frames: frames, model: model)?.search { block in
      UnsafePointer(scores.pointer + block.lowerBound * (model.stateCount + 1))
    }
  }

  @Test func everyWordHasTheFramesOfItsPhonesAlsoAfterASecondSearch() throws {
    var random = SeededGenerator(11)
    let model = randomModel(phones: 8, using: &random)
    var (silent, inside) = (0, 0)
    for _ in 0..<60 {
      // Phone 0 is silence: a lexicon may have it in a pronunciation, or nothing else.
      let words = (0..<Int.random(in: 1...12, using: &random)).map { _ in
        (0..<Int.random(in: 1...3, using: &random)).map { _ in
          (0..<Int.random(in: 1...4, using: &random)).map { _ in
            Int.random(in: 0..<12, using: &random) == 0 ? 0 : UInt8.random(in: 1...9, using: &random)
          }
        }
      }
      let frames = UtteranceGraph(words, model: model).least + Int.random(in: 0...90, using: &random)
      let found = try #require(search(words, model, frames, &random))
      let fixed = found.segments.split { $0.phone == 0 }.map { [$0.map { UInt8($0.phone) }] }
      guard !fixed.isEmpty, let second = search(fixed, model, frames, &random) else { continue }
      for segmentation in [found, second] {
        let times = segmentation.frames(ofWords: words.count, asIn: found, silence: 0)
        #expect(times.count == words.count)
        var spoken: [UInt8] = []
        for (word, time) in zip(words, times) {
          guard let time else {
            #expect(word.contains { $0.allSatisfy { $0 == 0 } })
            silent += 1
            continue
          }
          // Exactly the phones of one pronunciation lie in these frames, none of them cut.
          let phones = segmentation.segments.filter { $0.frames.overlaps(time) }
          #expect(
            phones.first?.frames.lowerBound == time.lowerBound && phones.last?.frames.upperBound == time.upperBound)
          let said = phones.map { UInt8($0.phone) }.filter { $0 != 0 }
          #expect(word.contains { $0.filter { $0 != 0 } == said })
          if phones.count > said.count { inside += 1 }
          spoken += said
        }
        #expect(spoken == segmentation.segments.map { UInt8($0.phone) }.filter { $0 != 0 })
        let present = times.compactMap { $0 }
        for (a, b) in zip(present, present.dropFirst()) { #expect(a.upperBound <= b.lowerBound) }
      }
    }
    #expect(silent > 10 && inside > 10)
  }

  private func entries(_ bytes: [UInt8]) throws -> [ManifestEntry] {
    try bytes.split(separator: UInt8(ascii: "\n")).map { try ManifestEntry(parsing: Array($0)) }
  }

  private func bytes(_ entries: [ManifestEntry]) -> [UInt8] {
    entries.reduce(into: []) { $1.write(to: &$0) }
  }

  /// A corpus of noise, with texts of which the words need care; aligned with words.
  private func aligned(_ options: [String] = []) throws -> (without: [UInt8], with: [UInt8]) {
    let corpus = try SpeechCorpus(folder: folder("corpus"), utterancesPerChapter: 4, lengths: [90_000, 76_543])
    var entries = try entries(runTool("cpc-scan", [corpus.folder]).output)
    let texts = [
      "Well-known words, 12 of them: don't!", "a <noise> between [laughter] A a", "U.S. & them", "“Quoted” speech…",
    ]
    for (i, text) in texts.enumerated() { entries[i].text = text }
    // From another tool; the last one cannot be aligned.
    entries[1].extra["words"] = .array([PhoneInterval(label: "OLD", begin: 0, end: 1).json])
    entries[7].extra["words"] = entries[1].extra["words"]
    entries[7].text = Array(repeating: "UNDERSTANDING", count: 40).joined(separator: " ")
    let manifest = bytes(entries)
    let arguments = ["--iterations", "3"] + options
    let without = try runTool("cpc-align", arguments, input: manifest)
    let with = try runTool("cpc-align", arguments + ["--words"], input: manifest)
    #expect(without.status == 1 && with.status == 1, "\(with.messages)")
    return (without.output, with.output)
  }

  @Test(arguments: [[], ["--context-states", "0"]])
  func wordsAreThoseOfTheTranscriptAndOfThePhones(options: [String]) throws {
    let (without, with) = try aligned(options)
    let pronouncer = try Pronouncer()
    let entries = try entries(with)
    #expect(entries.count == 8)
    #expect(entries[7].extra["words"] == nil && entries[7].phones == nil)
    for entry in entries.dropLast() {
      let phones = try #require(entry.phones)
      let words = try #require(PhoneInterval.list(entry.extra["words"]))
      let text = try #require(entry.text)
      #expect(words.map(\.label) == pronouncer.words(of: text))
      var end = 0.0
      for (word, ways) in zip(words, try pronouncer.pronounce(text)) {
        #expect(word.begin >= end && word.begin < word.end && word.end <= phones.last!.end)
        end = word.end
        let said = phones.filter { $0.begin < word.end && $0.end > word.begin }
        #expect(said.first?.beginText == word.beginText && said.last?.endText == word.endText, "\(word)")
        let classes = said.compactMap { PhoneSet.cmu41.index(of: $0.label) }.map { UInt8($0) }
        #expect(ways.contains(classes), "\(word.label): \(said.map(\.label))")
      }
      let spoken = words.flatMap { word in phones.filter { $0.begin >= word.begin && $0.end <= word.end } }
      #expect(spoken == phones.filter { $0.label != "SIL" })
    }
    #expect(
      PhoneInterval.list(entries[0].extra["words"])?.map(\.label) == [
        "WELL", "KNOWN", "WORDS", "12", "OF", "THEM", "DON'T",
      ])
    #expect(
      PhoneInterval.list(entries[1].extra["words"])?.map(\.label)
        == ["A", "<NOISE>", "BETWEEN", "[LAUGHTER]", "A", "A"])
    // The words apart, nothing else is written: lines that have words of another tool keep them without --words.
    let others = try self.entries(without)
    #expect(others[1].extra["words"] != nil && others[7].extra["words"] != nil && others[0].extra["words"] == nil)
    func bare(_ entries: [ManifestEntry]) -> [UInt8] {
      bytes(
        entries.map {
          var entry = $0
          entry.extra["words"] = nil
          return entry
        })
    }
    #expect(bare(others) == bare(entries))
  }

  @Test func wordsGoThroughEveryTool() throws {
    let with = try aligned().with
    let entries = try entries(with)
    try File.writing(folder("a.jsonl")).write(with)
    let split = try runTool("cpc-split", [folder("a.jsonl"), "--by", "utterance", "--fraction", "valid=0.3"])
    #expect(split.status == 0, "\(split.messages)")
    #expect(try self.entries(split.output).map { $0.extra["words"] } == entries.map { $0.extra["words"] })
    let shard = try runTool("cpc-shard", [folder("a.jsonl"), "-o", folder("d")])
    #expect(shard.status == 0, "\(shard.messages)")
    let list = try File.contents(of: folder("d/utterances.jsonl")).split(separator: UInt8(ascii: "\n"))
    #expect(try list.map { try JSON(parsing: Array($0))["words"] } == entries.map { $0.extra["words"] })
    // Out of the dataset: words beside the phones, and alone.
    let beside = try runTool("cpc-align", ["convert", folder("d"), "--to", "jsonl"])
    #expect(beside.status == 0, "\(beside.messages)")
    let tracks = try beside.output.split(separator: UInt8(ascii: "\n")).map { try JSON(parsing: Array($0)) }
    #expect(tracks.map { $0["words"] } == entries.dropLast().map { $0.extra["words"] })
    for input in ["d", "a.jsonl"] {
      let alone = try runTool("cpc-align", ["convert", folder(input), "--tier", "words", "--to", "jsonl"])
      let lines = entries.dropLast().map { entry in
        JSON.object(["id": .string(entry.id), "words": entry.extra["words"]!]).compact + "\n"
      }
      #expect(alone.status == 0 && alone.text == lines.joined(), "\(input): \(alone.messages)")
    }
    let compared = try runTool("cpc-align", ["compare", folder("a.jsonl"), folder("d")])
    #expect(compared.status == 0 && compared.text.contains("agreement    100.0 %"), "\(compared.text)")
  }
}
