import FileIO
import Images
import OrderedJSON
import Pixels
import TestSupport
import Testing

/// `cpc-inspect sheet` and `cpc-inspect pixels`.
@Suite struct SheetTests {
  private let folder: TemporaryFolder
  /// Of classes a to c, four pictures each, every one of one colour.
  private let colours: [[UInt8]]

  init() throws {
    folder = try TemporaryFolder()
    colours = (0..<12).map { (shade: UInt8) -> [UInt8] in [20 * shade, 255 - 20 * shade, 7 * shade] }
    for (i, colour) in colours.enumerated() {
      let name = ["a", "b", "c"][i / 4]
      try Folder.create(folder("c/\(name)"))
      let (width, height) = (12 + 2 * i, 6 + i)
      let pixels = (0..<width * height).flatMap { _ in colour }
      let png = try pixels.withUnsafeBufferPointer { try PNGWriter.encode($0, width: width, height: height) }
      try File.writing(folder("c/\(name)/\(10 + i).png")).write(png)
    }
    let make = ["--layout", "class-folders", "--size", "16x8", "-o", folder("d")]
    #expect(try runTool("cpc-shard", [folder("c")] + make).status == 0)
  }

  /// The sheet, and `(row, column, record, group)` of each picture in it.
  private func sheet(_ flags: [String]) throws -> (PixelBuffer, [(row: Int, column: Int, record: Int, group: String)]) {
    let result = try runTool("cpc-inspect", ["sheet", folder("d"), "-o", folder("s.png"), "--force", "--json"] + flags)
    #expect(result.status == 0, "\(result.messages)")
    let decoder = ImageDecoder()
    _ = try File.contents(of: folder("s.png")).withUnsafeBytes { try decoder.decode($0, name: "s.png") }
    let places = try result.text.split(separator: "\n").map { line in
      let place = try JSON(parsing: Array(line.utf8))
      return (
        place["row"]?.intValue ?? -1, place["column"]?.intValue ?? -1, place["record"]?.intValue ?? -1,
        place["group"]?.stringValue ?? ""
      )
    }
    for (row, column, record, _) in places {
      for (x, y) in [(0, 0), (7, 3)] {
        let pixel = 3 * ((4 + row * 8 + y) * decoder.pixels.width + 4 + column * 12 + x)
        #expect(Array(decoder.pixels.bytes[pixel..<pixel + 3]) == colours[record], "record \(record)")
      }
    }
    #expect(Array(decoder.pixels.bytes[..<3]) == [255, 255, 255])
    return (decoder.pixels, places)
  }

  @Test func recordsAreWhereTheListSays() throws {
    let (picture, places) = try sheet(["--thumbnail", "8", "--columns", "5"])
    #expect(picture.width == 4 + 5 * 12 && picture.height == 4 + 3 * 8)
    #expect(places.map(\.record).sorted() == Array(0..<12))
    #expect(places.map(\.row) == [0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 2, 2])
    let again = try sheet(["--thumbnail", "8", "--columns", "5"]).1
    #expect(again.map(\.record) == places.map(\.record))
    #expect(try sheet(["--thumbnail", "8", "--columns", "5", "--seed", "1"]).1.map(\.record) != places.map(\.record))
    #expect(try sheet(["--thumbnail", "8", "--count", "3"]).1.count == 3)
  }

  @Test func aRowIsAGroup() throws {
    let places = try sheet(["--thumbnail", "8", "--grouped", "--columns", "3"]).1
    #expect(places.map(\.group) == ["a", "a", "a", "b", "b", "b", "c", "c", "c"])
    #expect(places.allSatisfy { $0.record / 4 == $0.row })
    #expect(try sheet(["--thumbnail", "8", "--grouped", "--count", "5"]).1.map(\.group) == ["a", "a", "a", "a", "b"])
  }

  @Test func partsAreDrawnAlone() throws {
    let part = try runTool("cpc-split", [folder("d"), "--fraction", "valid=0.5", "--by", "utterance", "--seed", "1"])
    #expect(part.status == 0, "\(part.messages)")
    let valid = try sheet(["--thumbnail", "8", "--part", "valid"]).1.count
    let train = try sheet(["--thumbnail", "8", "--part", "train"]).1.count
    #expect(valid + train == 12 && valid > 0 && train > 0)
    let none = try runTool("cpc-inspect", ["sheet", folder("d"), "-o", folder("n.png"), "--part", "x"])
    #expect(none.status == 1 && Folder.kind(of: folder("n.png")) == nil, "\(none.messages)")
  }

  @Test func whatCannotBeIsRefused() throws {
    for flags in [["--count", "0"], ["--columns", "0"], ["--thumbnail", "9000"]] {
      #expect(try runTool("cpc-inspect", ["sheet", folder("d"), "-o", folder("n.png")] + flags).status == 64)
    }
    try File.writing(folder("s.png")).write("x")
    #expect(try runTool("cpc-inspect", ["sheet", folder("d"), "-o", folder("s.png")]).status == 1)
    let speech = try makeCorpus(folder("speech"))
    #expect(try runTool("cpc-shard", [speech.folder, "-o", folder("e")]).status == 0)
    for command in [["sheet", folder("e"), "-o", folder("n.png")], ["pixels", folder("e")]] {
      let result = try runTool("cpc-inspect", command)
      #expect(result.status == 64 && result.messages.contains("kind audio"), "\(result.messages)")
    }
  }

  @Test func meansAreThoseOfThePixels() throws {
    let result = try runTool("cpc-inspect", ["pixels", folder("d"), "--json"])
    #expect(result.status == 0, "\(result.messages)")
    let json = try JSON(parsing: result.output)
    for channel in 0..<3 {
      let values = colours.map { Double($0[channel]) / 255 }
      let mean = values.reduce(0, +) / 12
      let deviation = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / 12).squareRoot()
      #expect(abs((json["mean"]?.arrayValue?[channel].doubleValue ?? 9) - mean) < 1e-12)
      #expect(abs((json["std"]?.arrayValue?[channel].doubleValue ?? 9) - deviation) < 1e-12)
    }
    #expect(json["width"]?.compact == #"{"min":12,"median":22,"max":34}"#)
    #expect(json["height"]?.compact == #"{"min":6,"median":11,"max":17}"#)
    #expect(json["classes"]?.intValue == 3 && json["turned"]?.intValue == 0 && json["records"]?.intValue == 12)
    let text = try runTool("cpc-inspect", ["pixels", folder("d")]).text
    #expect(text.contains("12 to 34 pixels, median 22") && text.contains("12, 3 classes"), "\(text)")
  }
}
