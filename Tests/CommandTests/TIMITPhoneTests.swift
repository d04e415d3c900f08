import FileIO
import Labels
import OrderedJSON
import Shards
import TestSupport
import Testing

/// TIMIT's phones become labels.
@Suite struct TIMITPhoneTests {
  private let folder: TemporaryFolder
  private static let phones = [
    (0, 3_200, "h#"), (3_200, 6_400, "sh"), (6_400, 8_000, "ix"), (8_000, 9_600, "q"), (9_600, 11_200, "dcl"),
    (11_200, 12_800, "jh"), (12_800, 14_400, "zh"), (14_400, 16_000, "dx"), (16_000, 20_480, "axr"),
  ]

  init() throws { folder = try TemporaryFolder() }

  /// Two speakers who say the same sentence.
  private func write(_ name: String, isSmall: Bool) throws {
    func spelled(_ text: String) -> String { isSmall ? text.lowercased() : text }
    for speaker in ["DR1/FCJF0", "DR2/MAEM0"] {
      let parent = folder("\(name)/" + spelled("TIMIT/TRAIN/\(speaker)"))
      try Folder.create(parent)
      try AudioFile.write(
        SpeechCorpus.speech(count: 20_480, seed: 1), to: "\(parent)/" + spelled("SA1.WAV"), format: .sphere)
      try File.writing("\(parent)/" + spelled("SA1.TXT")).write("0 20480 She had your dark suit.\n")
      try File.writing("\(parent)/" + spelled("SA1.WRD")).write("3200 8000 she\n")
      try File.writing("\(parent)/" + spelled("SA1.PHN")).write(
        Self.phones.map { "\($0.0) \($0.1) \($0.2)\n" }.joined())
    }
  }

  private func names(_ dataset: String, _ plane: String, _ classes: [String]) throws -> [[String]] {
    let dataset = try Dataset(opening: folder(dataset))
    return (0..<dataset.utteranceCount).map { utterance in
      dataset.records(ofUtterance: utterance).flatMap { record -> [String] in
        let (shard, row) = dataset.locate(record)
        return shard.plane(plane)!.integers(row).map { classes.indices.contains($0) ? classes[$0] : "-" }
      }
    }
  }

  private func cells(_ rename: (String) -> String) -> [String] {
    Self.phones.flatMap { Array(repeating: rename($0.2), count: ($0.1 - $0.0) / 160) }
  }

  private func folded(_ phone: String) -> String {
    ["h#": "sil", "ix": "ih", "q": "-", "dcl": "sil", "zh": "sh", "axr": "er"][phone] ?? phone
  }

  @Test(arguments: [false, true]) func inBothSets(isSmall: Bool) throws {
    try write("t", isSmall: isSmall)
    try ArchiveFile.write(try members(folder("t")), to: folder("t.tar.gz"), compression: .gzip)
    for source in ["t", "t.tar.gz"] {
      let made = try runTool(
        "cpc-shard",
        [
          folder(source), "--layout", "timit", "--phones", folder(source), "--phone-map", "timit-cmu41", "-o",
          folder("d"),
          "--force",
        ])
      #expect(made.status == 0, "\(made.messages)")
      #expect(made.messages.contains("2 phones that the phone map leaves out"), "\(made.messages)")
      let cmu = cells { ["ix": "IH", "q": "-", "zh": "ZH", "dx": "T"][$0] ?? folded($0).uppercased() }
      #expect(try names("d", "phones", PhoneSet.cmu41.names) == [cmu, cmu])
      let card = try Card.read(folder: folder("d"))
      #expect(card.facts["phone_sets"]?.arrayValue?.first?["left_out"]?.intValue == 2)
      for (plane, set, map, expected) in [
        ("p39", "timit39", ["--phone-map", "timit39"], cells(folded)), ("p61", "timit61", [], cells { $0 }),
      ] {
        let added = try runTool(
          "cpc-shard", ["add", folder("d"), "\(plane)=\(folder(source))", "--phone-set", set] + map)
        #expect(added.status == 0, "\(added.messages)")
        let classes = set == "timit39" ? PhoneSet.timit39.names : PhoneSet.timit61.names
        #expect(try names("d", plane, classes) == [expected, expected])
      }
    }
  }

  @Test func withoutAMap() throws {
    try write("t", isSmall: false)
    let result = try runTool(
      "cpc-shard", [folder("t"), "--layout", "timit", "--phones", folder("t"), "-o", folder("d")])
    #expect(result.status == 1 && result.messages.contains("phone h#"), "\(result.messages)")
    let lines = try runTool("cpc-align", ["convert", folder("t"), "--to", "jsonl", "--phone-map", "timit39"])
    #expect(
      lines.status == 0 && lines.text.contains(#"["sh",0.2,0.4],["ih",0.4,0.5],["sil",0.6,0.7]"#), "\(lines.text)")
    let again = try runTool("cpc-align", ["convert", folder("t"), "--to", "timit", "-o", folder("again")])
    #expect(again.status == 0, "\(again.messages)")
    let path = "TIMIT/TRAIN/DR1/FCJF0/SA1.PHN"
    #expect(try File.contents(of: folder("again/\(path)")) == File.contents(of: folder("t/\(path)")))
  }

  @Test func damagedFilesAreNamed() throws {
    try write("t", isSmall: false)
    for (text, reason) in [
      ("0 x h#\n", "not 'FIRST END PHONE'"), ("", "no phone in it"), ("5 2 h#\n", "not 'FIRST END"),
    ] {
      try writeAtomically(to: folder("t/TIMIT/TRAIN/DR1/FCJF0/SA1.PHN")) { try $0.write(text) }
      let result = try runTool("cpc-align", ["convert", folder("t"), "--to", "jsonl"])
      #expect(result.status == 1 && result.messages.contains(reason), "\(result.messages)")
    }
  }
}
