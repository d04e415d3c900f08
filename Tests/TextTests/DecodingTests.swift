import FileIO
import Testing
import Text

@Suite struct DecodingTests {
  @Test func byteOrderMarksAreTakenOffOrNamed() throws {
    let marked = try read([0xef, 0xbb, 0xbf] + Array("One. Two.".utf8))
    #expect(marked.texts == ["One.", "Two."])
    #expect(marked.sentences.map(\.range) == [0..<4, 5..<9])
    #expect(marked.facts.bytes == 12 && marked.facts.textBytes == 9)
    for (head, name) in [
      ([0xff, 0xfe, 0x41, 0], "UTF-16"), ([0xfe, 0xff, 0, 0x41], "UTF-16"), ([0xff, 0xfe, 0, 0], "UTF-32"),
      ([0x1f, 0x8b, 8, 0], "gzip"), (Array("%PDF-1.7".utf8), "PDF"), ([0x50, 0x4b, 3, 4], "ZIP"),
    ] as [([UInt8], String)] {
      let failure = try read(head).failure
      #expect(failure?.reason.contains(name) == true && failure?.position == "byte 0" && failure?.kind == .badInput)
    }
    #expect(try read([0xef, 0xbb, 0xbf]) == ReadText(facts: facts { $0.bytes = 3 }))
    #expect(try read([UInt8]()) == ReadText())
  }

  private func facts(_ change: (inout TextFacts) -> Void) -> TextFacts {
    var facts = TextFacts()
    change(&facts)
    return facts
  }

  /// Whatever the pieces are in which the bytes come.
  @Test(
    arguments: [
      ([0x61, 0x80], 1), ([0xc0, 0xaf], 0), ([0x61, 0xe9, 0x20, 0x62], 1), ([0xed, 0xa0, 0x80], 0),
      ([0xf4, 0x90, 0x80, 0x80], 0), ([0xf0, 0x8f, 0xbf, 0xbf], 0), ([0xc3, 0xa9, 0xe2, 0x82], 2),
      ([0xef, 0xbb, 0xbf, 0x61, 0xff], 4), ([0x61, 0x62, 0, 0x63], 2), ([0xe2, 0x82, 0], 0),
      (Array("0123456789abcdef".utf8) + [0xf8], 16), (Array("0123456789abcde".utf8) + [0, 0x31, 0x32], 15),
    ] as [([UInt8], Int)])
  func invalidBytesAreNamed(bytes: [UInt8], place: Int) throws {
    let reader = try TextReader(.plain)
    for a in 0...bytes.count {
      for b in a...bytes.count {
        let failure = try reader.whole(bytes, borders: [a, b]).failure
        #expect(failure?.position == "byte \(place)" && failure?.path == "text", "\(bytes) at \(a), \(b)")
        #expect(failure?.kind == .badInput)
      }
    }
  }

  @Test func otherEncodings() throws {
    let french = try read([0x63, 0x61, 0x66, 0xe9, 0x20, 0x85, 0x0a], encoding: TextEncoding("windows-1252"))
    #expect(isSameText(french.texts, ["café …"]))
    let japanese: [UInt8] = [0x93, 0xfa, 0x96, 0x7b, 0x8c, 0xea, 0x81, 0x42]
    #expect(try read(japanese, encoding: TextEncoding("Shift_JIS")).texts == ["日本語。"])
    // An emoji is two units; with and without a mark.
    let emoji: [UInt8] = [0x48, 0, 0x69, 0, 0x20, 0, 0x3d, 0xd8, 0, 0xde]
    for (name, bytes) in [("utf-16le", emoji), ("utf-16le", [0xff, 0xfe] + emoji), ("UTF-16", [0xff, 0xfe] + emoji)] {
      for border in 0...bytes.count {
        let text = try read(bytes, encoding: TextEncoding(name), borders: [border])
        #expect(text.texts == ["Hi 😀"] && text.tokens == [["hi", "😀"]] && text.failure == nil)
        #expect(text.facts.textBytes == 7)
      }
    }
    // 0x85 of latin-1 is no line end.
    let latin = try read([0x61, 0x85, 0x62], .lines, encoding: TextEncoding("iso-8859-1"))
    #expect(latin.texts == ["a b"] && latin.facts.lines == 1)
  }

  @Test func invalidBytesOfOtherEncodingsAreNamed() throws {
    let long = [UInt8](repeating: 0x61, count: (1 << 14) - 1)
    for (name, bytes, place) in [
      ("shift_jis", [0x61, 0x93, 0x20, 0x61], 1), ("shift_jis", [0x61, 0x93], 1),
      ("shift_jis", long + [0x93, 0x20], long.count),
      ("utf-16le", [0x61, 0, 0, 0xdc, 0x61, 0], 2), ("utf-16le", [0x61, 0, 0, 0xd8, 0x61, 0], 2),
      ("utf-16le", [0x61, 0, 0, 0xd8], 2), ("utf-16be", [0, 0x61, 0x61], 2), ("us-ascii", [0x61, 0xe9], 1),
      ("utf-16le", [0x61, 0, 0, 0x61, 0, 0], 4), ("iso-8859-1", [0x61, 0x62, 0], 2),
      ("gb18030", [0x61, 0x81, 0x30, 0x81, 0x20, 0x61], 1), ("euc-jp", [0xa4, 0xa2, 0xa4, 0x20], 2),
    ] as [(String, [UInt8], Int)] {
      for border in bytes.count > 100 ? [0, 7, bytes.count - 1] : Array(0...bytes.count) {
        let failure = try read(bytes, encoding: TextEncoding(name), borders: [border]).failure
        #expect(
          failure?.position == "byte \(place)",
          "\(name) \(bytes.suffix(8)) at \(border): \(String(describing: failure))")
      }
    }
  }

  @Test func namesOfEncodings() throws {
    #expect(try TextEncoding("utf8") == .utf8 && TextEncoding("UTF-8").name == "UTF-8")
    #expect(try TextEncoding("windows-1252") == TextEncoding("cp1252"))
    for name in ["", "no-such", "latin1,swaplfnl", "../x", "é", String(repeating: "x", count: 100)] {
      #expect(throws: Failure.self) { try TextEncoding(name) }
    }
  }
}
