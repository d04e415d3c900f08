import FeatureFiles
import FileIO
import TestSupport
import Testing

@Suite struct NPYTests {
  @Test func whatIsWrittenIsReadByPathBelowTheFolder() throws {
    let folder = try TemporaryFolder()
    let writer = try NPYWriter(folder("features"))
    let ids = ["1/2/1-2-0003", "a b", "1-2-0000", "é", "e\u{301}"].map { Name($0) }
    for (i, id) in ids.enumerated() { try writer.write(someFrames(3 + i, 4, seed: UInt64(i)), of: id) }
    try writer.finish()
    let source = try openFeatures(folder("features"))
    #expect(
      source.ids
        == ["1/2/1-2-0003", "1-2-0000", "a b", "e\u{301}", "é"].sorted { folderOrder($0, $1) }.map { Name($0) })
    for (i, id) in ids.enumerated() {
      #expect(bits(try source.frames(of: id)) == bits(someFrames(3 + i, 4, seed: UInt64(i))))
      #expect(try source.shape(of: id) == FrameShape(count: 3 + i, dimension: 4))
    }
    #expect(source.notes.isEmpty)
    #expect(
      failure { _ = try source.frames(of: Name("x")) }?.reason == "no features of 'x' among those of 5 utterances")
  }

  private func folderOrder(_ a: String, _ b: String) -> Bool {
    let (a, b) = (a + ".npy", b + ".npy")
    return a.split(separator: "/").map { Name($0) }.lexicographicallyPrecedes(b.split(separator: "/").map { Name($0) })
  }

  @Test func otherFilesAreCountedAndNamed() throws {
    let folder = try TemporaryFolder()
    let writer = try NPYWriter(folder("f"))
    try writer.write(someFrames(1, 1), of: Name("a"))
    try writer.finish()
    try write([1], to: folder("f/notes.txt"))
    try write([1], to: folder("f/z.npy.partial"))
    #expect(
      try openFeatures(folder("f")).notes
        == ["\(folder("f")): 2 of its files not read, since they are not .npy: notes.txt, …"])
  }

  @Test func oneFileIsAnUtteranceToo() throws {
    let folder = try TemporaryFolder()
    let writer = try NPYWriter(folder.path)
    try writer.write(someFrames(2, 3), of: Name("one"))
    let source = try openFeatures(folder("one.npy"))
    #expect(try source.ids == [Name("one")] && source.frames(at: 0) == someFrames(2, 3))
  }

  @Test(arguments: ["../x", "/x", "a//b", "a/", "", ".", "a/./b", "a\nb"])
  func idsThatAreNoNamesOfFilesAreNotWritten(id: String) throws {
    let folder = try TemporaryFolder()
    let writer = try NPYWriter(folder("f"))
    let failure = try #require(failure { try writer.write(someFrames(1, 1), of: Name(id)) })
    #expect(failure.reason.contains("cannot be the name of a file"))
    #expect(try Folder.names(in: folder("f")).isEmpty)
  }

  @Test func valuesBeyondHalfPrecisionAreNotWritten() throws {
    let folder = try TemporaryFolder()
    let writer = try NPYWriter(folder.path, precision: .float16)
    let failure = try #require(
      failure { try writer.write(Frames(values: [1, 2, 3, 70000], count: 2, dimension: 2), of: Name("a")) })
    #expect(failure.reason.contains("70000.0 in frame 1, column 1 is beyond half precision"))
    #expect(try Folder.names(in: folder.path).isEmpty)
    // What is infinite already may stay so.
    try writer.write(Frames(values: [.infinity, 0.1], count: 1, dimension: 2), of: Name("b"))
    let frames = try openFeatures(folder.path).frames(of: Name("b"))
    #expect(frames.values == [.infinity, Float(Float16(0.1))])
    #expect(frames.nonFinite?.description == "1 value is not finite, the first inf in frame 0, column 0")
  }

  @Test func whatIsNotFiniteIsCountedAndNamed() throws {
    let frames = Frames(values: [0, 1, .nan, 2, -.infinity, .nan], count: 3, dimension: 2)
    #expect(frames.nonFinite?.description == "3 values are not finite, the first nan in frame 1, column 0")
    #expect(someFrames(4, 4).nonFinite == nil)
    let folder = try TemporaryFolder()
    try NPYWriter(folder.path).write(frames, of: Name("a"))
    let source = try openFeatures(folder.path)
    #expect(bits(try source.frames(of: Name("a"))) == bits(frames))
    #expect(
      failure { _ = try source.finiteFrames(of: Name("a")) }?.description
        == "\(folder.path): a: 3 values are not finite, the first nan in frame 1, column 0")
  }

  /// Headers as others write them: order of keys, quotes, versions, long integers of Python 2, no space, [1, T, D].
  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 1, 24),
    ("{'shape': (2, 3), 'fortran_order': False, 'descr': '<f4'}", 1, 24),
    ("{\"descr\":\"<f8\",\"fortran_order\":True,\"shape\":(2,3)}", 2, 48),
    ("{'descr': '>f2', 'fortran_order': False, 'shape': (2L, 3L), }", 3, 12),
    ("{'descr': '>f8', 'fortran_order': False, 'shape': (1, 2, 3,), }      ", 3, 48),
  ]) func headersOfOthersAreRead(header: String, version: Int, data: Int) throws {
    let folder = try TemporaryFolder()
    try write(npy(header, version: UInt8(version), data: data), to: folder("a.npy"))
    #expect(
      try openFeatures(folder.path).frames(at: 0)
        == Frames(values: .init(repeating: 0, count: 6), count: 2, dimension: 3))
  }

  @Test func aVectorIsOneFrame() throws {
    let folder = try TemporaryFolder()
    let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }"
    try write(npy(header, version: 1, data: 24), to: folder("a.npy"))
    #expect(
      try openFeatures(folder.path).frames(at: 0)
        == Frames(values: .init(repeating: 0, count: 6), count: 1, dimension: 6))
  }

  @Test(arguments: [
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (), }", 4, "the shape is (); "),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3, 1), }", 24, "the shape is (2, 3, 1); "),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 0), }", 0, "frames without values"),
    ("{'descr': '<i4', 'fortran_order': False, 'shape': (2, 3), }", 24, "elements of type <i4; floating point"),
    ("{'descr': '<c8', 'fortran_order': False, 'shape': (2, 3), }", 48, "elements of type <c8"),
    ("{'descr': '<f16', 'fortran_order': False, 'shape': (2, 3), }", 96, "elements of type <f16"),
    ("{'descr': '=f4', 'fortran_order': False, 'shape': (2, 3), }", 24, "elements of type =f4"),
    ("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", 9, "pickled objects (|O)"),
    ("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (6,), }", 24, "records of named fields"),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 23,
      "cut short: 23 bytes where the header declares 24"
    ),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", 25, "too long: 25 bytes"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", 24, "a whole number expected in the shape"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 3), }", 24, "the shape is too large"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 3), }", 24, "a whole number expected"),
    ("{'descr': '<f4', 'shape': (2, 3), }", 24, "the header has no 'fortran_order'"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'x': True}", 24, "an unknown key 'x'"),
    ("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}", 24, "'descr' twice"),
    ("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3)}", 24, "a string, True, False or a tuple expected"),
    ("{'descr': '<f4", 0, "a string without an end"), ("{", 0, "a string expected"), ("", 0, "'{' expected"),
    ("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)} x", 24, "something after the header's dictionary"),
  ]) func whatIsNotAMatrixOfFloatsIsRefusedByName(header: String, data: Int, reason: String) throws {
    let folder = try TemporaryFolder()
    try write(npy(header, data: data), to: folder("a.npy"))
    let failure = try #require(failure { _ = try openFeatures(folder.path).frames(at: 0) })
    #expect(failure.reason.contains(reason), "\(failure)")
    #expect(failure.path == folder("a.npy") && failure.position?.hasPrefix("byte ") == true)
  }

  @Test(.enabled(if: Python.hasNumPy, "CPC_PYTHON names no Python with NumPy"))
  func theBytesAreNumPys() throws {
    let folder = try TemporaryFolder()
    let script = """
      import sys, numpy as np
      rng = np.random.default_rng(3)
      for i, (t, d) in enumerate([(0, 5), (1, 1), (9, 13), (10, 512), (12345, 2)]):
        x = (rng.standard_normal((t, d)) * 5).astype(np.float32)
        np.save(f"{sys.argv[1]}/{i}.npy", x)
        np.save(f"{sys.argv[1]}/{i}-half.npy", x.astype(np.float16))
      """
    try Folder.create(folder("theirs"))
    try Python.run(script, [folder("theirs")])
    let source = try openFeatures(folder("theirs"))
    #expect(source.ids.count == 10)
    for id in source.ids {
      let writer = try NPYWriter(folder("ours"), precision: id.text.hasSuffix("-half") ? .float16 : .float32)
      try writer.write(try source.frames(of: id), of: id)
      #expect(try File.contents(of: folder("ours/\(id).npy")) == File.contents(of: folder("theirs/\(id).npy")), "\(id)")
    }
  }

  @Test(.enabled(if: Python.hasNumPy, "CPC_PYTHON names no Python with NumPy"))
  func everythingThatNumPyWritesIsReadToTheBit() throws {
    let folder = try TemporaryFolder()
    let script = """
      import sys, numpy as np
      from numpy.lib import format
      rng = np.random.default_rng(4)
      out = sys.argv[1]
      for version in [(1, 0), (2, 0), (3, 0)]:
        for kind in ["<f2", ">f2", "<f4", ">f4", "<f8", ">f8"]:
          for order in "CF":
            for shape in [(7, 5), (1, 7, 5)]:
              x = np.asarray(rng.standard_normal(shape), dtype=kind, order=order)
              name = f"{version[0]}{kind[0].replace('<', 'l').replace('>', 'b')}{kind[1:]}{order}{len(shape)}"
              with open(f"{out}/{name}.npy", "wb") as f: format.write_array(f, x, version=version)
              y = x.reshape(7, 5).astype("<f4")
              open(f"{out}/{name}.raw", "wb").write(np.ascontiguousarray(y).tobytes())
      """
    try Python.run(script, [folder.path])
    let source = try openFeatures(folder.path)
    #expect(source.ids.count == 72)
    for id in source.ids {
      let frames = try source.frames(of: id)
      #expect(frames.shape == FrameShape(count: 7, dimension: 5))
      #expect(raw(frames.values) == (try File.contents(of: folder("\(id).raw"))), "\(id)")
    }
  }
}
