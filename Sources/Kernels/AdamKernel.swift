import CVectorKernels

/// One Adam update (Kingma and Ba 2015, algorithm 1) of `count` parameters, in the order of operations of
/// `torch.optim.Adam`: value −= rate · mean / (√square · inverseSquareCorrection + epsilon), where `rate` already holds
/// the mean's bias correction. Gradients are multiplied by `gradientScale` first. `new1` and `new2` are 1 − beta1 and
/// 1 − beta2, given because single precision would lose five of their digits.
@specialized(where T == Float)
@specialized(where T == Double)
public func adamUpdate<T: KernelScalar>(
  count: Int, value: UnsafeMutablePointer<T>, gradient: UnsafePointer<T>, mean: UnsafeMutablePointer<T>,
  square: UnsafeMutablePointer<T>, gradientScale: T, new1: T, beta2: T, new2: T, rate: T, inverseSquareCorrection: T,
  epsilon: T
) {
  if T.self == Float.self {
    cpc_adam_update(
      count, single(value), single(gradient), single(mean), single(square), Float(gradientScale), Float(new1),
      Float(beta2), Float(new2), Float(rate), Float(inverseSquareCorrection), Float(epsilon))
    return
  }
  for i in 0..<count {
    let g = gradient[i] * gradientScale
    let m = mean[i] + new1 * (g - mean[i])
    let v = beta2 * square[i] + new2 * g * g
    mean[i] = m
    square[i] = v
    value[i] -= rate * m / (v.squareRoot() * inverseSquareCorrection + epsilon)
  }
}
