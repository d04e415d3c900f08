import Kernels

extension Workers {
  /// The results of `body` for each of 0..<n, in order.
  func map<Value>(_ n: Int, _ body: (Int) -> Value) -> [Value] {
    var results = [Value?](repeating: nil, count: n)
    results.withUnsafeMutableBufferPointer { results in
      guard let base = results.baseAddress else { return }
      forEach(n) { base[$0] = body($0) }
    }
    return results.map { $0! }
  }
}
