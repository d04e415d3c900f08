/// Triples of one context that share the phone of A and X, the phone of B, the speaker of A and B, and that of X.
struct Cell: Sendable {
  let isWithin: Bool
  /// Of A and B.
  let speaker: Int
  /// Of A and X.
  let phone: Int
  /// Of B.
  let other: Int
  /// Share of triples in which B is nearer to X than A, ties as half.
  let error: Double
  let triples: Int
}

/// Means over cells as Libri-Light and fastabx take them, alike: over contexts (and speakers of X, in the same mean), then
/// over speakers of A and B, then over pairs of phones.
struct CellMeans {
  private struct Key: Hashable {
    let phone: Int
    let other: Int
    let speaker: Int
  }

  private var places: [Key: Int] = [:]
  private var sums: [(key: Key, sum: Double, cells: Int)] = []
  private var cells = 0
  private var triples = 0

  mutating func add(_ cell: Cell) {
    let key = Key(phone: cell.phone, other: cell.other, speaker: cell.speaker)
    if places[key] == nil {
      places[key] = sums.count
      sums.append((key, 0, 0))
    }
    sums[places[key]!].sum += cell.error
    sums[places[key]!].cells += 1
    cells += 1
    triples += cell.triples
  }

  var score: ABXScore {
    var places: [[Int]: Int] = [:]
    var pairs: [(sum: Double, speakers: Int)] = []
    for (key, sum, cells) in sums {
      let pair = [key.phone, key.other]
      if places[pair] == nil {
        places[pair] = pairs.count
        pairs.append((0, 0))
      }
      pairs[places[pair]!].sum += sum / Double(cells)
      pairs[places[pair]!].speakers += 1
    }
    let error = pairs.reduce(0) { $0 + $1.sum / Double($1.speakers) } / Double(pairs.count)
    return ABXScore(error: pairs.isEmpty ? nil : 100 * error, cells: cells, triples: triples, phonePairs: pairs.count)
  }
}
