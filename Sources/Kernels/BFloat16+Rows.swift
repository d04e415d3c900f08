extension BFloat16 {
  public static func round(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<BFloat16>, _ count: Int) {
    for i in 0..<count { y[i] = BFloat16(x[i]) }
  }

  public static func expand(_ x: UnsafePointer<BFloat16>, into y: UnsafeMutablePointer<Float>, _ count: Int) {
    for i in 0..<count { y[i] = x[i].float }
  }

  public static func rectify(
    _ sums: UnsafeMutablePointer<Float>, adding bias: UnsafePointer<Float>, into y: UnsafeMutablePointer<BFloat16>,
    _ count: Int
  ) {
    for i in 0..<count {
      let value = sums[i] + bias[i]
      y[i] = BFloat16(value < 0 ? 0 : value)
    }
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<BFloat16>, into y: UnsafeMutablePointer<BFloat16>,
    addingTo sums: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    for i in 0..<count {
      let value = output[i].float <= 0 ? 0 : gradient[i]
      y[i] = BFloat16(value)
      sums[i] += value
    }
  }
}
