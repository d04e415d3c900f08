import FeatureFiles
import FileIO
import TestSupport
import Testing

@Suite struct KaldiTests {
  private func write(
    _ frames: [(id: String, Frames)], to path: String, isText: Bool = false, script: String? = nil
  ) throws {
    let scriptFile = try script.map { (file: try File.writing($0), archivePath: path) }
    let writer = try KaldiWriter(try File.writing(path), script: scriptFile, isText: isText)
    for (id, frames) in frames { try writer.write(frames, of: Name(id)) }
    try writer.finish()
  }

  private let utterances = [
    ("b", someFrames(5, 3)), ("a-1", someFrames(1, 3, seed: 2)), ("é", someFrames(40, 3, seed: 3)),
  ]

  @Test(arguments: [false, true]) func whatIsWrittenIsReadFromArchiveAndScript(isText: Bool) throws {
    let folder = try TemporaryFolder()
    try write(utterances, to: folder("x.ark"), isText: isText, script: folder("x.scp"))
    for name in ["x.ark", "x.scp"] {
      let source = try openFeatures(folder(name))
      #expect(source.ids == utterances.map { Name($0.0) })
      for (id, expected) in utterances.reversed() {
        let frames = try source.frames(of: Name(id))
        #expect(try frames.shape == expected.shape && source.shape(of: Name(id)) == expected.shape)
        if isText {
          #expect(zip(frames.values, expected.values).allSatisfy { abs($0 - $1) <= 1e-6 * abs($1) })
        } else {
          #expect(bits(frames) == bits(expected))
        }
      }
    }
  }

  @Test func theBytesOfTextAreKaldis() throws {
    let folder = try TemporaryFolder()
    let frames = Frames(values: [0.1, -2, 1234567.8, 1e-10, .infinity, 100], count: 2, dimension: 3)
    try write([("u", frames), ("v", Frames(values: [], count: 0, dimension: 4))], to: folder("x"), isText: true)
    #expect(
      String(decoding: try File.contents(of: folder("x")), as: UTF8.self)
        == "u  [\n  0.1 -2 1234568 \n  1e-10 inf 100 ]\nv  [ ]\n")
    let source = try openFeatures(folder("x"))
    #expect(try source.frames(of: Name("v")) == Frames(values: [], count: 0, dimension: 0))
    #expect(try source.frames(of: Name("u")).values[4] == .infinity)
  }

  @Test func theBytesOfBinariesAreKaldis() throws {
    let folder = try TemporaryFolder()
    try write([("u", Frames(values: [1, 2], count: 1, dimension: 2))], to: folder("x"), script: folder("x.scp"))
    let matrix = kaldi("FM", 1, 2, data: raw([1, 2] as [Float]))
    #expect(try File.contents(of: folder("x")) == Array("u ".utf8) + matrix)
    #expect(try File.contents(of: folder("x.scp")) == Array("u \(folder("x")):2\n".utf8))
  }

  @Test(arguments: ["", "a b", "a\tb", "a\n"]) func idsWithBlanksAreNotWritten(id: String) throws {
    let folder = try TemporaryFolder()
    let failure = try #require(failure { try write([(id, someFrames(1, 1))], to: folder("x")) })
    #expect(failure.reason.contains("cannot stand in a Kaldi archive"))
  }

  @Test func otherFormsOfTextAreRead() throws {
    let folder = try TemporaryFolder()
    try FeatureFilesTests.write(Array("a [ 1 2 3 ]\nb\t[\n1 2\n\n3 nan ]\r\nc [ 1;2 ]".utf8), to: folder("x"))
    let source = try openFeatures(folder("x"))
    #expect(try source.frames(of: Name("a")) == Frames(values: [1, 2, 3], count: 1, dimension: 3))
    #expect(try source.shape(of: Name("b")) == FrameShape(count: 2, dimension: 2))
    #expect(try source.frames(of: Name("b")).nonFinite?.count == 1)
    #expect(try source.frames(of: Name("c")) == Frames(values: [1, 2], count: 2, dimension: 1))
  }

  private static let one = kaldi("FM", 1, 1, data: raw([1] as [Float]))

  @Test(
    arguments: [
      (Array("a ".utf8) + [0, 0x42] + Array("FV ".utf8) + [4, 1, 0, 0, 0, 0, 0, 0, 0], "a vector (FV)", "byte 4"),
      (
        Array("a ".utf8) + [0, 0x42] + Array("SM ".utf8), "'SM' where a matrix was expected: FM, DM, CM, CM2 or CM3",
        "byte 4"
      ),
      (Array("a ".utf8) + [0, 0x42, 4, 1, 2, 3, 4, 5, 6, 7, 8], #"'\x04\x01\x02"#, "byte 4"),
      (
        Array("a ".utf8) + [0, 0x42] + Array("FM ".utf8) + [8, 1, 0, 0, 0, 0, 0, 0, 0],
        "a whole number of 8 bytes, where Kaldi has 4", "byte 7"
      ),
      (Array("a ".utf8) + kaldi("FM", -1, 1, data: []), "a matrix of -1 rows and 1 columns", "byte 7"),
      (Array("a ".utf8) + kaldi("FM", 3, 0, data: []), "a matrix of 3 rows and 0 columns", "byte 7"),
      (
        Array("a ".utf8) + kaldi("FM", 2, 2, data: [1, 2, 3]),
        "2 × 2 numbers expected, 16 bytes; the file ends 3 bytes after here", "byte 17"
      ),
      (Array("a ".utf8) + kaldi("DM", .max, 1, data: [1]), "numbers expected", "byte 17"),
      (Array("a ".utf8) + one + Array("a ".utf8) + one, "'a' is there twice", "byte 21"),
      (Array("a ".utf8) + one + [0xff, 0x20] + one, #"an utterance id expected, not '\xff"#, "byte 21"),
      (Array("a ".utf8) + one + Array("b".utf8), "a space after the utterance id expected", "byte 22"),
      (Array("a ".utf8) + one + Array("b x".utf8), "no ']' after here", "byte 23"),
      (Array("a [\n1 2\n3 ]\n".utf8), "row 1 has 1 numbers, those before it 2", "byte 10"),
      (Array("a [ 1 x ]\n".utf8), "a number expected, not 'x'", "byte 6"),
      (Array("a [ 1 ] b".utf8), "the end of the line expected after ']'", "byte 8"),
    ] as [([UInt8], String, String)])
  func whatIsNoMatrixIsNamedWithItsPlace(bytes: [UInt8], reason: String, position: String) throws {
    let folder = try TemporaryFolder()
    try FeatureFilesTests.write(bytes, to: folder("x"))
    let failure = try #require(failure { _ = try openFeatures(folder("x")).frames(at: 0) })
    #expect(
      failure.reason.contains(reason) && failure.position == position && failure.path == folder("x"), "\(failure)")
  }

  @Test(arguments: [
    ("a", "an utterance id and a file expected", "line 1"), ("a x.ark:5\na x.ark:5", "'a' is there twice", "line 2"),
    ("a gunzip -c x |", "a command, which is not run", "line 1"), ("a x.ark:5[0:3]", "a range of rows", "line 1"),
    ("b x.ark:2\na y.ark:2", "no file y.ark here or beside the script", "line 2"),
    ("a /none/y.ark:2", "no file /none/y.ark", "line 1"),
  ]) func linesOfScriptsAreChecked(text: String, reason: String, position: String) throws {
    let folder = try TemporaryFolder()
    try FeatureFilesTests.write(Array("a ".utf8) + Self.one, to: folder("x.ark"))
    try FeatureFilesTests.write(Array((text + "\n").utf8), to: folder("x.scp"))
    let failure = try #require(failure { _ = try KaldiScript(folder("x.scp")) })
    #expect(failure.reason.contains(reason) && failure.position == position, "\(failure)")
  }

  @Test func aScriptFindsArchivesBesideItAndFilesOfOneMatrix() throws {
    let folder = try TemporaryFolder()
    try FeatureFilesTests.write(Array("a ".utf8) + Self.one, to: folder("x y.ark"))
    try FeatureFilesTests.write(Self.one, to: folder("b.mat"))
    try FeatureFilesTests.write(
      Array("a x y.ark:2\nb \(folder("b.mat"))\nc x y.ark:99\nd x y.ark:3\n".utf8), to: folder("x.scp"))
    let source = try openFeatures(folder("x.scp"))
    #expect(try source.frames(of: Name("a")).values == [1] && source.frames(of: Name("b")).values == [1])
    #expect(
      failure { _ = try source.frames(of: Name("c")) }?.description.contains(
        "x y.ark:99 is not there: that file has 21 bytes") == true)
    #expect(
      failure { _ = try source.frames(of: Name("d")) }?.description.contains("x y.ark: byte 3: a matrix expected")
        == true)
  }

  @Test(.enabled(if: Python.hasKaldi, "CPC_PYTHON names no Python with kaldiio and kaldi_native_io"))
  func whatKaldisReadersAndWritersSay() throws {
    let folder = try TemporaryFolder()
    let script = """
      import sys, numpy as np, kaldiio, kaldi_native_io as k
      out = sys.argv[1]
      rng = np.random.default_rng(5)
      xs = {f"u{i}": (rng.standard_normal((t, 7)) * 10).astype(np.float32) for i, t in enumerate([1, 6, 300])}
      xs["flat"] = np.full((9, 7), 3.25, np.float32)
      def plain(name):
        with k.SequentialFloatMatrixReader(f"scp:{out}/{name}.scp") as r:
          for key, v in r: np.ascontiguousarray(np.array(v), "<f4").tofile(f"{out}/{name}.{key}.raw")
      for name, spec in [("binary", "ark,scp"), ("text", "ark,scp,t")]:
        with k.FloatMatrixWriter(f"{spec}:{out}/{name}.ark,{out}/{name}.scp") as w:
          for key, x in xs.items(): w.write(key, x)
        plain(name)
      with k.DoubleMatrixWriter(f"ark,scp:{out}/double.ark,{out}/double.scp") as w:
        for key, x in xs.items(): w.write(key, x.astype(np.float64) / 3)
      for key, x in xs.items(): (x.astype(np.float64) / 3).astype("<f4").tofile(f"{out}/double.{key}.raw")
      methods = {"cm": k.CompressionMethod.kSpeechFeature, "cm2": k.CompressionMethod.kTwoByteAuto,
                 "cm3": k.CompressionMethod.kOneByteAuto}
      for name, method in methods.items():
        with k.CompressedMatrixWriter(f"ark,scp:{out}/{name}.ark,{out}/{name}.scp") as w:
          for key, x in xs.items(): w.write(key, x, method)
        with k.SequentialFloatMatrixReader(f"scp:{out}/{name}.scp") as r:
          for key, v in r: np.ascontiguousarray(np.array(v), "<f4").tofile(f"{out}/{name}.{key}.raw")
      for key, x in kaldiio.load_scp(f"{out}/cm.scp").items():
        assert np.allclose(x, np.fromfile(f"{out}/cm.{key}.raw", "<f4").reshape(-1, 7), atol=1e-5)
      """
    try Python.run(script, [folder.path])
    for name in ["binary", "text", "double", "cm", "cm2", "cm3"] {
      let archive = try openFeatures(folder("\(name).ark"))
      let script = try openFeatures(folder("\(name).scp"))
      #expect(archive.ids == ["u0", "u1", "u2", "flat"].map { Name($0) } && script.ids == archive.ids)
      for id in archive.ids {
        let expected = try File.contents(of: folder("\(name).\(id).raw"))
        #expect(raw(try archive.frames(of: id).values) == expected, "\(name) \(id)")
        #expect(raw(try script.frames(of: id).values) == expected, "\(name) \(id)")
      }
    }
    // The other way: the same bytes as Kaldi's writers, and the same numbers from its readers.
    for (name, isText) in [("binary", false), ("text", true)] {
      let source = try openFeatures(folder("binary.ark"))
      let theirs = try File.contents(of: folder("\(name).ark"))
      let theirScript = try File.contents(of: folder("\(name).scp"))
      try write(
        try source.ids.map { ($0.text, try source.frames(of: $0)) }, to: folder("\(name).ark"), isText: isText,
        script: folder("\(name).scp"))
      #expect(try File.contents(of: folder("\(name).ark")) == theirs)
      #expect(try File.contents(of: folder("\(name).scp")) == theirScript)
    }
    let check = """
      import sys, numpy as np, kaldiio
      for key, x in kaldiio.load_scp(f"{sys.argv[1]}/binary.scp").items():
        assert (x == np.fromfile(f"{sys.argv[1]}/binary.{key}.raw", "<f4").reshape(-1, 7)).all()
      """
    try Python.run(check, [folder.path])
  }
}
