import ABX
public import FileIO
import RealModule

/// ABX by the book: all triples one by one, in double precision, without any of the library's code but its list.
struct BruteForce {
  var list: ItemList
  /// By file: frames as vectors.
  var features: [[[Double]]]
  /// In seconds; the first frame is centred at half of it.
  var hop: Double
  var losesLastFrame = false

  private struct Cell: Hashable {
    var context: [Int]
    var phone: Int
    var other: Int
    var speaker: Int
    var speakerOfX: Int
  }

  func frames(_ item: Item) -> [[Double]] {
    func seconds(_ time: Seconds) -> Double { Double("\(time)")! }
    let inside = features[item.file].indices.filter { i in
      let centre = (Double(i) + 0.5) * hop
      return centre > seconds(item.onset) - 1e-9 && centre < seconds(item.offset) + 1e-9
    }
    return (losesLastFrame ? Array(inside.dropLast()) : inside).map { features[item.file][$0] }
  }

  static func angle(_ a: [Double], _ b: [Double]) -> Double {
    func unit(_ x: [Double]) -> [Double] {
      let norm = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
      return x.map { norm == 0 ? 1 / Double(x.count).squareRoot() : $0 / norm }
    }
    let cosine = zip(unit(a), unit(b)).reduce(0) { $0 + $1.0 * $1.1 }
    return Double.acos(min(1, max(-1, cosine))) / .pi
  }

  /// All monotone paths, by recursion on the last step, each with its sum and length; the least sum wins.
  static func distance(_ a: [[Double]], _ b: [[Double]]) -> Double {
    var best = [[(sum: Double, length: Int)]](repeating: [], count: a.count)
    for i in a.indices {
      for j in b.indices {
        let before = [
          i > 0 && j > 0 ? best[i - 1][j - 1] : nil, j > 0 ? best[i][j - 1] : nil, i > 0 ? best[i - 1][j] : nil,
        ].compactMap { $0 }
        let step = before.min { $0.sum < $1.sum } ?? (0, 0)
        best[i].append((step.sum + angle(a[i], b[j]), step.length + 1))
      }
    }
    return best.last!.last!.sum / Double(best.last!.last!.length)
  }

  /// Percent.
  func error(isWithin: Bool) -> (error: Double?, cells: Int, triples: Int) {
    let items = list.items.map { ($0, frames($0)) }.filter { !$0.1.isEmpty }
    var distances = items.map { x in items.map { y in Self.distance(x.1, y.1) } }
    for i in distances.indices { distances[i][i] = 0 }
    var cells: [Cell: (wrong: Double, triples: Int)] = [:]
    for (x, (ofX, _)) in items.enumerated() {
      for (a, (ofA, _)) in items.enumerated() where a != x && ofA.phone == ofX.phone {
        for (b, (ofB, _)) in items.enumerated() where ofB.phone != ofA.phone && ofB.speaker == ofA.speaker {
          let contexts = [ofX, ofA, ofB].map { [$0.previous, $0.next] }
          guard contexts[0] == contexts[1], contexts[1] == contexts[2] else { continue }
          guard (ofX.speaker == ofA.speaker) == isWithin else { continue }
          let cell = Cell(
            context: contexts[0], phone: ofA.phone, other: ofB.phone, speaker: ofA.speaker, speakerOfX: ofX.speaker)
          let difference = distances[x][a] - distances[x][b]
          // Equal but for the rounding of double precision.
          let wrong = abs(difference) < 1e-7 ? 0.5 : difference > 0 ? 1 : 0
          cells[cell, default: (0, 0)].wrong += wrong
          cells[cell, default: (0, 0)].triples += 1
        }
      }
    }
    var bySpeaker: [[Int]: [Double]] = [:]
    for (cell, score) in cells {
      bySpeaker[[cell.phone, cell.other, cell.speaker], default: []].append(score.wrong / Double(score.triples))
    }
    var byPair: [[Int]: [Double]] = [:]
    for (key, errors) in bySpeaker { byPair[Array(key[..<2]), default: []].append(Self.mean(errors)) }
    let triples = cells.values.reduce(0) { $0 + $1.triples }
    return (byPair.isEmpty ? nil : 100 * Self.mean(byPair.values.map(Self.mean)), cells.count, triples)
  }

  private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}

/// Features in memory.
struct TableSource: FeatureSource {
  var values: [Name: FeatureFrames]

  func features(of file: Name) throws -> FeatureFrames? { values[file] }
}

extension BruteForce {
  /// What the library is given.
  var source: TableSource {
    TableSource(
      values: Dictionary(
        uniqueKeysWithValues: zip(list.files, features).map { name, frames in
          (name, FeatureFrames(frames.joined().map { Float($0) }, dimension: frames[0].count))
        }))
  }

  /// A list of random items of a few phones, contexts and speakers over random features, which single precision has
  /// exactly.
  init(
    seed: Int, files: Int = 6, itemsPerFile: Int = 9, dimension: Int = 5, longest: Int = 82,
    value: (inout Noise) -> Double
  ) {
    var noise = Noise(seed)
    list = ItemList()
    features = []
    hop = 0.01
    for file in 0..<files {
      features.append((0..<100).map { _ in (0..<dimension).map { _ in Double(Float(value(&noise))) } })
      for _ in 0..<itemsPerFile {
        let onset = noise.integer(below: 900)
        let length = 12 + noise.integer(below: longest - 12)
        list.append(
          file: Name("file\(file)"), onset: Seconds(sample: onset, rate: 1000),
          offset: Seconds(sample: onset + length, rate: 1000), phone: Name("p\(noise.integer(below: 3))"),
          previous: Name("p\(noise.integer(below: 2))"), next: "n", speaker: Name("s\(file / 2)"))
      }
    }
  }
}

extension Name: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}
