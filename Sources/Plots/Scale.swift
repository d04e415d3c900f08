import FileIO
import Glibc

/// What the numbers of an axis are.
public enum Unit: Sendable {
  case plain
  /// Fractions, shown as per cent.
  case percent
}

/// Where numbers stand along an axis, and which of them have a tick: round numbers, 1, 2 or 5 times a power of ten.
struct Scale {
  let domain: ClosedRange<Double>
  let isLogarithmic: Bool
  let unit: Unit
  let ticks: [Double]
  /// Digits after the point of a tick's label.
  private let digits: Int

  /// A scale that has room for all `values`, which are finite and, on a logarithmic scale, positive. One number, or equal
  /// numbers, stand in the middle.
  ///
  /// - Parameter isRounded: the ends are ticks.
  init(_ values: [Double], unit: Unit = .plain, isLogarithmic: Bool = false, isRounded: Bool = false, count: Int = 5) {
    var low = values.min() ?? 0
    var high = values.max() ?? 1
    if isLogarithmic {
      if low == high { (low, high) = (low / 2, high * 2) }
      domain = low...high
      ticks = Self.powers(low, high)
      digits = 0
    } else {
      if high - low <= 1e-12 * max(abs(low), abs(high)) {
        let room = low == 0 ? 1 : abs(low) / 2
        (low, high) = (low - room, high + room)
      }
      let step = Self.step((high - low) / Double(count))
      if isRounded { (low, high) = ((low / step).rounded(.down) * step, (high / step).rounded(.up) * step) }
      domain = low...high
      let first = (low / step - 1e-9).rounded(.up)
      let last = (high / step + 1e-9).rounded(.down)
      ticks = (0...Int(max(0, min(last - first, 50)))).map { (first + Double($0)) * step }.filter {
        abs($0) < .infinity
      }
      digits = max(0, Int(-log10(unit == .percent ? 100 * step : step).rounded(.down)))
    }
    self.unit = unit
    self.isLogarithmic = isLogarithmic
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is not below `least`.
  private static func step(_ least: Double) -> Double {
    let power = pow(10, log10(least).rounded(.down))
    return ([1, 2, 5].first { $0 * power >= least * (1 - 1e-9) } ?? 10) * power
  }

  private static func powers(_ low: Double, _ high: Double) -> [Double] {
    let exponents = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let isWide = log10(high / low) > 4
    let every = max(1, exponents.count / 8)
    let all = exponents.filter { ($0 - exponents.lowerBound) % every == 0 }
      .flatMap { exponent in (isWide ? [1] : [1, 2, 5]).map { $0 * pow(10, Double(exponent)) } }
    return all.filter { low * (1 - 1e-9) <= $0 && $0 <= high * (1 + 1e-9) }
  }

  /// 0 at the beginning of the axis, 1 at its end.
  func position(_ value: Double) -> Double {
    if isLogarithmic { return log(value / domain.lowerBound) / log(domain.upperBound / domain.lowerBound) }
    return (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
  }

  func label(_ tick: Double) -> String {
    let shown = unit == .percent ? 100 * tick : tick
    let suffix = unit == .percent ? " %" : ""
    let size = abs(shown)
    if size == 0, digits > 5 { return "0" + suffix }
    if size >= 1e6 || (size > 0 && (size < 1e-4 || digits > 5)) {
      let exponent = Int(log10(size).rounded(.down))
      let mantissa = shown / pow(10, Double(exponent))
      let rounded = (mantissa * 1000).rounded() / 1000
      let text = rounded == rounded.rounded() ? fixed(rounded, 0) : fixed(rounded, 3)
      return "\(text)e\(exponent)\(suffix)"
    }
    if isLogarithmic, size < 1 { return fixed(shown, Int(-log10(size).rounded(.down))) + suffix }
    return fixed(shown, digits) + suffix
  }
}

/// Throws if a number cannot be drawn, naming it.
func requireFinite(_ value: Double, isPositive: Bool = false, _ what: @autoclosure () -> String) throws {
  guard value.isFinite, abs(value) < 1e150 else { throw Failure(.badInput, "\(what()): \(value) cannot be drawn") }
  guard !isPositive || value > 0 else {
    throw Failure(.badInput, "\(what()): \(value) cannot be drawn on a logarithmic axis")
  }
}
