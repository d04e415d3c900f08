import FileIO
import Images
import Pixels

/// Decodes and frames a picture; what its header says must be what comes out. Decodes it again after another, and
/// frames it again: the pixels must be the same.
///
/// A first byte chooses fit, filter and frame; the rest is the file. Pictures are small, so that none takes long.
final class ImageFuzzer {
  private let decoder = ImageDecoder(background: RGB8(1, 2, 3), pixelLimit: 1 << 14)
  private let fresh = ImageDecoder(background: RGB8(1, 2, 3), pixelLimit: 1 << 14)
  private let framers: [ImageFramer]

  init() throws {
    framers = try ImageFraming.Fit.allCases.flatMap { fit in
      try ResamplingFilter.allCases.map { filter in
        try ImageFramer(ImageFraming(width: 13, height: 7, fit: fit, filter: filter))
      }
    }
  }

  func run(_ bytes: [UInt8]) throws {
    guard let first = bytes.first else { throw Failure(.badInput, "nothing") }
    let framer = framers[Int(first) % framers.count]
    try bytes.withUnsafeBytes { raw in
      let file = UnsafeRawBufferPointer(rebasing: raw[1...])
      let header = Result { try ImageFormat(of: file, name: "fuzz", pixelLimit: 1 << 14) }
      let decoded = Result { try decoder.decode(file, name: "fuzz") }
      if case .failure(let error) = decoded {
        precondition(decoder.pixels.width == 0 && decoder.pixels.bytes.isEmpty)
        guard let failure = error as? Failure else { preconditionFailure("another error: \(error)") }
        precondition(!failure.reason.isEmpty && failure.path == "fuzz")
        throw failure
      }
      let format = try header.get()
      let outcome = try decoded.get()
      precondition(outcome.format == format && outcome.trailingBytes >= 0 && outcome.trailingBytes < file.count)
      precondition(
        decoder.pixels.width == format.orientedWidth && decoder.pixels.height == format.orientedHeight
          && format.width * format.height <= 1 << 14)
      let record = try framed(decoder, framer)
      let again = try fresh.decode(file, name: "fuzz")
      precondition(again == outcome)
      precondition(fresh.pixels.bytes.elementsEqual(decoder.pixels.bytes), "decoded again, it is another picture")
      let other = try framed(fresh, framer)
      precondition(other == record)
    }
  }

  private func framed(_ decoder: ImageDecoder, _ framer: ImageFramer) throws -> [UInt8] {
    let count = framer.framing.byteCount
    return try [UInt8](unsafeUninitializedCapacity: count) {
      try framer.frame(decoder.pixels, into: $0)
      $1 = count
    }
  }
}
