import Audio
import Corpora
import FileIO
import Makers
import Manifests
import OrderedJSON
import Sharding
import Shards
import TestSupport
import Testing

/// Pieces of long files: decoded in one pass, whatever their order, and only they are held.
@Suite struct PieceTests {
  private let folder: TemporaryFolder
  private let samples = SpeechCorpus.speech(count: 2_000_000, seed: 5)
  private let piece = 10_000

  init() throws { folder = try TemporaryFolder() }

  /// A manifest of pieces of one file.
  private func manifest(_ source: String, member: String? = nil, _ ranges: [Range<Int>]) throws -> String {
    var bytes: [UInt8] = []
    for (i, range) in ranges.enumerated() {
      ManifestEntry(
        id: "piece-\(i)", source: source, member: member, group: "g",
        extent: .audio(samples: samples.count, rate: 16_000),
        offset: range.lowerBound, length: range.count
      ).write(to: &bytes)
    }
    try File.writing(folder("m.jsonl")).write(bytes)
    return folder("m.jsonl")
  }

  private struct Result {
    var problems: [InputProblem]
    var openedFiles: Int
    var decodedFrames: Int
  }

  private func shard(_ manifest: String, threads: Int) throws -> Result {
    let maker = AudioMaker()
    var options = ShardingOptions(maker)
    options.threads = threads
    options.force = true
    let summary = try shardDataset(Corpus(manifest: try File.reading(manifest)), to: folder("out"), options: options)
    return Result(
      problems: summary.problems, openedFiles: maker.effort.opens, decodedFrames: maker.effort.frames)
  }

  private func expect(_ ranges: [Range<Int>], _ comment: Comment? = nil) throws {
    #expect(try utterances(of: folder("out")).map(\.samples) == ranges.map { Array(samples[$0]) }, comment)
  }

  private var consecutive: [Range<Int>] { stride(from: 0, to: samples.count, by: piece).map { $0..<$0 + piece } }

  @Test(arguments: [("a.flac", AudioFile.Format.flac), ("a.wav", .wav), ("a.sph", .sphere)])
  func piecesThatFollowAreDecodedOnce(_ name: String, _ format: AudioFile.Format) throws {
    try AudioFile.write(samples, to: folder(name), format: format)
    try ArchiveFile.write([.init("x/\(name)", File.contents(of: folder(name)))], to: folder("a.tar"))
    for (source, member) in [(name, nil), ("a.tar", "x/\(name)")] {
      let manifest = try manifest(source, member: member, consecutive)
      let alone = try shard(manifest, threads: 1)
      #expect(alone.problems == [] && alone.openedFiles == 1 && alone.decodedFrames == samples.count, "\(name)")
      try expect(consecutive, "\(name)")
      let digest = try Card.read(folder: folder("out")).shards.map(\.digest)
      // Each thread opens the file and seeks to its turn: a block of FLAC more for each.
      let together = try shard(manifest, threads: 3)
      #expect(together.openedFiles <= 3 && together.decodedFrames < samples.count * 112 / 100, "\(name)")
      #expect(try Card.read(folder: folder("out")).shards.map(\.digest) == digest)
    }
  }

  @Test func lossyCodingsAreNotSoughtIn() throws {
    try AudioFile.write(samples, to: folder("a.ogg"), format: .vorbis)
    let decoded = try AudioFile.read(folder("a.ogg")).samples
    let ranges = [1_500_000..<1_510_000, 100_000..<130_000, 130_000..<150_000]
    let manifest = try manifest("a.ogg", ranges)
    let summary = try shard(manifest, threads: 1)
    #expect(summary.openedFiles == 2 && summary.decodedFrames == 1_510_000 + 150_000)
    let digest = try Card.read(folder: folder("out")).shards.map(\.digest)
    // libsndfile's own conversion truncates; ours rounds.
    for (found, range) in zip(try utterances(of: folder("out")).map(\.samples), ranges) {
      #expect(zip(found, decoded[range]).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }
    #expect(try shard(manifest, threads: 4).problems == [])
    #expect(try Card.read(folder: folder("out")).shards.map(\.digest) == digest)
  }

  @Test func overlappingBackwardAndDistantPieces() throws {
    let ranges = [
      0..<30_000, 20_000..<50_000, 20_000..<20_001, 1_999_000..<2_000_000, 5..<40_000, 700_000..<790_000,
      789_999..<800_000, 0..<1, 3_000..<3_100, 1_000_000..<1_500_000,
    ]
    for (name, format) in [("a.flac", AudioFile.Format.flac), ("a.aiff", .aiff)] {
      try AudioFile.write(samples, to: folder(name), format: format)
      let manifest = try manifest(name, ranges)
      for threads in [1, 2, 5] {
        let summary = try shard(manifest, threads: threads)
        #expect(summary.problems == [] && summary.openedFiles <= threads)
        try expect(ranges, "\(name), \(threads) threads")
      }
    }
  }

  /// Which pieces fail depends on where the damage is, not on who decodes what before.
  @Test func damageHitsThePiecesThatItLiesIn() throws {
    try AudioFile.write(samples, to: folder("a.flac"))
    var bytes = try File.contents(of: folder("a.flac"))
    for place in [3, 5, 6] { for i in 0..<40 { bytes[bytes.count * place / 10 + i] ^= 0x5a } }
    try File.writing(folder("a.flac")).write(bytes)
    let ranges = consecutive.enumerated().filter { $0.offset % 3 != 1 }.map(\.element)
    let manifest = try manifest("a.flac", ranges)
    let alone = try shard(manifest, threads: 1)
    let card = try content(folder("out"))
    #expect((2...6).contains(alone.problems.count), "\(alone.problems)")
    for (range, (line, found)) in zip(ranges, try utterances(of: folder("out"))) where line.rows > 0 {
      #expect(found == Array(samples[range]))
    }
    for problem in alone.problems {
      #expect(problem.failure.path == folder("a.flac") && problem.failure.position != nil)
    }
    for threads in [2, 3, 7] {
      #expect(try shard(manifest, threads: threads).problems == alone.problems)
      #expect(try content(folder("out")) == card)
    }
  }

  /// A block that cannot be trusted fails the pieces in it, also where one begins in it. libFLAC, looking for where to go
  /// on, may lose the block after it too, and no more.
  @Test func damagedBlocksAreNotTakenForSilence() throws {
    let buffer = SampleBuffer()
    for tenth in 2...8 {
      try AudioFile.write(samples, to: folder("a.flac"))
      var bytes = try File.contents(of: folder("a.flac"))
      bytes[bytes.count * tenth / 10] ^= 1
      try File.writing(folder("a.flac")).write(bytes)
      #expect(throws: Failure.self) { try FLACDecoder().decode(bytes, name: "a.flac", into: buffer) }
      let bad = buffer.count
      let ranges = [
        bad + 10..<bad + 500, bad + 8192..<bad + 9000, bad - 500..<bad, bad..<bad + 1, bad - 1..<bad + 1,
        bad - 70_000..<bad - 60_000, bad + 100..<bad + 200, bad + 90_000..<bad + 90_010,
      ]
      let good = [1, 2, 5, 7]
      let manifest = try manifest("a.flac", ranges)
      for threads in [1, 4] {
        let summary = try shard(manifest, threads: threads)
        #expect(summary.problems.map(\.id) == [0, 3, 4, 6].map { "piece-\($0)" })
        let found = try utterances(of: folder("out"))
        for i in good { #expect(found[i].samples == Array(samples[ranges[i]])) }
      }
    }
  }

  /// Pieces that begin and end with blocks, so that one thread need not seek where another must.
  @Test func whatIsSaidDependsOnThePieceAlone() throws {
    try AudioFile.write(samples, to: folder("a.flac"))
    var bytes = try File.contents(of: folder("a.flac"))
    bytes[bytes.count / 3] ^= 1
    try File.writing(folder("a.flac")).write(Array(bytes[..<(bytes.count * 3 / 4)]))
    let ranges = stride(from: 0, to: samples.count - 4096, by: 4096).map { $0..<$0 + 4096 }
    let forwards = try shard(try manifest("a.flac", ranges), threads: 1).problems
    let card = try content(folder("out"))
    #expect(forwards.count > 100)
    for threads in [2, 5] {
      #expect(try shard(folder("m.jsonl"), threads: threads).problems == forwards)
      #expect(try content(folder("out")) == card)
    }
    let backwards = try shard(try manifest("a.flac", ranges.reversed()), threads: 1).problems
    #expect(backwards.reversed().map(\.failure) == forwards.map(\.failure))
  }

  @Test func cutFilesKeepWhatIsThere() throws {
    try AudioFile.write(samples, to: folder("a.flac"))
    let bytes = try File.contents(of: folder("a.flac"))
    try File.writing(folder("a.flac")).write(Array(bytes[..<(bytes.count / 2)]))
    let manifest = try manifest("a.flac", consecutive)
    let summary = try shard(manifest, threads: 1)
    #expect((90...110).contains(summary.problems.count))
    // The end of what is there is looked for once.
    #expect(summary.decodedFrames < samples.count * 11 / 10 && summary.openedFiles <= 3)
    let card = try content(folder("out"))
    _ = try shard(manifest, threads: 4)
    #expect(try content(folder("out")) == card)
  }
}
