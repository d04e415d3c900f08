/// One step of a GRU for one sequence (see `GRU` for the equations). `gates` holds the products with the input, without
/// bias, and receives r, z and n; `recurrent` holds those with the previous state and is overwritten; `candidate`
/// receives W_hn h + b_hn.
@specialized(where T == Float)
@specialized(where T == Double)
public func gruStep<T: KernelScalar>(
  units: Int, gates: UnsafeMutablePointer<T>, recurrent: UnsafeMutablePointer<T>, inputBias: UnsafePointer<T>,
  recurrentBias: UnsafePointer<T>, candidate: UnsafeMutablePointer<T>, previous: UnsafePointer<T>,
  next: UnsafeMutablePointer<T>
) {
  for i in 0..<3 * units { recurrent[i] += recurrentBias[i] }
  for i in 0..<3 * units { gates[i] += inputBias[i] }
  for i in 0..<2 * units { gates[i] += recurrent[i] }
  T.sigmoid(gates, 2 * units)
  let reset = gates
  let update = gates + units
  let new = gates + 2 * units
  let hidden = recurrent + 2 * units
  for i in 0..<units {
    candidate[i] = hidden[i]
    new[i] += reset[i] * hidden[i]
  }
  T.tanh(new, units)
  for i in 0..<units { next[i] = (1 - update[i]) * new[i] + update[i] * previous[i] }
}

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
