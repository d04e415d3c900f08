import FileIO
import Kernels
import Testing

/// Memory of any size: zeros, aligned, all of it there, and given back.
@Suite(.serialized) struct BufferTests {
  private static let huge = 2 << 20

  @Test(arguments: [0, 1, 15, 16, huge - 1, huge, huge + 1, 2 * huge + 4097, 5 * huge - 4095])
  func memoryIsZeroedAndAligned(bytes: Int) {
    let buffer = Buffer<UInt8>(count: bytes)
    #expect(Int(bitPattern: buffer.pointer) % (bytes >= Self.huge ? Self.huge : 64) == 0)
    #expect(buffer.bytes.allSatisfy { $0 == 0 })
    for i in [0, bytes / 2, bytes - 1] where buffer.bytes.indices.contains(i) { buffer[i] = 7 }
    #expect(bytes == 0 || buffer[bytes - 1] == 7)
  }

  /// Address space, in pages, as the system counts it.
  private func pages() throws -> Int {
    let text = String(decoding: try File.reading("/proc/self/statm").remainder(), as: UTF8.self)
    return try #require(Int(text.split(separator: " ")[0]))
  }

  @Test func largeMemoryIsGivenBack() throws {
    let before = try pages()
    for round in 0..<1000 {
      let buffer = Buffer<Float>(count: 4_000_000 + 777 * round)
      buffer[buffer.count - 1] = 1
    }
    // A thousand of them would be four million pages; other tests, which run at the same time, take far fewer.
    #expect(try pages() - before < 2_000_000)
  }

  @Test func whatWasUsedBeforeIsZeroAgain() {
    for _ in 0..<5 {
      for count in [100, 700_000] {
        let buffer = Buffer<Float>(count: count)
        #expect((0..<count).allSatisfy { buffer[$0] == 0 })
        for i in 0..<count { buffer[i] = 1 }
      }
    }
  }
}
