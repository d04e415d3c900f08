import FileIO
import Safetensors
import Shards
import TestSupport
import Testing

@Suite struct DatasetTests {
  @Test func holdsEverySampleAndLabel() throws {
    let folder = try TemporaryFolder()
    let utterances = edgeUtterances()
    try makeDataset(folder("d"), utterances: utterances)
    let dataset = try Dataset(opening: folder("d"))
    #expect(dataset.utteranceCount == utterances.count)
    #expect(dataset.groups == ["speaker 0", "speaker 1", "speaker 2"])
    #expect(try dataset.utteranceIDs() == utterances.map(\.id))
    let hash = XXH3.Stream()
    for (u, utterance) in utterances.enumerated() {
      var samples: [Int16] = []
      var phones: [UInt8] = []
      for (i, record) in dataset.records(ofUtterance: u).enumerated() {
        let (shard, row) = dataset.locate(record)
        #expect(dataset.utterance(record) == u)
        #expect(shard.utterance(row) == u)
        #expect(try dataset.group(record) == utterance.group)
        #expect(shard.start(row) == i * 20480)
        #expect(shard.isIntact(row, hash: hash))
        dataset.withSamples(record) { samples += $0 }
        phones += shard.phones(row)
        #expect(dataset.isFull(record) == (dataset.valid(record) == 20480))
      }
      #expect(samples.count == (utterance.samples.count + 20479) / 20480 * 20480)
      #expect(Array(samples.prefix(utterance.samples.count)) == utterance.samples)
      #expect(samples.dropFirst(utterance.samples.count).allSatisfy { $0 == 0 })
      #expect(Array(phones.prefix(utterance.labels!.count)) == utterance.labels)
      #expect(phones.dropFirst(utterance.labels!.count).allSatisfy { $0 == 255 })
    }
    for group in 0..<3 {
      let expected = (0..<dataset.recordCount).filter { utterances[dataset.utterance($0)].group == group }
      #expect(dataset.index.records(ofGroup: group) == expected)
    }
    #expect(dataset.index.labelHistogram.reduce(0, +) == dataset.recordCount * 128)
  }

  @Test func alignsEveryPlane() throws {
    let folder = try TemporaryFolder()
    for count in 0...9 {
      let utterances = (0..<count).map { SyntheticUtterance($0, group: 0, length: 20480) }
      let writer = try ShardWriter(
        .audio,
        folder: {
          try! Folder.create(folder("\(count)/shards")); return folder("\(count)")
        }(), shard: 0)
      for (u, utterance) in utterances.enumerated() { try writer.append(utterance.records(index: u)) }
      let entry = try writer.finish()
      #expect(entry.records == count)
      let file = try SafetensorsFile(mapping: folder("\(count)/\(entry.path)"))
      #expect(file.header.dataStart == 16384)
      #expect(
        file.header.tensors.map(\.name) == ["samples", "start", "checksum", "valid", "utterance", "group", "phones"])
      for tensor in file.header.tensors { #expect(tensor.range.lowerBound % tensor.type.size == 0) }
      #expect(entry.digest == XXH3.hash128(try File.contents(of: file.path)))
    }
  }

  @Test(arguments: [nil, 0, 2, 3, 4, 4096])
  func digestsTheFileHoweverManyRecordsWereExpected(_ expected: Int?) throws {
    let folder = try TemporaryFolder()
    try Folder.create(folder("shards"))
    let writer = try ShardWriter(.audio, folder: folder.path, shard: 0, expected: expected)
    for index in 0..<3 {
      try writer.append(SyntheticUtterance(index, group: 0, length: 20480, labelled: true).records(index: index))
    }
    let entry = try writer.finish()
    #expect(entry.records == 3)
    #expect(entry.digest == XXH3.hash128(try File.contents(of: folder(entry.path))))
  }

  @Test func dropsTheTail() {
    let records = SyntheticUtterance(0, group: 0, length: 50000).records(index: 0, tail: .drop)
    #expect(records.count == 2)
    #expect(SyntheticUtterance(0, group: 0, length: 100).records(index: 0, tail: .drop).count == 0)
  }

  @Test func addsAndReplacesSplits() throws {
    let folder = try TemporaryFolder()
    let utterances = edgeUtterances()
    try makeDataset(folder("d"), utterances: utterances)
    let parts = [(utterances[0].id, "train"), (utterances[3].id, "valid")]
    try Dataset.addSplit(named: "mine", parts: parts, folder: folder("d"), replacing: false)
    let dataset = try Dataset(opening: folder("d"))
    #expect(dataset.splitNames == ["mine"])
    #expect(try dataset.split(named: "mine") == ["train", nil, nil, "valid", nil, nil, nil, nil])
    #expect(throws: Failure.self) { try dataset.split(named: "other") }
    #expect(throws: Failure.self) {
      try Dataset.addSplit(named: "mine", parts: parts, folder: folder("d"), replacing: false)
    }
    #expect(throws: Failure.self) {
      try Dataset.addSplit(named: "../x", parts: parts, folder: folder("d"), replacing: false)
    }
    try Dataset.addSplit(named: "mine", parts: [parts[1]], folder: folder("d"), replacing: true)
    #expect(try Dataset(opening: folder("d")).split(named: "mine")[3] == "valid")
    #expect(try Dataset.verify(folder("d")).isGood)
  }

  @Test func refusesWhatIsNotADataset() throws {
    let folder = try TemporaryFolder()
    for path in [folder("missing"), folder.path] {
      let failure = #expect(throws: Failure.self) { try Dataset(opening: path) }
      #expect(failure?.path == path)
    }
  }

  @Test(arguments: ["shards/00001.safetensors", "index.safetensors", "utterances.jsonl"])
  func refusesFilesCutShort(name: String) throws {
    let folder = try TemporaryFolder()
    try makeDataset(folder("d"), utterances: edgeUtterances())
    let bytes = try File.contents(of: folder("d/\(name)"))
    try writeAtomically(to: folder("d/\(name)")) { try $0.write(bytes.dropLast(1).map { $0 }) }
    let failure = #expect(throws: Failure.self) { try Dataset(opening: folder("d")) }
    #expect(failure?.path == folder("d/\(name)"))
    #expect(try Dataset.verify(folder("d")).problems.map(\.path) == [folder("d/\(name)")])
    try Folder.remove(file: folder("d/\(name)"))
    #expect(try Dataset.verify(folder("d")).problems.map(\.path) == [folder("d/\(name)")])
  }
}
