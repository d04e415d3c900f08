import FileIO
import Models
public import OrderedJSON
public import Shards

/// Features of pictures without any learning, which learnt ones are to be above.
public struct PictureFloor: FrameExtractor {
  public enum Kind: String, Sendable, CaseIterable {
    /// The means of 16 × 16 parts of the picture, red, green and blue: 768 numbers from 0 to 1.
    case pixels
    /// How much of the picture each of 8 × 8 × 8 ranges of red, green and blue takes: 512 numbers from 0 to 1.
    case colours
  }

  private let kind: Kind
  /// Of a picture, [height, width].
  private let size: (height: Int, width: Int)

  /// - Throws: a `Failure` if the records are no pictures, or of less than 16 × 16 pixels.
  public init(_ kind: Kind, of dataset: Dataset) throws {
    self.kind = kind
    let plane = dataset.schema.payload[0]
    guard isSame(dataset.schema.kind, "image"), plane.row.count == 3, plane.row[2] == 3,
      min(plane.row[0], plane.row[1]) >= Self.side
    else {
      throw Failure(
        .badInput, path: dataset.folder,
        "records of the kind \"\(dataset.schema.kind)\": \(kind.rawValue) are of pictures of at least 16 × 16 pixels")
    }
    size = (plane.row[0], plane.row[1])
  }

  private static let side = 16

  public var dimension: Int { kind == .pixels ? 3 * Self.side * Self.side : 512 }
  public var grid: FeatureGrid { .units }
  public var facts: JSONObject {
    ["features": .string(kind.rawValue), "checkpoint": .null, "precision": .string("fp32")]
  }

  public func check(_ dataset: Dataset) throws { _ = try PictureFloor(kind, of: dataset) }
  public func makeWorker(threads: Int) -> any FrameWorker { Worker(kind, size) }

  private final class Worker: FrameWorker {
    private let kind: Kind
    private let size: (height: Int, width: Int)

    init(_ kind: Kind, _ size: (height: Int, width: Int)) { (self.kind, self.size) = (kind, size) }

    func extract(_ payload: Payload, units: Int, into output: UnsafeMutablePointer<Float>) {
      let pixels = payload.elements("pixels", as: UInt8.self)
      let bytes = 3 * size.height * size.width
      for unit in 0..<units {
        let picture = UnsafeBufferPointer(rebasing: pixels[unit * bytes..<(unit + 1) * bytes])
        switch kind {
        case .pixels: means(picture, output + unit * 3 * PictureFloor.side * PictureFloor.side)
        case .colours: histogram(picture, output + unit * 512)
        }
      }
    }

    private func means(_ picture: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
      let side = PictureFloor.side
      for part in 0..<side * side {
        let rows = part / side * size.height / side..<(part / side + 1) * size.height / side
        let columns = part % side * size.width / side..<(part % side + 1) * size.width / side
        var sums = SIMD4<Int>()
        for row in rows {
          for column in columns {
            let pixel = 3 * (row * size.width + column)
            sums &+= SIMD4(Int(picture[pixel]), Int(picture[pixel + 1]), Int(picture[pixel + 2]), 0)
          }
        }
        let scale = 1 / Float(255 * rows.count * columns.count)
        for colour in 0..<3 { output[3 * part + colour] = Float(sums[colour]) * scale }
      }
    }

    private func histogram(_ picture: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutablePointer<Float>) {
      var counts = [Int](repeating: 0, count: 512)
      for pixel in stride(from: 0, to: picture.count, by: 3) {
        counts[Int(picture[pixel] >> 5) << 6 | Int(picture[pixel + 1] >> 5) << 3 | Int(picture[pixel + 2] >> 5)] += 1
      }
      for bin in 0..<512 { output[bin] = Float(counts[bin]) / Float(picture.count / 3) }
    }
  }
}
