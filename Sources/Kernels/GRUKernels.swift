import CVectorKernels
import RealModule

/// One step of a GRU for one sequence (see `GRU` for the equations). `gates` holds the products with the input, without
/// bias, and receives r, z and n; `recurrent` holds those with the previous state; `candidate` receives W_hn h + b_hn.
@specialized(where T == Float)
@specialized(where T == Double)
public func gruStep<T: KernelScalar>(
  units: Int, gates: UnsafeMutablePointer<T>, recurrent: UnsafePointer<T>, inputBias: UnsafePointer<T>,
  recurrentBias: UnsafePointer<T>, candidate: UnsafeMutablePointer<T>, previous: UnsafePointer<T>,
  next: UnsafeMutablePointer<T>
) {
  if T.self == Float.self {
    cpc_gru_step(
      units, single(gates), single(recurrent), single(inputBias), single(recurrentBias), single(candidate),
      single(previous), single(next))
    return
  }
  for i in 0..<units {
    let (u, c) = (units + i, 2 * units + i)
    let reset = logistic(gates[i] + inputBias[i] + (recurrent[i] + recurrentBias[i]))
    let update = logistic(gates[u] + inputBias[u] + (recurrent[u] + recurrentBias[u]))
    let hidden = recurrent[c] + recurrentBias[c]
    let new = hyperbolicTangent(gates[c] + inputBias[c] + reset * hidden)
    gates[i] = reset
    gates[u] = update
    gates[c] = new
    candidate[i] = hidden
    next[i] = (1 - update) * new + update * previous[i]
  }
}

@inline(__always)
private func logistic<T: KernelScalar>(_ x: T) -> T { T(1 / (1 + Double.exp(-Double(x)))) }

@inline(__always)
private func hyperbolicTangent<T: KernelScalar>(_ x: T) -> T { T(Double.tanh(Double(x))) }

/// The way back through ``gruStep(units:gates:recurrent:inputBias:recurrentBias:candidate:previous:next:)``.
///
/// `carried` comes with the gradient that the later steps send to this step's state, and leaves with the part that goes
/// directly to the previous one; the part through the recurrent products is `recurrentGradient` · W_hh, left to the
/// caller.
@specialized(where T == Float)
@specialized(where T == Double)
public func gruStepBack<T: KernelScalar>(
  units: Int, gates: UnsafePointer<T>, candidate: UnsafePointer<T>, previous: UnsafePointer<T>,
  contextGradient: UnsafePointer<T>, carried: UnsafeMutablePointer<T>, inputGradient: UnsafeMutablePointer<T>,
  recurrentGradient: UnsafeMutablePointer<T>
) {
  if T.self == Float.self {
    cpc_gru_step_back(
      units, single(gates), single(candidate), single(previous), single(contextGradient), single(carried),
      single(inputGradient), single(recurrentGradient))
    return
  }
  for i in 0..<units {
    let reset = gates[i]
    let update = gates[units + i]
    let new = gates[2 * units + i]
    let gradient = contextGradient[i] + carried[i]
    let newGradient = gradient * (1 - update) * (1 - new * new)
    let resetGradient = newGradient * candidate[i] * reset * (1 - reset)
    let updateGradient = gradient * (previous[i] - new) * update * (1 - update)
    carried[i] = gradient * update
    inputGradient[i] = resetGradient
    inputGradient[units + i] = updateGradient
    inputGradient[2 * units + i] = newGradient
    recurrentGradient[i] = resetGradient
    recurrentGradient[units + i] = updateGradient
    recurrentGradient[2 * units + i] = newGradient * reset
  }
}
