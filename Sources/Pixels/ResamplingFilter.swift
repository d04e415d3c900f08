/// A filter for other sizes. Where a picture shrinks, the filter is as much wider as the picture gets smaller, so that
/// nothing aliases.
public enum ResamplingFilter: String, Sendable, CaseIterable {
  case box, bilinear, bicubic, lanczos

  /// How far from its middle the filter reaches.
  var support: Double {
    switch self {
    case .box: 0.5
    case .bilinear: 1
    case .bicubic: 2
    case .lanczos: 3
    }
  }

  /// Its value at `x` from its middle.
  func callAsFunction(_ x: Double) -> Double {
    let distance = abs(x)
    switch self {
    case .box: return x > -0.5 && x <= 0.5 ? 1 : 0
    case .bilinear: return distance < 1 ? 1 - distance : 0
    case .bicubic:
      // Keys 1981, with Pillow's a = -0.5.
      let a = -0.5
      if distance < 1 { return ((a + 2) * distance - (a + 3)) * distance * distance + 1 }
      return distance < 2 ? (((distance - 5) * distance + 8) * distance - 4) * a : 0
    case .lanczos: return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0
    }
  }
}

/// sin(πx) / πx.
private func sinc(_ x: Double) -> Double {
  guard x != 0 else { return 1 }
  // The C library's sine may differ in its last bit from processor to processor: here is a series, exact to a bit or
  // two for the angle that is left, of half a turn at most.
  let turns = x.rounded()
  let angle = (x - turns) * .pi
  var sum = 0.0
  var term = angle
  for i in 1...13 {
    sum += term
    term *= -angle * angle / Double(2 * i * (2 * i + 1))
  }
  return (Int(turns) % 2 == 0 ? sum : -sum) / (x * .pi)
}
