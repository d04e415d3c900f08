import FileIO
import Safetensors
import TestSupport
import Testing

@Suite struct SealTests {
  private func write(_ path: String) throws -> String {
    let floats: [Float] = [1, 2, 3, 4, 5, 6]
    return try floats.withUnsafeBytes {
      try writeSealedSafetensors(
        [TensorBytes("f", .f32, shape: [2, 3], bytes: $0)], metadata: [("key", #"a "cpc.digest":" in a value"#)],
        to: path)
    }
  }

  @Test func aSealedFileIsIntactAndOpensAsAnyOther() throws {
    let folder = try TemporaryFolder()
    let digest = try write(folder("x"))
    let file = try SafetensorsFile(mapping: folder("x"))
    try file.checkSeal()
    #expect(file.digest == digest && digest.count == 32)
    #expect(file.header.metadata.map(\.key) == ["key", "cpc.digest"])
    #expect(try file.elements("f", .f32, shape: [2, 3], as: Float.self) == [1, 2, 3, 4, 5, 6])
    // By hand: the digest of the file with zeros in its place.
    var bytes = try File.contents(of: folder("x"))
    let place = try #require(bytes.firstRange(of: Array(digest.utf8)))
    bytes.replaceSubrange(place, with: repeatElement(UInt8(ascii: "0"), count: 32))
    #expect(XXH3.hash128(bytes) == digest)
  }

  /// Every bit of the file, one after the other, and every length.
  @Test func anyDamageIsFound() throws {
    let folder = try TemporaryFolder()
    _ = try write(folder("x"))
    let good = try File.contents(of: folder("x"))
    func isRefused(_ bytes: [UInt8]) throws -> Bool {
      try writeAtomically(to: folder("y")) { try $0.write(bytes) }
      do {
        try SafetensorsFile(mapping: folder("y")).checkSeal()
        return false
      } catch let failure as Failure { return failure.kind == .corrupt && failure.path == folder("y") }
    }
    #expect(try !isRefused(good))
    for bit in 0..<8 * good.count {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(try isRefused(bytes), "bit \(bit)")
    }
    for count in 0..<good.count { #expect(try isRefused(Array(good.prefix(count))), "\(count) bytes") }
    #expect(try isRefused(good + [0]))
  }

  @Test func aFileWithoutADigestCannotBeChecked() throws {
    let folder = try TemporaryFolder()
    try writeSafetensors([], metadata: [("key", "value")], to: folder("x"))
    let file = try SafetensorsFile(mapping: folder("x"))
    #expect(file.digest == nil)
    #expect { try file.checkSeal() } throws: { ($0 as? Failure)?.reason.contains("no digest") == true }
  }
}
