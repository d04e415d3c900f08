import FileIO

extension LabelTrack {
  /// The labels with their times: those of frames as runs of equal labels.
  ///
  /// - Parameter samples: length of the utterance, at which the last cell ends; nil if unknown.
  public func intervals(samples: Int?, rate: Int, cell: Int) -> [PhoneInterval] {
    switch content {
    case .intervals(let intervals): return intervals
    case .frames(let labels, let grid):
      let first = grid.first(cell: cell)
      func seconds(_ frame: Int) -> Double {
        // What lies before the first span takes label 0, as cell 0 does.
        frame == 0 ? 0 : Double(min(first + frame * cell, samples ?? .max)) / Double(rate)
      }
      var result: [PhoneInterval] = []
      var begin = 0
      while begin < labels.count {
        let end = labels[begin...].firstIndex { !isSame($0, labels[begin]) } ?? labels.count
        if let label = labels[begin] {
          result.append(PhoneInterval(label: label, begin: seconds(begin), end: seconds(end)))
        }
        begin = end
      }
      return result
    }
  }

  /// One label for each frame of a grid: the one that holds at the frame's centre. Those of the same grid stay as they
  /// are.
  ///
  /// - Parameter samples: length of the utterance; nil takes the end of the last interval for it.
  public func frames(on grid: FrameGrid, samples: Int?, rate: Int, cell: Int) throws -> [String?] {
    if let samples { try length.check(samples: samples, rate: rate, cell: cell) }
    let first = grid.first(cell: cell)
    switch content {
    case .intervals(let intervals):
      let count = grid.count(samples: samples ?? length.extent(rate: rate, cell: cell), cell: cell)
      return try LabelGrid.sampled(
        intervals, count: count, first: first, rate: rate, cell: cell, missing: nil
      ) { $0.label }
    case .frames(let labels, let own):
      if own == grid { return labels }
      guard let samples else {
        throw Failure(
          .badInput, "labels on the grid \(own.rawValue) do not tell how many there are on \(grid.rawValue)",
          hint: "\(setting: "lengths") gives the lengths of the utterances")
      }
      return (0..<grid.count(samples: samples, cell: cell)).map { i in
        let place = max(0, first + i * cell + cell / 2 - own.first(cell: cell)) / cell
        return place < labels.count ? labels[place] : nil
      }
    }
  }

  /// Labels whose times count frames of `cell` samples from 0, as those of Kaldi's CTM do, put on the grid of the frames.
  func counted(on grid: FrameGrid, rate: Int, cell: Int) throws -> LabelTrack {
    guard case .intervals(let intervals) = content else { return self }
    func frame(_ seconds: Double) throws -> Int {
      let place = seconds * Double(rate) / Double(cell)
      guard place * Double(cell) <= Double(Int32.max), abs(place - place.rounded()) < 0.01 else {
        throw Failure(.badInput, "\(id): \(seconds) s is no border of frames of \(cell * 1000 / rate) ms")
      }
      return Int(place.rounded())
    }
    var labels: [String?] = []
    for interval in intervals {
      let (begin, end) = (try frame(interval.begin), try frame(interval.end))
      labels += [String?](repeating: nil, count: max(0, begin - labels.count))
      labels += [String?](repeating: interval.label, count: end - begin)
    }
    var track = self
    track.content = .frames(labels, grid)
    return track
  }

}

extension [PhoneInterval] {
  /// With a label wherever there is none, from 0 to the end of the utterance or, if that is nil, of the last label.
  func filled(with label: String, until length: String?) -> [PhoneInterval] {
    var result: [PhoneInterval] = []
    var end = "0"
    func fill(until begin: String) {
      guard let gap = PhoneInterval(label: label, begin: end, end: begin), gap.end > gap.begin + 1e-6 else { return }
      result.append(gap)
    }
    for interval in self {
      fill(until: interval.beginText)
      result.append(interval)
      end = interval.endText
    }
    if let length { fill(until: length) }
    return result
  }

  /// With gaps that rounding made given to the later one.
  func closed() throws -> [PhoneInterval] { try IntervalSequence(self).closed }

  /// Throws where there is a gap before a label, for formats that have none.
  func requireNoGap() throws {
    var end = 0.0
    for interval in self {
      guard interval.begin <= end + 1e-6 else {
        throw Failure(
          .badInput, "nothing is labelled from \(end) to \(interval.begin) s: the format cannot say that",
          hint: "\(setting: "fill") SIL gives it a label")
      }
      end = interval.end
    }
  }

  /// The end of an utterance of so many seconds, as a file declares it: that of the last label, unless the utterance goes
  /// on by more than rounding makes.
  func end(of length: Double?) -> String {
    let end = last?.end ?? 0
    if let length, length - end > LabelLength.tolerance { return "\(length)" }
    return last?.endText ?? "0"
  }
}
