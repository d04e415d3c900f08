import Corpora

/// What is wrong with an interval behind one that ends at `end`, nil if nothing is: it may begin only where that has ended.
func disorder(of interval: PhoneInterval, behind end: Double) -> String? {
  // Times that were added up meet only nearly.
  if interval.begin >= end - 1e-6, interval.end >= interval.begin, interval.end.isFinite { return nil }
  return "intervals overlap or run backwards: \(interval.label) begins at \(interval.beginText) s, before \(end) s"
}

/// What is wrong with the order of intervals, nil if nothing is.
func disorder(of intervals: [PhoneInterval]) -> String? {
  var end = 0.0
  for interval in intervals {
    if let reason = disorder(of: interval, behind: end) { return reason }
    end = interval.end
  }
  return nil
}
