import FileIO
import OrderedJSON
import Testing

/// Names are equal if their bytes are.
@Suite struct NameTests {
  private let composed = "caf\u{e9}"
  private let decomposed = "cafe\u{301}"

  @Test func swiftWouldTakeTheTwinsForOne() {
    // What the rest is about: if this changes, much can go.
    #expect(composed == decomposed && "K" == "\u{212a}" && ";" == "\u{37e}")
  }

  @Test func twinsAreTwo() {
    #expect(Name(composed) != Name(decomposed))
    #expect(Set([Name(composed), Name(decomposed), Name(composed)]).count == 2)
    #expect([Name(composed): 1, Name(decomposed): 2][Name(decomposed)] == 2)
    #expect([Name(composed), Name(decomposed)].sorted() == [Name(decomposed), Name(composed)])
    #expect(!isSame(composed, decomposed) && isSame(composed, composed[...]))
    #expect(!isSame("K", "\u{212a}"))
    #expect(isSame(String?.none, String?.none) && !isSame(composed, String?.none))
  }

  @Test func beginningsEndsAndPiecesAreOfBytes() {
    #expect("a/\u{301}b".pieces(at: "/") == ["a", "\u{301}b"])
    #expect("\u{600}/b".pieces(at: "/").map { String($0) } == ["\u{600}", "b"])
    #expect("a//b/".pieces(at: "/", omittingEmpty: true) == ["a", "b"])
    #expect("a b\tc".pieces(at: " ", "\t", maxSplits: 1) == ["a", "b\tc"])
    #expect("x.flac\u{301}".ends(with: ".flac\u{301}") && !"x.flac\u{301}".ends(with: ".flac"))
    #expect(!decomposed.begins(with: composed) && "\u{37e}a".begins(with: "\u{37e}") && !"\u{37e}a".begins(with: ";"))
    #expect("a.\u{301}b".divided(atLast: ".")! == ("a", "\u{301}b"))
    #expect("a=b=c".divided(atFirst: "=")! == ("a", "b=c") && "abc".divided(atFirst: "=") == nil)
    #expect("É.WAV".asciiLowercased == "É.wav" && "\u{212a}".asciiLowercased == "\u{212a}")
    #expect("x.wav".dropping(last: 4) == "x" && "key:v".dropping(first: 4) == "v")
  }

  @Test func whatIsNoUTF8IsShown() {
    #expect(shown(Array("caf".utf8) + [0xe9] + Array(" ü".utf8)) == "caf\\xE9 ü")
    #expect(shown([0xff, 0xc3, 0x28, 0xe2, 0x82]) == "\\xFF\\xC3(\\xE2\\x82")
    #expect(shown(Array("é\u{301}".utf8)).utf8.elementsEqual("é\u{301}".utf8))
  }

  @Test func keysOfJSONAreBytes() throws {
    let text = "{\"\(composed)\":1,\"\(decomposed)\":2}"
    var object = try #require(try JSON(parsing: text).objectValue)
    #expect(object[composed]?.intValue == 1 && object[decomposed]?.intValue == 2)
    object[decomposed] = .int(3)
    #expect(JSON.object(object).compact.utf8.elementsEqual("{\"\(composed)\":1,\"\(decomposed)\":3}".utf8))
    #expect(JSON.string(composed) != JSON.string(decomposed))
    #expect(throws: JSONError.self) { try JSON(parsing: "{\"\(composed)\":1,\"\(composed)\":2}") }
  }

  @Test(
    arguments: [
      ("93680", 93680), ("93680.0", 93680), ("1.6e4", 16000), ("16000.000e0", 16000), ("1E3", 1000), ("120e-1", 12),
      ("-5.0", -5), ("0.0", 0), ("-0.0", 0), ("9007199254740993.0", 9_007_199_254_740_993),
      ("9223372036854775807.0", Int.max), ("0e99999999999", nil), ("93680.5", nil), ("93680.00000000000000000001", nil),
      ("1e30", nil), ("9223372036854775808", nil), ("1e-1", nil), ("1e99999999999999999999", nil), ("0.1e1", 1),
    ] as [(String, Int?)]) func wholeNumbersMayBeSpelledAsFractions(text: String, value: Int?) throws
  {
    let number = try JSON(parsing: text)
    // No exponent of so many digits is worth reading.
    #expect(number.intValue == value || text == "0e99999999999" && number.intValue == 0)
    #expect(number.compact == text)
  }
}
