import OrderedJSON
import TestSupport
import Testing

@Suite struct JSONTests {
  @Test(arguments: [
    #"{"b":1,"a":[true,false,null,"x"],"c":{"z":0.10,"y":-1e-3}}"#, #"[]"#, #"{}"#, #""é\n\u0001😀""#,
    "12345678901234567890",
  ])
  func keepsOrderAndSpelling(text: String) throws {
    #expect(try JSON(parsing: text).compact == text)
  }

  @Test func decodesEscapes() throws {
    #expect(try JSON(parsing: #""\u00e9\ud83d\ude00\"\\\/\b\f\n\r\t""#) == .string("é😀\"\\/\u{8}\u{c}\n\r\t"))
  }

  @Test(arguments: [
    "", "{", "[1,]", "{\"a\":1,}", "{\"a\" 1}", "01", "1.", "1e", "+1", "nul", "\"\\x\"", "\"\\ud800\"",
    "\"\\ud800\\u0041\"",
    "\"a", "\"\u{1}\"", "{\"a\":1,\"a\":2}", "1 2", "[1 2]", "\"\\u00g0\"", "{1:2}", "NaN",
    String(repeating: "[", count: 1_000_000),
  ])
  func refuses(text: String) {
    #expect(throws: JSONError.self) { try JSON(parsing: text) }
  }

  @Test func refusesInvalidUTF8AndNamesTheByte() {
    let error = #expect(throws: JSONError.self) { try JSON(parsing: [0x5b, 0x22, 0xff, 0x22, 0x5d] as [UInt8]) }
    #expect(error?.offset == 2)
  }

  @Test func numbersReadBackAsTheyWere() throws {
    for value in [0.1, 1.0 / 3, Double.leastNonzeroMagnitude, 1.7976931348623157e308, 5, -0.0, 123456789.125] {
      #expect(try JSON(parsing: JSON.real(value).compact).doubleValue == value)
    }
    for value: Float in [0.1, 1.0 / 3, .leastNonzeroMagnitude, 3.4e38] {
      #expect(Float(try JSON(parsing: JSON.real(value).compact).doubleValue!) == value)
    }
    #expect(JSON.real(Double.nan) == .null)
    #expect(JSON.real(Float.infinity) == .null)
  }

  @Test func settingMembersKeepsTheirPlace() {
    var object: JSONObject = ["a": 1.json, "b": 2.json]
    object["a"] = 3.json
    object["c"] = 4.json
    object["b"] = nil
    #expect(JSON.object(object).compact == #"{"a":3,"c":4}"#)
  }

  /// Any bytes at all: an error or a value, and what is a value reads back from what it is written as.
  @Test func survivesMutation() {
    var random = SeededGenerator(1)
    let seed = Array(#"{"a":[1,-2.5e3,"x\u00e9\n"],"b":{"c":null,"d":true}}"#.utf8)
    for _ in 0..<20_000 {
      var bytes = seed
      for _ in 0...Int.random(in: 0..<3, using: &random) {
        bytes[Int.random(in: bytes.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      if let value = try? JSON(parsing: bytes) {
        #expect((try? JSON(parsing: value.compact)) == value)
      }
    }
  }
}

extension Int { fileprivate var json: JSON { .int(self) } }
