import Audio
import FileIO
import TestSupport
import Testing

@Suite struct MD5Tests {
  private func hexadecimal(_ digest: SIMD16<UInt8>) -> String {
    digest.indices.map { String(digest[$0] >> 4, radix: 16) + String(digest[$0] & 15, radix: 16) }.joined()
  }

  private func digests(_ messages: [[UInt8]]) -> [String] {
    let copies = messages.map { message in
      let copy = UnsafeMutableRawBufferPointer.allocate(byteCount: message.count, alignment: 1)
      copy.copyBytes(from: message)
      return copy
    }
    defer { for copy in copies { copy.deallocate() } }
    return MD5.digests(of: copies.map { UnsafeRawBufferPointer($0) }).map(hexadecimal)
  }

  /// RFC 1321, appendix A.5.
  @Test func knownAnswers() {
    let answers = [
      "": "d41d8cd98f00b204e9800998ecf8427e", "a": "0cc175b9c0f1b6a831c399e269772661",
      "abc": "900150983cd24fb0d6963f7d28e17f72", "message digest": "f96b697d7cb7938d525a2f31aaf161d0",
      "abcdefghijklmnopqrstuvwxyz": "c3fcd3d76192e4007dfb496cca67e13b",
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789": "d174ab98d277d9f5a5611c2c9f419d9f",
      "12345678901234567890123456789012345678901234567890123456789012345678901234567890":
        "57edf4a22be3c955ac49da2e2107b67a",
    ].sorted { $0.key < $1.key }
    #expect(digests(answers.map { Array($0.key.utf8) }) == answers.map(\.value))
    for answer in answers { #expect(digests([Array(answer.key.utf8)]) == [answer.value]) }
    #expect(digests([]) == [])
  }

  /// Lengths around every edge of a block, many more than lanes, against md5sum.
  @Test func agreesWithMD5Sum() throws {
    let folder = try TemporaryFolder()
    var random = SeededGenerator(21)
    let messages = (0..<300).map { i in
      (0..<(i < 200 ? i : Int.random(in: 0...5000, using: &random))).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
    }
    for (i, message) in messages.enumerated() { try File.writing(folder("\(1000 + i)")).write(message) }
    let result = try runProcess("/bin/bash", ["-c", "cd '\(folder.path)' && md5sum *"])
    let expected = result.text.split(separator: "\n").map { String($0.prefix(32)) }
    #expect(expected.count == messages.count)
    #expect(digests(messages) == expected)
  }
}
