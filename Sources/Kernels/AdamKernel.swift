/// One Adam update (Kingma and Ba 2015, algorithm 1) of `count` parameters, in the order of operations of
/// `torch.optim.Adam`: value −= rate · mean / (√square · inverseSquareCorrection + epsilon), where `rate` already holds
/// the mean's bias correction. Gradients are multiplied by `gradientScale` first.
@specialized(where T == Float)
@specialized(where T == Double)
public func adamUpdate<T: KernelScalar>(
  count: Int, value: UnsafeMutablePointer<T>, gradient: UnsafePointer<T>, mean: UnsafeMutablePointer<T>,
  square: UnsafeMutablePointer<T>, gradientScale: T, beta1: T, beta2: T, rate: T, inverseSquareCorrection: T, epsilon: T
) {
  let keep1 = 1 - beta1
  let keep2 = 1 - beta2
  for i in 0..<count {
    let g = gradient[i] * gradientScale
    let m = mean[i] + keep1 * (g - mean[i])
    let v = beta2 * square[i] + keep2 * g * g
    mean[i] = m
    square[i] = v
    value[i] -= rate * m / (v.squareRoot() * inverseSquareCorrection + epsilon)
  }
}
