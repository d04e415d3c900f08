import FileIO
import Glibc
import Images
import Pixels
import TestSupport
import Testing

private let dataFolder = getenv("CPC_TEST_DATA").map { String(cString: $0) }

/// Odd pictures of other projects, where `CPC_TEST_DATA` names a folder with image-zoo.tar.gz, against Pillow.
@Suite(
  .enabled(if: dataFolder != nil, "CPC_TEST_DATA names no folder with pictures"),
  .enabled(if: Python.hasPillow, "CPC_PYTHON names no Python with Pillow"))
struct ZooTests {
  /// Writes, for each file, its size and pixels before and after framing; nothing where Pillow cannot read it.
  private static let script = """
    import os, sys, warnings
    from PIL import Image, ImageOps
    warnings.simplefilter("ignore")
    for i, path in enumerate(sys.argv[2:]):
      try:
        image = ImageOps.exif_transpose(Image.open(path))
        if image.mode in ("I;16", "I"):
          image = image.point(lambda v: v / 256).convert("L")
        if "A" in image.mode or "transparency" in image.info:
          image = image.convert("RGBA")
          image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image)
        image = image.convert("RGB")
        framed = ImageOps.fit(image, (300, 300), Image.Resampling.BICUBIC)
        with open(f"{sys.argv[1]}/{i}", "wb") as f: f.write(image.tobytes() + framed.tobytes())
      except Exception: pass
    """

  @Test func isReadAsByPillow() throws {
    let folder = try TemporaryFolder()
    let data = try #require(dataFolder)
    let unpacked = try runProcess("/usr/bin/env", ["tar", "xzf", "\(data)/image-zoo.tar.gz", "-C", folder.path])
    #expect(unpacked.status == 0)
    var files: [String] = []
    let zoo = folder("image-zoo")
    for source in try Folder.names(in: zoo) where Folder.kind(of: "\(zoo)/\(source)") == .folder {
      files += try Folder.names(in: "\(zoo)/\(source)").map { "\(zoo)/\(source)/\($0)" }
    }
    #expect(files.count == 141)
    try Folder.create(folder("pillow"))
    let interpreter = try #require(Python.interpreter)
    let read = try runProcess("/usr/bin/env", [interpreter, "-c", Self.script, folder("pillow")] + files)
    #expect(read.status == 0, "\(read.messages)")

    var both = 0
    var refusedAlone: [String] = []
    for (i, path) in files.enumerated() {
      let expected = try? File.contents(of: folder("pillow/\(i)"))
      let file = try File.contents(of: path)
      if let reason = refusal(file) {
        #expect(reason.hasPrefix("file: ") && reason.count > 20)
        if expected != nil { refusedAlone.append(Folder.name(of: path)) }
        continue
      }
      guard let expected else { continue }
      both += 1
      let decoded = try Decoded(file)
      let count = decoded.pixels.count
      let difference = Self.difference(decoded.pixels, expected.prefix(count))
      #expect(difference.largest <= (decoded.outcome.format.kind == .png ? 0 : 1), "\(path)")
      let framing = ImageFraming()
      let picture = try FramingTests.buffer(decoded.width, decoded.height, decoded.pixels)
      let framed = try FramingTests.framed(picture, framing)
      #expect(expected.count == count + framing.byteCount)
      #expect(Self.difference(framed, expected.dropFirst(count)).mean <= 2, "\(path)")
    }
    #expect(both == 124)
    // Animated, and damaged ones.
    #expect(
      refusedAlone.sorted() == [
        "apng_mode_16bit.png", "apng_single_frame_default.png", "hopper_bad_exif.jpg", "xcsn0g01.png",
      ])
  }

  private static func difference(_ a: [UInt8], _ b: ArraySlice<UInt8>) -> (mean: Double, largest: Int) {
    guard a.count == b.count else { return (.infinity, .max) }
    // Without going through millions of pixels in a build for debugging.
    let isSame = a.withUnsafeBytes { a in
      b.withUnsafeBytes { b in
        guard let first = a.baseAddress, let second = b.baseAddress else { return true }
        return memcmp(first, second, a.count) == 0
      }
    }
    guard !isSame else { return (0, 0) }
    let differences = zip(a, b).map { abs(Int($0) - Int($1)) }
    return (Double(differences.reduce(0, +)) / Double(max(1, a.count)), differences.max() ?? 0)
  }
}
