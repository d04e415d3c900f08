import FeatureFiles
import FileIO
import FuzzTargets
import Glibc
import Pixels
import TestSupport

/// Good inputs of every target, as the tools of the suite and the libraries behind them write them.
struct FuzzSeeds {
  private let folder: TemporaryFolder
  private let corpus: SpeechCorpus

  init() throws {
    folder = try TemporaryFolder()
    corpus = try SpeechCorpus(folder: folder("corpus"), speakers: [84], lengths: [300, 500])
  }

  /// Named as files in a corpus are.
  func of(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    switch target {
    case .json: return [("scan-line", Array(try scanned()[0].utf8)), ("card", try dataset("dataset.json"))]
    case .safetensors:
      return [("piece", Array(try stream().prefix(4096))), ("index", try dataset("index.safetensors"))]
    case .manifest: return [("pieces", Array(Self.manifest.utf8))]
    case .stream: return [("records", try stream())]
    case .archive: return try archives()
    case .audio: return try recordings()
    case .image: return try pictures()
    case .text:
      let start = "*** START OF THE PROJECT GUTENBERG EBOOK A ***\n"
      let text = start + "# One\r\n\r\nA b's c. D \u{301}e, 7 \u{4e00}\u{85}!\n*** END\n{\"text\": \"x\"}\n"
      return (0..<4).map { ("kind-\($0)", [0, $0] + Array(text.utf8)) }
    case .table:
      let rows = "a,b,c,file,label\n1,2,3,x.png,ant\n4,,6,\"y, \"\"z\"\".png\",\"b\r\nee\"\r\n"
      let tabs = [UInt8(1)] + Array("file\tlabel\nx.png\tant\n".utf8)
      let lists = [
        ("paths", [128] + Array("x/1.png ant\nx/2.png bee\n".utf8)), ("classes", [130] + Array("7\n9\n".utf8)),
      ]
      return (0..<4).map { ("columns-\($0)", [2 * $0] + Array(rows.utf8)) } + [("tabs", tabs)] + lists
    case .features: return try features()
    case .vectors:
      let binary = Array("2 1\nab ".utf8) + [0, 0, 0x80, 0x3f, 0x0a] + Array("b ".utf8) + [0, 0, 0, 0x40, 0x0a]
      let text = "2 3\nab 1 -2e-3 .5\nb 0 0 1\n"
      return [
        ("binary", [0] + binary), ("text", [0] + Array(text.utf8)), ("glove", [0] + Array(text.utf8.dropFirst(4))),
      ]
    case .ctm, .textgrid, .mfaJSON, .frames, .classes, .labels: return try alignments(target)
    }
  }

  /// Small ones, as libpng writes them.
  private func pictures() throws -> [(name: String, bytes: [UInt8])] {
    try [(1, 1), (5, 3), (17, 40)].map { width, height in
      let pixels = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 * 37) }
      let png = try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
      return ("\(width)x\(height)", [UInt8(width)] + png)
    }
  }

  /// As the suite writes them, and a script of Kaldi's.
  private func features() throws -> [(name: String, bytes: [UInt8])] {
    let frames = Frames(values: [1, -2, 0.5, 4, 5, 1e-3], count: 2, dimension: 3)
    func kaldi(_ name: String, isText: Bool) throws -> [UInt8] {
      let writer = try KaldiWriter(File.writing(folder(name)), isText: isText)
      for id in ["a", "b"] { try writer.write(frames, of: Name(id)) }
      try writer.finish()
      return try File.contents(of: folder(name))
    }
    let writer = try NPYWriter(folder("npy"))
    try writer.write(frames, of: Name("a"))
    try writer.finish()
    let half = try NPYWriter(folder("npy16"), precision: .float16)
    try half.write(frames, of: Name("a"))
    try half.finish()
    let header = #"{"a":{"dtype":"F32","shape":[2,1],"data_offsets":[0,8]}}"#
    let tensors =
      [UInt8(header.utf8.count), 0, 0, 0, 0, 0, 0, 0] + Array(header.utf8) + [0, 0, 0x80, 0x3f, 0, 0, 0, 0]
    return [
      ("binary", try kaldi("binary.ark", isText: false)), ("text", try kaldi("text.ark", isText: true)),
      ("npy", try File.contents(of: folder("npy/a.npy"))), ("npy16", try File.contents(of: folder("npy16/a.npy"))),
      ("safetensors", tensors),
    ]
  }

  private func scanned() throws -> [String] {
    try runTool("cpc-scan", [corpus.folder]).text.split(separator: "\n").map { String($0) }
  }

  private func dataset(_ path: String) throws -> [UInt8] {
    if Folder.kind(of: folder("d")) == nil { _ = try runTool("cpc-shard", [corpus.folder, "-o", folder("d")]) }
    return try File.contents(of: folder("d/\(path)"))
  }

  /// One record, so that it is short.
  private func stream() throws -> [UInt8] {
    let one = try SpeechCorpus(folder: folder("one"), speakers: [84], utterancesPerChapter: 1, lengths: [300])
    return try runTool("cpc-shard", [one.folder, "-o", "-"]).output
  }

  private static let manifest = """
    {"id":"whole","source":"a.flac","group":"g","samples":200,"rate":16000}
    {"id":"é","source":"a.flac","group":"g","session":"s","samples":200,"rate":16000,"text":"HELLO","split":"train",\
    "phones":[["SIL",0,0.001],["AH",1e-3,0.00125]],"offset":10,"length":20}
    {"id":"z","source":"a.tar","member":"x/a.flac","group":"g","samples":200,"rate":16000,"more":[1,{"x":null}]}

    """

  /// The same phones in every format, as cpc-align writes them, and as others do.
  private func alignments(_ target: FuzzTarget) throws -> [(name: String, bytes: [UInt8])] {
    let lines =
      #"{"id":"a","phones":[["SIL",0,0.05],["AH",0.05,0.13]]}"# + "\n" + #"{"id":"b","cells":["S","S","T"]}"# + "\n"
    try File.writing(folder("l.jsonl")).write(lines)
    func converted(_ format: String) throws -> [UInt8] {
      try runTool("cpc-align", ["convert", folder("l.jsonl"), "--to", format]).output
    }
    func file(_ format: String, _ name: String) throws -> [UInt8] {
      _ = try runTool("cpc-align", ["convert", folder("l.jsonl"), "--to", format, "-o", folder(format), "--force"])
      return try File.contents(of: folder("\(format)/\(name)"))
    }
    switch target {
    case .ctm:
      let nist = ";; NIST\na A 0.00 0.10 S 0.98 lex spk\r\na A 0.095 0.10 T 1 lex spk\n"
      return [("converted", try converted("ctm")), ("nist", Array(nist.utf8))]
    case .textgrid:
      let short =
        "\"ooTextFile\"\n\"TextGrid\"\n0 0.2 <exists> 1 \"IntervalTier\" \"s - phones\" 0 0.2 2 0 0.1 \"\" 0.09999 0.2 \"S\"\n"
      return [("converted", try file("textgrid", "a.TextGrid")), ("short", Array(short.utf8))]
    case .mfaJSON: return [("converted", try file("mfa-json", "a.json"))]
    case .frames: return [("converted", try converted("kaldi")), ("one", Array("a S S\r\n\nb T\n".utf8))]
    case .classes: return [("converted", try converted("cpc"))]
    default: return [("lines", Array(lines.utf8))]
    }
  }

  private func recordings() throws -> [(name: String, bytes: [UInt8])] {
    let speech = SpeechCorpus.speech(count: 200, seed: 4)
    let formats: [(String, AudioFile.Format)] = [
      ("flac", .flac), ("flac24", .flac24), ("wav", .wav), ("float", .wavFloat), ("rifx", .rifx), ("rf64", .rf64),
      ("w64", .wave64), ("aiff", .aiff), ("aifc", .aiffFloat), ("au", .au), ("caf", .caf), ("sph", .sphere),
      ("ogg", .vorbis), ("opus", .opus), ("mp3", .mp3),
    ]
    var seeds = try formats.map { name, format in (name: name, bytes: try AudioFile.encode(speech, format: format)) }
    for name in ["ogg", "mp3"] {
      let one = seeds.first { $0.name == name }!.bytes
      seeds.append(("joined-\(name)", one + one))
    }
    return seeds
  }

  private func archives() throws -> [(name: String, bytes: [UInt8])] {
    let speech = SpeechCorpus.speech(count: 300, seed: 3)
    func audio(_ format: AudioFile.Format, rate: Int = 16_000, channels: Int = 1) throws -> [UInt8] {
      try AudioFile.encode(speech, format: format, rate: rate, channels: channels)
    }
    var members: [(name: String, layout: UInt8, files: [ArchiveFile.Member])] = [
      ("librispeech", 0, try corpus.files()),
      (
        "libri-light", 2,
        [
          .init("1/b/a.flac", try audio(.flac)),
          .init("1/b/a.json", Array(#"{"snr":7.5,"voice_activity":[[0,0.005],[0.01,0.0125]]}"#.utf8)),
        ]
      ),
      ("converted", 128 + 2, [.init("s/a.wav", try audio(.wav, rate: 8_000, channels: 2))]),
    ]
    let formats: [(String, AudioFile.Format)] = [
      ("wav", .wav), ("aiff", .aiff), ("au", .au), ("sph", .sphere), ("ogg", .vorbis), ("mp3", .mp3), ("flac", .flac24),
    ]
    for (name, format) in formats {
      members.append((name, 1, [.init("s/a.\(name)", try audio(format)), .init("s/a.txt", Array("HELLO\n".utf8))]))
    }
    var seeds: [(name: String, bytes: [UInt8])] = []
    func add(_ name: String, _ layout: UInt8, _ files: [ArchiveFile.Member], _ format: ArchiveFile.Format) throws {
      try ArchiveFile.write(files, to: folder("a"), format: format)
      seeds.append((name, [layout] + (try File.contents(of: folder("a")))))
    }
    let picture = Array(try pictures()[1].bytes.dropFirst())
    let samples: [ArchiveFile.Member] = [
      .init("a.png", picture), .init("a.cls", [0x37]), .init("a.json", [0x7b, 0x7d]),
    ]
    members.append(("samples", 0x40, samples))
    try ArchiveFile.write([.init("1.png", picture)], to: folder("class.tar"))
    members.append(("nested", 0x41, [.init("ant.tar", try File.contents(of: folder("class.tar")))]))
    for (name, layout, files) in members { try add(name, layout, files, .ustar) }
    for (name, format) in [("pax", .pax), ("gnu", .gnuTar), ("zip", .zip)] as [(String, ArchiveFile.Format)] {
      try add(name, 0, members[0].files, format)
    }
    return seeds
  }
}
