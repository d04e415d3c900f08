import FileIO
import Kernels
import Models
import Safetensors
import TestSupport
import Testing

/// Pictures in memory.
private final class Pictures: PayloadSource {
  let pixels: [[UInt8]]

  init(_ pixels: [[UInt8]]) { self.pixels = pixels }

  var windowCount: Int { pixels.count }
  func withPayload(_ i: Int, epoch: Int, _ body: (Payload) -> Void) {
    pixels[i].withUnsafeBufferPointer { body(Payload(ImageTransform.plane, $0)) }
  }
}

@Suite struct ImageTransformTests {
  private static let (height, width) = (47, 52)

  private func shape(_ colour: ImageColour) -> ImageModelShape {
    var shape = ImageModelShape()
    (shape.crop, shape.patch, shape.stride, shape.colour) = (40, 16, 8, colour)
    return shape
  }

  private func picture(_ seed: Int) -> [UInt8] {
    let stream = RandomStream(seed: UInt64(seed), purpose: .tests)
    return (0..<Self.height * Self.width * 3).map { UInt8(stream.integer(UInt64($0), below: 256)) }
  }

  private func apply(_ transform: ImageTransform, _ pixels: [UInt8], _ random: RandomStream?) -> [Float] {
    let channels = transform.colour.channels
    var output = [Float](repeating: .nan, count: 16 * 16 * 16 * channels)
    pixels.withUnsafeBufferPointer { pixels in
      output.withUnsafeMutableBufferPointer { transform.apply(Payload(ImageTransform.plane, pixels), random, to: $0) }
    }
    return output
  }

  /// One number at a time, by what the documentation says.
  private func reference(_ transform: ImageTransform, _ pixels: [UInt8], _ random: RandomStream?) -> [Float] {
    let square = transform.square(random)
    let channels = transform.colour.channels
    var result: [Float] = []
    for patch in 0..<16 {
      let part = transform.part(random, ofPatch: patch)
      for y in 0..<16 {
        for x in 0..<16 {
          for c in 0..<channels {
            // 15 of 16 pixels, the border of one at the end.
            guard y < 15, x < 15 else {
              result.append(0)
              continue
            }
            let row = patch / 4 * 8 + part.row + y
            let across = patch % 4 * 8 + part.column + x
            let column = square.isTurned ? 39 - across : across
            let place = 3 * ((square.row + row) * Self.width + square.column + column)
            let (r, g, b) = (Int(pixels[place]), Int(pixels[place + 1]), Int(pixels[place + 2]))
            let value = channels == 3 ? Int(pixels[place + c]) : (19595 * r + 38470 * g + 7471 * b + 32768) / 65536
            result.append((Float(value) - transform.mean) * (1 / transform.deviation))
          }
        }
      }
    }
    return result
  }

  @Test(arguments: ImageColour.allCases) func agreesWithTheDefinition(colour: ImageColour) {
    let transform = ImageTransform(
      shape(colour), height: Self.height, width: Self.width, mean: 117.25, deviation: 51.5)
    var (rows, columns, parts): (Set<Int>, Set<Int>, Set<Int>) = ([], [], [])
    var turned = 0
    for seed in 0..<40 {
      let random = seed == 0 ? nil : RandomStream(seed: UInt64(seed), purpose: .inputs)
      let pixels = picture(seed)
      let output = apply(transform, pixels, random)
      #expect(output == reference(transform, pixels, random))
      // The same numbers make the same input, others another.
      #expect(output == apply(transform, pixels, random))
      if random != nil { #expect(output != apply(transform, pixels, nil)) }
      let square = transform.square(random)
      #expect((0...7).contains(square.row) && (0...12).contains(square.column))
      if square.isTurned { turned += 1 }
      rows.insert(square.row)
      columns.insert(square.column)
      for patch in 0..<16 {
        let part = transform.part(random, ofPatch: patch)
        #expect((0...1).contains(part.row) && (0...1).contains(part.column))
        parts.insert(2 * part.row + part.column)
      }
    }
    #expect(rows == Set(0...7) && columns.count > 8 && parts == Set(0...3) && (8...32).contains(turned))
    #expect(transform.square(nil) == (3, 6, false) && transform.part(nil, ofPatch: 3) == (0, 0))
  }

  @Test func partsAreFourPixelsSmallerThanThePapersPatches() {
    let transform = ImageTransform(ImageModelShape(), height: 300, width: 300, mean: 0, deviation: 1)
    #expect(transform.square(nil) == (22, 22, false) && transform.part(nil, ofPatch: 0) == (2, 2))
    let white = [UInt8](repeating: 255, count: 270_000)
    var output = [Float](repeating: .nan, count: 49 * 64 * 64)
    for random in [nil, RandomStream(seed: 3, purpose: .inputs)] {
      white.withUnsafeBufferPointer { pixels in
        output.withUnsafeMutableBufferPointer { transform.apply(Payload(ImageTransform.plane, pixels), random, to: $0) }
      }
      for i in output.indices {
        let (y, x) = (i / 64 % 64, i % 64)
        #expect(output[i] == ((2..<62).contains(y) && (2..<62).contains(x) ? 255 : 0))
      }
    }
  }

  @Test func meanAndDeviationAreTheTrainingPictures() throws {
    let pictures = Pictures((0..<3).map(picture))
    for colour in ImageColour.allCases {
      let transform = try ImageTransform(shape(colour), height: Self.height, width: Self.width, for: pictures)
      let values = pictures.pixels.flatMap { pixels in
        colour == .rgb
          ? pixels.map { Double($0) }
          : stride(from: 0, to: pixels.count, by: 3).map { i in
            let sum = 19595 * Int(pixels[i]) + 38470 * Int(pixels[i + 1]) + 7471 * Int(pixels[i + 2])
            return Double((sum + 32768) / 65536)
          }
      }
      let mean = values.reduce(0, +) / Double(values.count)
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
      #expect(abs(Double(transform.mean) - mean) < 1e-4)
      #expect(abs(Double(transform.deviation) - variance.squareRoot()) < 1e-4)
      let metadata = transform.metadata
      let read = ImageSpecification.transform { key in
        metadata.first { $0.key.utf8.elementsEqual(key.utf8) }?.value
      }
      #expect(read as? ImageTransform == transform)
    }
    let blank = Pictures([[UInt8](repeating: 7, count: Self.height * Self.width * 3)])
    #expect(throws: Failure.self) {
      try ImageTransform(shape(.grey), height: Self.height, width: Self.width, for: blank)
    }
    #expect(ImageSpecification.transform { _ in nil } == nil)
  }

  /// Held-out pictures beside `cpc_tools`, number for number.
  @Test(.enabled(if: Python.hasTorch, "\(Python.reason)"), arguments: ImageColour.allCases)
  func agreesWithNumPy(colour: ImageColour) throws {
    let folder = try TemporaryFolder()
    let transform = ImageTransform(
      shape(colour), height: Self.height, width: Self.width, mean: 117.25, deviation: 51.5)
    let pictures = (0..<2).map(picture)
    let outputs = pictures.flatMap { apply(transform, $0, nil) }
    try writeTensors(
      [
        ("pixels", [2, Self.height, Self.width, 3], pictures.flatMap { $0.map { Float($0) } }),
        ("patches", [2, 16, 16, 16, colour.channels], outputs),
      ], to: folder("case"))
    let result = try Python.run([
      "-c",
      """
      import sys; sys.path.insert(0, sys.argv[1])
      import numpy
      from cpc_tools.images import held_out_patches
      from safetensors.numpy import load_file
      case = load_file(sys.argv[2])
      mine = held_out_patches(case["pixels"].astype(numpy.uint8), 40, 16, 8, sys.argv[3], 117.25, 51.5)
      assert mine.shape == case["patches"].shape and mine.dtype == case["patches"].dtype
      assert (mine == case["patches"]).all()
      """, Folder.parent(of: Python.tool("cpc_tools")), folder("case"), colour.rawValue,
    ])
    #expect(result.status == 0, "\(result.output)")
  }
}
