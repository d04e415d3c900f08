import FileIO

/// How sentences are divided into folds: for each, the places of its test part, ascending.
enum Folds {
  /// Neighbours, the first folds one longer where the number does not divide: scikit-learn's `KFold` without shuffling.
  static func contiguous(_ count: Int, folds: Int) throws -> [[Int]] {
    guard count >= folds else { throw tooFew(count, folds) }
    var start = 0
    return (0..<folds).map { fold in
      let size = count / folds + (fold < count % folds ? 1 : 0)
      defer { start += size }
      return Array(start..<start + size)
    }
  }

  /// Each class alike in all folds, by chance: scikit-learn's `StratifiedKFold` with shuffling, fold by fold and sentence by
  /// sentence (since its version 0.22).
  static func stratified(_ labels: [Int32], folds: Int, seed: UInt32) throws -> [[Int]] {
    // Classes in the order in which they appear.
    var codes: [Int32: Int] = [:]
    for label in labels where codes[label] == nil { codes[label] = codes.count }
    let encoded = labels.map { codes[$0]! }
    let sorted = encoded.sorted()
    guard let most = codes.values.map({ code in encoded.count { $0 == code } }).max(), most >= folds else {
      throw tooFew(labels.count, folds)
    }
    // Sorted labels are dealt out like cards, which tells how many of a class a fold gets; which ones is shuffled.
    var shares = [[Int]](repeating: [Int](repeating: 0, count: codes.count), count: folds)
    for (i, code) in sorted.enumerated() { shares[i % folds][code] += 1 }
    var random = MersenneTwister(seed: seed)
    var result = [[Int]](repeating: [], count: folds)
    for code in 0..<codes.count {
      var places = (0..<folds).flatMap { repeatElement($0, count: shares[$0][code]) }
      random.shuffle(&places)
      for (place, i) in zip(places, encoded.indices.filter { encoded[$0] == code }) { result[place].append(i) }
    }
    return result.map { $0.sorted() }
  }

  private static func tooFew(_ count: Int, _ folds: Int) -> Failure {
    Failure(.badInput, "\(count) sentences cannot be divided into \(folds) folds", hint: "use a larger set")
  }
}
