import FileIO

/// A time as an item file spells it: an exact decimal, so that no frame is won or lost to rounding.
public struct Seconds: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The time is `digits` · 10^−`places`; trailing zeros are dropped, so that equal times are the same value.
  public let digits: Int
  public let places: Int
  /// Digits that a time may have altogether.
  static let maximumDigits = 18

  public static let zero = Seconds(digits: 0, places: 0)

  init(digits: Int, places: Int) {
    var (digits, places) = (digits, places)
    while places > 0, digits % 10 == 0 { (digits, places) = (digits / 10, places - 1) }
    (self.digits, self.places) = (digits, places)
  }

  /// `12`, `0.3475`: digits, and more after a point. Nil for anything else, a sign or an exponent too, and for more than
  /// 18 digits.
  public init?(_ text: some Sequence<UInt8>) {
    var (digits, places, count) = (0, 0, 0)
    var point = false
    for byte in text {
      switch byte {
      case UInt8(ascii: "."):
        guard !point, count > 0 else { return nil }
        point = true
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        guard count < Self.maximumDigits else { return nil }
        digits = digits * 10 + Int(byte - UInt8(ascii: "0"))
        count += 1
        if point { places += 1 }
      default: return nil
      }
    }
    guard count > 0, !point || places > 0 else { return nil }
    self.init(digits: digits, places: places)
  }

  public init?(_ text: String) { self.init(text.utf8) }

  /// The time of a sample. It is exact where it has nine decimals at most, as at any rate whose only prime factors are
  /// 2 and 5; elsewhere the nearest nanosecond.
  public init(sample: Int, rate: Int) {
    precondition(sample >= 0 && rate > 0)
    let nanoseconds = (Int128(sample) * 1_000_000_000 + Int128(rate / 2)) / Int128(rate)
    self.init(digits: Int(nanoseconds), places: 9)
  }

  public static func < (a: Seconds, b: Seconds) -> Bool {
    Int128(a.digits) * power(b.places) < Int128(b.digits) * power(a.places)
  }

  static func power(_ exponent: Int) -> Int128 { (0..<exponent).reduce(1) { value, _ in value * 10 } }

  /// `0.3475`.
  public var description: String {
    guard places > 0 else { return "\(digits)" }
    let text = String(digits)
    let padded = String(repeating: "0", count: max(0, places + 1 - text.utf8.count)) + text
    return "\(padded.dropping(last: places)).\(Substring(padded.utf8.suffix(places)))"
  }
}
