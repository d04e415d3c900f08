import FileIO
import Safetensors
import TestSupport
import Testing

@Suite struct SafetensorsTests {
  private func parse(_ header: String, data: Int = 0) throws -> SafetensorsHeader {
    var bytes = withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) }
    bytes += Array(header.utf8) + [UInt8](repeating: 0, count: data)
    return try bytes.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: "x") }
  }

  @Test func writesWhatItReads() throws {
    let folder = try TemporaryFolder()
    let floats: [Float] = [1, 2, 3, 4, 5, 6]
    let bytes: [UInt8] = [7, 8, 9]
    try floats.withUnsafeBytes { f in
      try bytes.withUnsafeBytes { b in
        try writeSafetensors(
          [TensorBytes("f", .f32, shape: [2, 3], bytes: f), TensorBytes("b", .u8, shape: [3], bytes: b)],
          metadata: [("key", "value \"é\"")], alignment: 4096, to: folder("x.safetensors"))
      }
    }
    let file = try SafetensorsFile(mapping: folder("x.safetensors"))
    #expect(file.header.dataStart == 4096)
    #expect(file.header[metadata: "key"] == "value \"é\"")
    #expect(try file.elements("f", .f32, shape: [2, -1], as: Float.self) == floats)
    #expect(try file.elements("b", .u8, shape: [3], as: UInt8.self) == bytes)
    #expect(throws: Failure.self) { try file.elements("f", .f32, shape: [3, 2], as: Float.self) }
    #expect(throws: Failure.self) { try file.elements("g", .f32, shape: [3, 2], as: Float.self) }
    #expect(throws: Failure.self) { try file.elements("f", .f64, shape: [2, 3], as: Double.self) }
  }

  @Test func acceptsTrailingSpaceAndAnyOrder() throws {
    let header = try parse(
      #"{"b":{"dtype":"U8","shape":[2],"data_offsets":[4,6]},"a":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}   "#)
    #expect(header.tensors.map(\.name) == ["a", "b"])
    #expect(header.fileSize == header.dataStart + 6)
  }

  /// The rules of `validate` in the reference implementation's `tensor.rs`, one violation each.
  @Test(arguments: [
    #"[]"#, #" {}"#, #"{"#, "{}\0",
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]}}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"b":{"dtype":"U8","shape":[2],"data_offsets":[3,5]}}"#,
    #"{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,2]}}"#,
    #"{"a":{"dtype":"U9","shape":[2],"data_offsets":[0,2]}}"#,
    #"{"a":{"dtype":"U8","shape":[-2],"data_offsets":[0,2]}}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[2,0]}}"#,
    #"{"a":{"dtype":"U8","shape":[2]}}"#, #"{"a":{"shape":[2],"data_offsets":[0,2]}}"#, #"{"a":1}"#,
    #"{"a":{"dtype":"U64","shape":[9223372036854775807,8],"data_offsets":[0,2]}}"#,
    #"{"a":{"dtype":"U8","shape":[9223372036854775807],"data_offsets":[0,9223372036854775807]}}"#,
    #"{"__metadata__":{"a":1}}"#, #"{"__metadata__":"a"}"#,
    #"{"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]},"a":{"dtype":"U8","shape":[2],"data_offsets":[0,2]}}"#,
  ])
  func refuses(header: String) {
    #expect(throws: Failure.self) { try parse(header, data: 8) }
  }

  @Test func refusesFilesOfTheWrongSize() throws {
    let folder = try TemporaryFolder()
    try [UInt8](repeating: 1, count: 100).withUnsafeBytes {
      try writeSafetensors([TensorBytes("a", .u8, shape: [100], bytes: $0)], to: folder("x"))
    }
    let good = try File.contents(of: folder("x"))
    let bad: [[UInt8]] = [good.dropLast(), good + [0], Array(good.prefix(20)), Array(good.prefix(4)), []]
    for bytes in bad {
      try writeAtomically(to: folder("y")) { try $0.write(bytes) }
      let failure = #expect(throws: Failure.self) { try SafetensorsFile(mapping: folder("y")) }
      #expect(failure?.path == folder("y"))
    }
  }

  @Test func refusesHugeHeaderLengths() {
    for length: UInt64 in [0, 1, 100_000_001, .max] {
      let bytes = withUnsafeBytes(of: length.littleEndian) { Array($0) } + Array("{}".utf8)
      #expect(throws: Failure.self) { try bytes.withUnsafeBytes { try SafetensorsHeader(parsing: $0, path: "x") } }
    }
  }
}
