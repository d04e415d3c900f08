import CVectorKernels

extension BFloat16 {
  public static func round(_ x: UnsafePointer<Float>, into y: UnsafeMutablePointer<BFloat16>, _ count: Int) {
    cpc_round_bf16(x, bits(y), count)
  }

  public static func expand(_ x: UnsafePointer<BFloat16>, into y: UnsafeMutablePointer<Float>, _ count: Int) {
    cpc_expand_bf16(bits(x), y, count)
  }

  public static func rectify(
    _ sums: UnsafeMutablePointer<Float>, adding bias: UnsafePointer<Float>, into y: UnsafeMutablePointer<BFloat16>,
    _ count: Int
  ) {
    cpc_bias_relu_round_bf16(sums, bias, bits(y), count)
  }

  public static func rectifyGradient(
    _ gradient: UnsafeMutablePointer<Float>, output: UnsafePointer<BFloat16>, into y: UnsafeMutablePointer<BFloat16>,
    addingTo sums: UnsafeMutablePointer<Float>, _ count: Int
  ) {
    cpc_relu_gradient_round_bf16(gradient, bits(output), bits(y), sums, count)
  }

  private static func bits(_ x: UnsafePointer<BFloat16>) -> UnsafePointer<UInt16> {
    UnsafeRawPointer(x).assumingMemoryBound(to: UInt16.self)
  }

  private static func bits(_ x: UnsafeMutablePointer<BFloat16>) -> UnsafeMutablePointer<UInt16> {
    UnsafeMutableRawPointer(x).assumingMemoryBound(to: UInt16.self)
  }
}
