import FileIO

/// A whole number as people write one: `400`, `1e4`, `10k`, `1.5M`. k, M and G are thousands, millions and billions.
///
/// - Throws: a ``NumberError`` if it is none, or none that an `Int` holds; `1.5` is none.
@Sendable public func readCount(_ text: String) throws -> Int {
  guard let number = Decimal(text) else { throw NumberError("a whole number is needed, as 400, 1e4, 10k or 2M") }
  guard number.isWhole else { throw NumberError("it is not whole") }
  guard let whole = number.whole else { throw NumberError("it is too large") }
  return whole
}

/// A share of something: `0.1`, `1e-3`, `10%`.
///
/// - Throws: a ``NumberError`` if it is no number.
@Sendable public func readShare(_ text: String) throws -> Double {
  let isPercent = text.ends(with: "%")
  let digits = isPercent ? String(text.dropping(last: 1)) : text
  // Written as a power of ten, so that 33.3% is what 0.333 is, to the last bit.
  guard let number = Decimal(digits, suffixes: false), let value = number.value(exponent: isPercent ? -2 : 0) else {
    throw NumberError("a share is needed, as 0.1, 1e-3 or 10%")
  }
  return value
}

/// Why a text is no number; what it is a number for is said by whoever reads the flag.
public struct NumberError: Error, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }
}

/// `12.5e3` as it stands there: digits and a power of ten.
private struct Decimal {
  private let isNegative: Bool
  private let digits: Substring.UTF8View
  private let fraction: Substring.UTF8View
  private let exponent: Int

  private static let suffixes: [(letter: UInt8, power: Int)] = [
    (UInt8(ascii: "k"), 3), (UInt8(ascii: "K"), 3), (UInt8(ascii: "M"), 6), (UInt8(ascii: "G"), 9),
  ]

  /// Nil if it is no number. A suffix and an exponent are not written together.
  init?(_ text: String, suffixes: Bool = true) {
    var rest = Substring(text).utf8
    isNegative = rest.first == UInt8(ascii: "-")
    if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    func take() -> Substring.UTF8View {
      let digits = rest.prefix { UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }
      rest = rest.dropFirst(digits.count)
      return digits
    }
    digits = take()
    var fraction = rest.prefix(0)
    if rest.first == UInt8(ascii: ".") {
      rest.removeFirst()
      fraction = take()
    }
    self.fraction = fraction
    guard !digits.isEmpty || !fraction.isEmpty else { return nil }
    if let suffix = Self.suffixes.first(where: { suffixes && $0.letter == rest.first }) {
      rest.removeFirst()
      exponent = suffix.power
    } else if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
      guard let power = Int(Substring(rest.dropFirst())), power.magnitude < 1000 else { return nil }
      exponent = power
      rest = rest.prefix(0)
    } else {
      exponent = 0
    }
    guard rest.isEmpty else { return nil }
  }

  /// All digits, the point after `exponent` more of them than there are before it.
  private var all: [UInt8] { Array(digits) + Array(fraction) }
  private var point: Int { digits.count + exponent }

  var isWhole: Bool { all.dropFirst(max(0, point)).allSatisfy { $0 == UInt8(ascii: "0") } && (point >= 0 || isZero) }
  private var isZero: Bool { all.allSatisfy { $0 == UInt8(ascii: "0") } }

  /// Of one that is whole; nil if an `Int` does not hold it.
  var whole: Int? {
    guard !isZero else { return 0 }
    let all = all
    let text = all.prefix(point) + Array(repeating: UInt8(ascii: "0"), count: max(0, point - all.count))
    return Int((isNegative ? "-" : "") + String(decoding: text, as: UTF8.self))
  }

  /// The nearest `Double`, of the number times ten to the power of `exponent`.
  func value(exponent more: Int) -> Double? {
    Double((isNegative ? "-" : "") + String(decoding: all, as: UTF8.self) + "e\(exponent - fraction.count + more)")
  }
}
