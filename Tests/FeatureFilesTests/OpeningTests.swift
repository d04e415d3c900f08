import FeatureFiles
import FileIO
import Safetensors
import TestSupport
import Testing

@Suite struct OpeningTests {
  @Test func tensorsNamedByUtteranceAreRead() throws {
    let folder = try TemporaryFolder()
    let half: [Float16] = [1, 2, 3, 4, 5, 6]
    let brain: [UInt16] = [0x3f80, 0x4000]
    let double: [Double] = [0.1, 1e300]
    let single = someFrames(2, 2)
    try half.withUnsafeBytes { half in
      try brain.withUnsafeBytes { brain in
        try double.withUnsafeBytes { double in
          try single.values.withUnsafeBytes { single in
            try writeSafetensors(
              [
                TensorBytes("z", .f16, shape: [3, 2], bytes: half),
                TensorBytes("a/b", .bf16, shape: [1, 1, 2], bytes: brain),
                TensorBytes("d", .f64, shape: [1, 2], bytes: double),
                TensorBytes("s", .f32, shape: [2, 2], bytes: single),
              ], to: folder("x"))
          }
        }
      }
    }
    let source = try openFeatures(folder("x"))
    #expect(source.ids == ["z", "a/b", "d", "s"].map { Name($0) })
    #expect(try source.frames(of: Name("z")) == Frames(values: [1, 2, 3, 4, 5, 6], count: 3, dimension: 2))
    #expect(try source.frames(of: Name("a/b")) == Frames(values: [1, 2], count: 1, dimension: 2))
    #expect(try source.frames(of: Name("d")).values == [0.1, .infinity])
    #expect(try bits(source.frames(of: Name("s"))) == bits(single))
    #expect(try source.shape(of: Name("z")) == FrameShape(count: 3, dimension: 2))
  }

  @Test(arguments: [
    (TensorType.i32, [1, 1], "elements of type I32"), (.f32, [1], "its shape is [1]"),
    (.f32, [1, 1, 1, 1], "its shape is [1, 1, 1, 1]"),
  ])
  func otherTensorsAreRefusedByName(type: TensorType, shape: [Int], reason: String) throws {
    let folder = try TemporaryFolder()
    try [UInt8](repeating: 0, count: 4).withUnsafeBytes {
      try writeSafetensors([TensorBytes("t", type, shape: shape, bytes: $0)], to: folder("x"))
    }
    let failure = try #require(failure { _ = try openFeatures(folder("x")) })
    #expect(failure.reason.contains(reason) && failure.position == "tensor \"t\"", "\(failure)")
  }

  @Test(
    arguments: [
      ([], "empty"), (Array("PK\u{3}\u{4}".utf8), "a zip archive"), ([0x1f, 0x8b, 8], "compressed with gzip"),
      ([0x89] + Array("HDF\r\n".utf8), "an HDF5 file"), ([0x80, 4, 0x95], "a pickle"),
      (Array("nothing".utf8), "none of the formats"), ([0, 1, 2, 3], "none of the formats"),
      (Array("a b\n".utf8), "no file b"), ([0x93] + Array("NUMPY".utf8), "the version of the format expected"),
    ] as [([UInt8], String)])
  func whatIsNotReadIsNamed(bytes: [UInt8], reason: String) throws {
    let folder = try TemporaryFolder()
    try write(bytes, to: folder("x"))
    let failure = try #require(failure { _ = try openFeatures(folder("x")).frames(at: 0) })
    #expect(failure.reason.contains(reason) && failure.path == folder("x"), "\(failure)")
  }

  @Test func anEmptyFolderAPipeAndALinkUpwardsAreErrors() throws {
    let folder = try TemporaryFolder()
    #expect(failure { _ = try openFeatures(folder.path) }?.reason == "no .npy file in this folder or below it")
    #expect(failure { _ = try openFeatures("-") }?.reason.contains("not a regular file") == true)
    #expect(failure { _ = try openFeatures(folder("none")) }?.isOfSystem == true)
    _ = try runProcess("/bin/ln", ["-s", ".", folder("loop")])
    #expect(failure { _ = try openFeatures(folder.path) }?.reason.contains("folders deep") == true)
  }

  @Test func manyThreadsReadAtOnce() async throws {
    let folder = try TemporaryFolder()
    for part in 0..<2 {
      let script = (file: try File.writing(folder("\(part).scp")), archivePath: folder("\(part).ark"))
      let writer = try KaldiWriter(try File.writing(folder("\(part).ark")), script: script)
      for i in 0..<50 { try writer.write(someFrames(20, 4, seed: UInt64(100 * part + i)), of: Name("\(part)-\(i)")) }
      try writer.finish()
    }
    try write(try File.contents(of: folder("0.scp")) + File.contents(of: folder("1.scp")), to: folder("all.scp"))
    let source = try openFeatures(folder("all.scp"))
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for i in 0..<200 {
        let (part, number) = (i % 2, i / 4)
        group.addTask {
          try source.frames(of: Name("\(part)-\(number)")) == someFrames(20, 4, seed: UInt64(100 * part + number))
        }
      }
      for try await isSame in group { #expect(isSame) }
    }
  }

  /// Whatever a file holds, reading it ends with frames or with an error that names the file.
  @Test(arguments: ["npy", "safetensors", "ark", "text", "cm", "scp"]) func damageNeverCrashes(kind: String) throws {
    let folder = try TemporaryFolder()
    let path = folder(kind == "npy" ? "x.npy" : "x")
    let frames = someFrames(6, 3)
    switch kind {
    case "npy": try NPYWriter(folder.path).write(frames, of: Name("x"))
    case "safetensors":
      try frames.values.withUnsafeBytes {
        try writeSafetensors([TensorBytes("u", .f32, shape: [6, 3], bytes: $0)], to: path)
      }
    case "cm":
      let header = raw([0, 1] as [Float]) + raw([4, 3] as [Int32])
      try write(Array("u ".utf8) + [0, 0x42] + Array("CM ".utf8) + header + (0..<36).map { UInt8($0 * 7) }, to: path)
    default:
      let script = kind == "scp" ? (file: try File.writing(path), archivePath: folder("y")) : nil
      let writer = try KaldiWriter(
        try File.writing(kind == "scp" ? folder("y") : path), script: script, isText: kind == "text")
      for id in ["u", "v"] { try writer.write(frames, of: Name(id)) }
      try writer.finish()
    }
    let good = try File.contents(of: path)
    var generator = SeededGenerator(7)
    var refused = 0
    for round in 0..<1500 {
      var bytes = good
      switch round % 3 {
      case 0: bytes.removeLast(Int.random(in: 1...bytes.count, using: &generator))
      case 1:
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
          bytes[Int.random(in: 0..<min(bytes.count, 200), using: &generator)] ^=
            1 << UInt8.random(in: 0..<8, using: &generator)
        }
      default:
        let place = Int.random(in: 0..<min(bytes.count, 200), using: &generator)
        bytes.replaceSubrange(place..<place, with: (0..<3).map { _ in UInt8.random(in: 0...255, using: &generator) })
      }
      try write(bytes, to: path)
      do {
        let source = try openFeatures(path)
        for i in source.ids.indices {
          let frames = try source.frames(at: i)
          #expect(try frames.values.count == frames.count * frames.dimension && source.shape(at: i) == frames.shape)
        }
      } catch let failure as Failure {
        refused += 1
        #expect(failure.path != nil, "\(failure)")
      }
    }
    #expect(refused > 300)
  }
}
