import FileIO
import OrderedJSON
import Shards
import TestSupport
import Testing

/// Samples beyond full scale are counted in the card and for each utterance, with and without conversion; an utterance of
/// which most is, is a fault.
struct ClippingTests {
  let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try Folder.create(folder("corpus/s"))
  }

  /// Floating point in units of a 16-bit sample, times `gain`.
  private func add(_ name: String, gain: Float, silence: Int = 0) throws -> Int {
    let speech = SpeechCorpus.speech(count: 30_000, seed: 3) + [Int16](repeating: 0, count: silence)
    let path = folder("corpus/s/\(name).wav")
    try AudioFile.write(speech, to: path, format: .wavFloat)
    var bytes = try File.contents(of: path)
    let start = bytes.count - 4 * speech.count
    var beyond = 0
    for (i, sample) in speech.enumerated() {
      let value = Float(sample) / 32_768 * gain
      let units = (Double(value) * 32_768).rounded(.toNearestOrEven)
      if units > 32_767 || units < -32_768 { beyond += 1 }
      withUnsafeBytes(of: value.bitPattern.littleEndian) {
        bytes.replaceSubrange(start + 4 * i..<start + 4 * i + 4, with: $0)
      }
    }
    try File.writing(path).write(bytes)
    return beyond
  }

  @Test func isCountedAndTooMuchIsAFault() throws {
    _ = try add("a", gain: 1)
    let loud = try add("b", gain: 8)
    #expect(loud > 100 && loud < 10_000)
    // In the scale of 16-bit integers, also with more silence than sound.
    _ = try add("c", gain: 32_768)
    _ = try add("d", gain: 32_768, silence: 200_000)
    for flags in [[], ["--resample", "16000"], ["--threads", "1"]] {
      let result = try runTool(
        "cpc-shard", [folder("corpus"), "--layout", "speaker-folders", "-o", folder("out"), "--force"] + flags)
      #expect(result.status == 1)
      for name in ["c", "d"] {
        #expect(result.messages.contains("skipped: s/\(name): "), "\(result.messages)")
      }
      #expect(result.messages.contains("samples are beyond full scale (full scale of floating point is 1"))
      #expect(result.messages.contains("clipped \(loud < 1000 ? "\(loud)" : "\(loud / 1000),")"))
      let card = try Card.read(folder: folder("out"))
      #expect(card.facts["counts"]?["clipped_samples"]?.intValue == loud)
      #expect(card.facts["counts"]?["clipped_utterances"]?.intValue == 1)
      #expect(card.facts["counts"]?["failed_utterances"]?.intValue == 2)
      let lines = try utterances(of: folder("out")).map(\.line)
      #expect(lines.map { $0.json["clipped"]?.intValue } == [nil, loud, nil, nil])
      #expect(lines.map { $0.rows > 0 } == [true, true, false, false])
    }
    let shown = try runTool("cpc-inspect", [folder("out")])
    #expect(shown.text.contains("samples of 1 utterance"))

    // Subsets count what is theirs.
    for (id, count) in [("s/a", nil), ("s/b", loud)] {
      try File.writing(folder("ids")).write(id + "\n")
      let made = try runTool(
        "cpc-shard", ["select", folder("out"), "--ids", folder("ids"), "-o", folder("subset"), "--force"])
      #expect(made.status == 0, "\(made.messages)")
      let card = try Card.read(folder: folder("subset"))
      #expect(card.facts["counts"]?["clipped_samples"]?.intValue == count)
    }
  }
}
