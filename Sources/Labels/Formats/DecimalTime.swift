/// A time as decimal digits, so that sums and differences are exact: 0.1 + 0.2 is 0.3 here.
struct DecimalTime {
  private var units: Int
  private var decimals: Int

  /// Digits with at most one point between them, as aligners write seconds; nil for anything else.
  init?(_ text: String) {
    var units = 0
    var decimals: Int?
    guard let first = text.utf8.first, let last = text.utf8.last, first != UInt8(ascii: "."),
      last != UInt8(ascii: "."), text.utf8.count <= 17
    else { return nil }
    for byte in text.utf8 {
      if byte == UInt8(ascii: "."), decimals == nil {
        decimals = 0
      } else if case 0x30...0x39 = byte {
        units = units * 10 + Int(byte - 0x30)
        if let count = decimals { decimals = count + 1 }
      } else {
        return nil
      }
    }
    self.units = units
    self.decimals = decimals ?? 0
  }

  /// With as many decimals as the longer of the two; nil where that is too long.
  static func sum(_ a: String, _ b: String) -> String? { combine(a, b) { $0.addingReportingOverflow($1) } }

  /// Nil also if `b` is later.
  static func difference(_ a: String, _ b: String) -> String? {
    combine(a, b) { $0.subtractingReportingOverflow($1) }
  }

  private static func combine(
    _ a: String, _ b: String, _ operation: (Int, Int) -> (partialValue: Int, overflow: Bool)
  ) -> String? {
    guard let a = DecimalTime(a), let b = DecimalTime(b) else { return nil }
    let decimals = max(a.decimals, b.decimals)
    guard let x = a.units(decimals), let y = b.units(decimals) else { return nil }
    let (result, overflow) = operation(x, y)
    guard !overflow, result >= 0 else { return nil }
    var digits = String(result)
    guard decimals > 0 else { return digits }
    if digits.utf8.count <= decimals {
      digits = String(repeating: "0", count: decimals + 1 - digits.utf8.count) + digits
    }
    return digits.dropLast(decimals) + "." + digits.suffix(decimals)
  }

  private func units(_ wanted: Int) -> Int? {
    var result = units
    for _ in decimals..<wanted {
      let (product, overflow) = result.multipliedReportingOverflow(by: 10)
      if overflow { return nil }
      result = product
    }
    return result
  }
}
