import FileIO

/// A small corpus in the layout of LibriSpeech, written to a folder: `test/SPEAKER/CHAPTER/…flac`, a transcript file a
/// chapter and SPEAKERS.TXT. The audio is noise with the spectrum and the bursts of speech, the same every time.
public struct SpeechCorpus: Sendable {
  public struct Utterance: Sendable {
    public var id: String
    public var speaker: String
    public var chapter: String
    public var text: String
    public var samples: [Int16]
    /// Inside the corpus folder.
    public var path: String { "test/\(speaker)/\(chapter)/\(id).flac" }
  }

  public let folder: String
  /// In corpus order.
  public let utterances: [Utterance]

  /// - Parameters:
  ///   - speakers: reader numbers, in any order.
  ///   - lengths: samples of the utterances in corpus order, used again from the first when they run out.
  ///   - transcripts: whether the text files are written.
  public init(
    folder: String, speakers: [Int] = [84, 1272], chaptersPerSpeaker: Int = 1, utterancesPerChapter: Int = 2,
    lengths: [Int] = [20_480, 30_000, 47_123], transcripts: Bool = true
  ) throws {
    self.folder = folder
    var utterances: [Utterance] = []
    for speaker in speakers.map(String.init).sorted(by: { $0.utf8.lexicographicallyPrecedes($1.utf8) }) {
      for chapter in (0..<chaptersPerSpeaker).map({ "\(speaker)\(100 + $0)" }) {
        let parent = "\(folder)/test/\(speaker)/\(chapter)"
        try Folder.create(parent)
        var lines = ""
        for number in 0..<utterancesPerChapter {
          let id = "\(speaker)-\(chapter)-" + String(String(10_000 + number).dropFirst())
          let samples = Self.speech(
            count: lengths[utterances.count % lengths.count], seed: UInt64(utterances.count + 1))
          let text = "UTTERANCE \(number) OF CHAPTER \(chapter)"
          utterances.append(Utterance(id: id, speaker: speaker, chapter: chapter, text: text, samples: samples))
          try AudioFile.write(samples, to: "\(parent)/\(id).flac")
          lines += "\(id) \(text)\n"
        }
        if transcripts { try File.writing("\(parent)/\(speaker)-\(chapter).trans.txt").write(lines) }
      }
    }
    if transcripts {
      let rows = speakers.map { "\($0) | F | test | 1.50 | |Reader| number \($0)\n" }
      try File.writing("\(folder)/SPEAKERS.TXT").write(";ID |SEX| SUBSET |MINUTES| NAME\n" + rows.joined())
    }
    self.utterances = utterances
  }

  /// Low-pass noise in bursts, at most a quarter of full scale.
  public static func speech(count: Int, seed: UInt64) -> [Int16] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    var level = 0
    return (0..<count).map { i in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      level = level * 7 / 8 + Int(state >> 51) - 4096
      let envelope = 16 + abs(i / 40 % 200 - 100)
      return Int16(clamping: level * envelope / 256)
    }
  }

  /// Every file, with its path inside the folder, in corpus order.
  public func files() throws -> [ArchiveFile.Member] {
    var result: [ArchiveFile.Member] = []
    func visit(_ prefix: String) throws {
      for name in try Folder.names(in: "\(folder)/\(prefix)") {
        let path = prefix + name
        if Folder.kind(of: "\(folder)/\(path)") == .folder {
          try visit(path + "/")
        } else {
          result.append(.init(path, try File.contents(of: "\(folder)/\(path)")))
        }
      }
    }
    try visit("")
    return result
  }
}
