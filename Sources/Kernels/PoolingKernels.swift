import CVectorKernels

/// Where x[i] is above best[i], or is not a number: best[i] = x[i] and place[i] = `here`.
@specialized(where T == Float)
@specialized(where T == Double)
public func keepMaximum<T: KernelScalar>(
  _ x: UnsafePointer<T>, _ best: UnsafeMutablePointer<T>, _ place: UnsafeMutablePointer<UInt8>, from here: UInt8,
  count: Int
) {
  if T.self == Float.self { return cpc_keep_maximum(single(x), single(best), place, here, count) }
  for i in 0..<count where x[i] > best[i] || x[i].isNaN { (best[i], place[i]) = (x[i], here) }
}

/// sums[i] += x[i] where place[i] is `here`.
@specialized(where T == Float)
@specialized(where T == Double)
public func add<T: KernelScalar>(
  _ x: UnsafePointer<T>, where place: UnsafePointer<UInt8>, is here: UInt8, to sums: UnsafeMutablePointer<T>, count: Int
) {
  if T.self == Float.self { return cpc_add_where(single(x), place, here, single(sums), count) }
  for i in 0..<count where place[i] == here { sums[i] += x[i] }
}
