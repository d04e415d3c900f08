import FileIO

extension Splitter {
  private struct Unit {
    var hash: UInt64
    var name: [UInt8]
    var utterances: [Int]
  }

  func assign(
    _ utterances: [SplitUtterance], shares: [Share], level: Level, seed: UInt64
  ) throws -> SplitAssignment {
    let units = units(of: utterances, level: level, seed: seed)
    var bounds: [Double] = []
    var sum = 0.0
    for share in shares {
      sum += share.fraction
      // Rounded, so that 0.1 + 0.2 cuts where 0.3 does.
      bounds.append((sum * Double(utterances.count) * 1e6).rounded() / 1e6)
    }
    var assignment = SplitAssignment(parts: Array(repeating: nil, count: utterances.count))
    var counts = Array(repeating: 0, count: shares.count)
    var before = 0
    for unit in units {
      let middle = Double(before) + Double(unit.utterances.count) / 2
      before += unit.utterances.count
      guard let part = bounds.firstIndex(where: { middle < $0 }) else { continue }
      counts[part] += unit.utterances.count
      for i in unit.utterances { assignment.parts[i] = shares[part].part }
    }
    if let empty = counts.firstIndex(of: 0), !utterances.isEmpty {
      throw Failure(
        .badInput, "part '\(shares[empty].part)' would get nothing: there are only \(units.count) \(level.rawValue)s",
        hint: "take a larger fraction or divide by smaller units")
    }
    return assignment
  }

  /// Units in the order of their keyed hashes; equal hashes in the order of their names.
  private func units(of utterances: [SplitUtterance], level: Level, seed: UInt64) -> [Unit] {
    var positions: [[UInt8]: Int] = [:]
    var units: [Unit] = []
    for (i, utterance) in utterances.enumerated() {
      let name = name(of: utterance, level: level)
      if let position = positions[name] {
        units[position].utterances.append(i)
      } else {
        positions[name] = units.count
        let key = withUnsafeBytes(of: seed.littleEndian) { Array($0) } + name
        units.append(Unit(hash: key.withUnsafeBytes { XXH3.hash64($0) }, name: name, utterances: [i]))
      }
    }
    return units.sorted { a, b in
      a.hash != b.hash ? a.hash < b.hash : a.name.lexicographicallyPrecedes(b.name)
    }
  }

  private func name(of utterance: SplitUtterance, level: Level) -> [UInt8] {
    switch level {
    case .utterance: Array(utterance.id.utf8)
    case .group: Array(utterance.group.utf8)
    // Session names are unique within their group only.
    case .session: Array(utterance.group.utf8) + [0] + Array((utterance.session ?? "").utf8)
    }
  }
}
