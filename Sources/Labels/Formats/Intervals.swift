import Corpora

/// What is wrong with the order of intervals, nil if nothing is: each may begin only where the one before has ended.
func disorder(of intervals: [PhoneInterval]) -> String? {
  var previous = 0.0
  for interval in intervals {
    // Times that were added up meet only nearly.
    if interval.begin < previous - 1e-6 {
      return
        "intervals overlap or run backwards: \(interval.label) begins at \(interval.beginText) s, before \(previous) s"
    }
    previous = interval.end
  }
  return nil
}
